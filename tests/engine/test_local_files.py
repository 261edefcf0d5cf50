"""Files of this machine: the path that a text means, and what is said of a file that cannot be read."""

import os
from pathlib import Path

import pytest

from faldeck.engine import local_files
from faldeck.engine.local_files import NoFile


def test_home_is_where_a_tilde_points(isolation: Path) -> None:
    assert local_files.path_of(" ~/fox.png ") == isolation / "fox.png"
    assert local_files.path_of("~nobody-of-this-name/fox.png") == Path("~nobody-of-this-name/fox.png")


def test_a_file_link_is_a_path() -> None:
    assert local_files.path_of("file:///tmp/two%20foxes.png") == Path("/tmp/two foxes.png")


def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoFile, match=r"^There is no file .*gone\.png\.$"):
        local_files.facts(tmp_path / "gone.png")
    with pytest.raises(NoFile, match=r"is a folder, not a file\.$"):
        local_files.facts(tmp_path)
    with pytest.raises(NoFile, match=r"cannot be read: "):
        local_files.facts(Path("a\0b"))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoFile, match=r"is a pipe or a device, not a file\.$"):
        local_files.facts(tmp_path / "pipe")


def test_a_path_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(NoFile) as caught:
        local_files.facts(tmp_path / "\x1b[31mred")
    assert "\x1b" not in str(caught.value)


def test_a_link_that_is_none_is_a_path_that_leads_nowhere() -> None:
    path = local_files.path_of("file://[x")
    with pytest.raises(NoFile):
        local_files.facts(path)
