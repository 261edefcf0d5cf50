"""Where our folders are."""

import sys
from pathlib import Path

import platformdirs
import pytest

from faldeck.system import folders, paths

SURROUNDINGS = [
    {},
    {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/e", "XDG_STATE_HOME": "/f"},
    {"XDG_CONFIG_HOME": "not/whole", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": " /e ", "XDG_STATE_HOME": "~/f"},
    {"HOME": "not/whole"},
    {"HOME": ""},
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=str)
def test_folders_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str]) -> None:
    for name in SURROUNDINGS[1]:
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    own = {name: platformdirs.PlatformDirs(folders.APP, appauthor=False) for name in ("config", "data", "cache", "log")}

    assert {name: folders.folder(name) for name in own} == {
        name: getattr(found, f"user_{name}_dir") for name, found in own.items()
    }


@pytest.mark.parametrize("named", ["", "/p", "not/whole"])
@pytest.mark.parametrize("file", ["", 'XDG_PICTURES_DIR="$HOME/Bilder"\n'])
def test_pictures_are_where_the_system_has_them(
    isolation: Path, monkeypatch: pytest.MonkeyPatch, named: str, file: str
) -> None:
    monkeypatch.setenv("XDG_PICTURES_DIR", named)
    if file:
        (isolation / "config").mkdir()
        (isolation / "config" / "user-dirs.dirs").write_text(file)

    assert folders.pictures() == platformdirs.user_pictures_dir()


def test_a_path_is_the_folder_of_that_name() -> None:
    found = {"config": paths.config_dir(), "data": paths.data_dir(), "cache": paths.cache_dir(), "log": paths.log_dir()}

    assert found == {name: Path(folders.folder(name)) for name in found}


@pytest.mark.skipif(sys.platform != "linux", reason="on other systems platformdirs is asked")
def test_no_folder_is_made_by_being_named(isolation: Path) -> None:
    assert not Path(folders.history_file(of_demo=True)).parent.exists()
