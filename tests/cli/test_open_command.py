"""`faldeck open`: the file, the URL, the clipboard, the QR code."""

import os
import pty
import termios
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.app import sharing
from faldeck.config.settings import config_path


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def opened(person: Person, tmp_path: Path) -> Path:
    """The file with the words that the person's program was started with, a line each."""
    program, words = tmp_path / "viewer", tmp_path / "words"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> {words}\n")
    program.chmod(0o755)
    os.mkfifo(words)
    config_path().write_text(f'open_command = "{program} --"\n{config_path().read_text()}')
    return words


def read_all(terminal: int) -> bytes:
    """All that is written to a terminal until the last program that has it ends."""
    drawn = b""
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        while True:
            try:
                drawn += screen.read(4096) or b""
            except OSError:  # So Linux tells that nobody has the other end.
                return drawn


def test_the_url_or_the_file_is_opened_as_asked(person: Person, opened: Path) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    (file,) = made["outputs"]

    for way, place in (("--url", file["url"]), ("--file", file["path"])):
        assert person.types("open", made["id"], way).out == ""
        assert opened.read_text() == f"--\n{place}\n"


def test_a_file_that_is_not_here_is_told_with_the_command_that_fetches_it(person: Person) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    Path(made["outputs"][0]["path"]).unlink()

    said = person.types("open", made["id"], "--file", "--json")

    assert said.status == 4
    assert said.document["error"]["hint"] == f"faldeck result {made['id']} --download"


def test_a_url_is_copied_where_there_is_a_clipboard(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    url = made["outputs"][0]["url"]
    without = person.types("open", made["id"], "--copy")
    writer = tmp_path / "wl-copy"
    writer.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\n")
    writer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")

    said = person.types("open", made["id"], "--copy", "--json")

    assert (without.status, without.out) == (1, f"{url}\n") and "There is no clipboard here" in without.err
    assert said.document == {"place": url, "is_opened": False, "is_copied": True}
    assert (tmp_path / "copied").read_text() == url


def test_a_qr_code_in_a_pipe_has_no_colours(person: Person) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    url = made["outputs"][0]["url"]

    said = person.types("open", made["id"], "--qr")

    assert said.out.splitlines() == [url, *sharing.without_colours(sharing.qr_lines(url))]


@pytest.mark.parametrize(("no_colour", "is_coloured"), [("", True), ("1", False)])
def test_a_qr_code_on_a_terminal_is_black_on_white_unless_there_are_no_colours(
    person: Person, no_colour: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document
    url = made["outputs"][0]["url"]
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.setenv("TERM", "xterm")
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (30, 80))
    with person.starts("open", made["id"], "--qr", stdout=inside):
        os.close(inside)
        drawn = read_all(terminal).decode().replace("\r\n", "\n")

    lines = sharing.qr_lines(url, 80, 29)
    wanted = [f"\x1b[38;5;16;48;5;231m{line}\x1b[0m" for line in lines]
    assert drawn.splitlines() == [url, *(wanted if is_coloured else sharing.without_colours(lines))]


def test_a_job_without_files_has_nothing_to_share(person: Person) -> None:
    person.types("run", MISHAP, "--failure", "crash")

    said = person.types("open", jobs()[0].id, "--qr")

    assert said.status == 4 and "The job has no files: it is failed." in said.err


def test_a_qr_code_is_no_json(person: Person) -> None:
    assert person.types("open", "x", "--qr", "--json").status == 2
