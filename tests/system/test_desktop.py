"""What opens a file or a URL, and where nothing may."""

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from faldeck.system import desktop


@pytest.mark.parametrize(
    ("open_command", "environ", "command"),
    [
        ("firefox --new-tab", {}, ["firefox", "--new-tab"]),
        ("firefox", {"SSH_TTY": "/dev/pts/1"}, ["firefox"]),
        (None, {"SSH_TTY": "/dev/pts/1", "BROWSER": "lemonade open"}, ["lemonade", "open"]),
        (None, {"SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":0"}, None),
    ],
)
def test_over_a_remote_line_only_what_was_set_opens_anything(
    open_command: str | None, environ: Mapping[str, str], command: list[str] | None
) -> None:
    assert desktop.opener(open_command, environ) == command


@pytest.mark.parametrize("target", ["javascript:alert(1)", "file:///etc/passwd", "-rf", "data:text/html,x", "a/b"])
def test_what_is_no_link_and_no_path_is_never_handed_to_a_program(target: str) -> None:
    assert desktop.show(target, "/bin/false") is False


@pytest.mark.parametrize("name", ["x.desktop", "x.sh", "x.exe", "x.html", "x.png.command", "x", "x.jar", "x.zip"])
def test_a_file_that_a_desktop_may_run_is_not_handed_to_it(name: str) -> None:
    assert desktop.show(f"/home/me/{name}", "/bin/true") is False


@pytest.mark.parametrize("name", ["x.png", "x y.MP4", "x.wav", "x.svg", "x.json", "x.txt", "x.obj"])
def test_a_file_that_is_looked_at_is_opened(name: str) -> None:
    assert desktop.show(f"/home/me/{name}", "/bin/true") is True


def test_the_clipboard_is_read_by_the_command_of_the_desktop_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "wl-paste"
    command.write_text("#!/bin/sh\nprintf 'a fox'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert desktop.clipboard({"WAYLAND_DISPLAY": "wayland-0"}) == "a fox"
    assert desktop.clipboard({}) == ""


def test_a_clipboard_that_cannot_be_read_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "xclip"
    command.write_text("#!/bin/sh\necho no selection >&2\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert desktop.clipboard({"DISPLAY": ":0"}) == ""


@pytest.mark.parametrize("command", ["firefox 'new", " "])
def test_a_command_that_is_none_is_named_and_runs_nothing(command: str) -> None:
    with pytest.raises(OSError, match=r"^open_command is not a command"):
        desktop.opener(command)
    with pytest.raises(OSError, match=r"^\$BROWSER is not a command"):
        desktop.opener(None, {"SSH_TTY": "/dev/pts/1", "BROWSER": command})


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("true %s", ["true", "https://x.y/a"]),
        ("/no/such/program:true --new %s &", ["true", "--new", "https://x.y/a"]),
        ("true --url=%s", ["true", "--url=https://x.y/a"]),
        ("true", ["true", "https://x.y/a"]),
    ],
)
def test_the_persons_browsers_are_a_list_of_commands_with_a_place_for_the_address(
    browser: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", browser)
    assert desktop.command("https://x.y/a", None) == words


def test_why_nothing_opens_is_said() -> None:
    assert "SSH" in desktop.why_nothing_opens("https://x.y/a", {"SSH_TTY": "/dev/pts/1"})
    assert "no desktop" in desktop.why_nothing_opens("https://x.y/a", {})
    assert "type" in desktop.why_nothing_opens("/home/me/x.sh", {})


@pytest.mark.parametrize("script", ["echo %s", 'echo "%s"', "echo '%s'", 'echo "--new=%s"'])
def test_an_address_is_one_word_to_a_shell_too(script: str, tmp_path: Path) -> None:
    bad = f"https://x.y/a?b=$(touch${{IFS}}{tmp_path}/made)&touch `id` 'c' \"d\""
    words = desktop.command(bad, f"sh -c {shlex.quote(script)}")
    assert words
    done = subprocess.run(words, capture_output=True, text=True, check=True)

    assert done.stderr == "" and done.stdout.count("\n") == 1
    assert done.stdout.removeprefix("--new=").strip("'\n").startswith("https://x.y/a?b=%24(touch")
    assert not (tmp_path / "made").exists()


def test_a_path_with_blanks_is_one_word_to_a_shell() -> None:
    assert desktop.command("/tmp/a b.png", "sh -c 'feh \"%s\"'") == ["sh", "-c", "feh '/tmp/a b.png'"]


@pytest.mark.parametrize("open_command", ["viewer", "viewer %s", "viewer --url %s"])
def test_no_target_begins_with_a_dash(open_command: str) -> None:
    for target in ("https://x.y/-rf", "/tmp/-rf.png"):
        words = desktop.command(target, open_command)
        assert words and not words[-1].startswith("-")
    assert desktop.command("--help", open_command) is None
