"""The person's desktop, where there is one: what opens a URL or a file there, and what its clipboard holds."""

from __future__ import annotations

import mimetypes
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

OPENABLE = ("https://", "http://", "/")
"""How a target begins that may be handed to another program: an answer's other schemes may run things."""

SHOWN = ("image/", "video/", "audio/", "model/", "text/plain", "text/csv", "application/json", "application/pdf")
"""The types of files that may be: a desktop runs others as programs, and a service chooses its files' names."""

CLIPBOARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-paste", "--no-newline")),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-out")),
    ("DISPLAY", ("xsel", "--clipboard", "--output")),
    ("TMUX", ("tmux", "save-buffer", "-")),
)
"""The variable that says there is a clipboard of a kind → the command that prints what it holds."""

SYSTEM_CLIPBOARDS = {"darwin": ("pbpaste",), "win32": ("powershell", "-Command", "Get-Clipboard")}
"""The same by platform, where the person sits at this machine."""

CLIPBOARD_SECONDS = 2.0
"""A clipboard whose owner hangs is not waited for any longer."""


def opener(open_command: str | None, environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The command that opens a URL or a file on the person's desktop; None where there is no desktop here.

    Over SSH only a command that was set opens anything: the desktop's own would open on the wrong machine.
    Raises OSError as `command_words` does.
    """
    if open_command:
        return command_words(open_command, "open_command")
    if _is_remote(environ):
        return command_words(environ["BROWSER"], "$BROWSER") if environ.get("BROWSER") else None
    if sys.platform == "darwin":
        return ["open"]
    if sys.platform == "win32":
        return ["explorer"]
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return ["xdg-open"] if has_desktop and shutil.which("xdg-open") else None


def command_words(command: str, setting: str) -> list[str]:
    """The words of a command that a person has set; raises OSError, which names the setting, where it is none."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise OSError(f"{setting} is no command: {error}") from error
    if not words:  # What is to be opened would be run.
        raise OSError(f"{setting} is no command: it is blank")
    return words


def show(target: str, open_command: str | None) -> bool:
    """Opens a URL or an absolute path without waiting for it; False where nothing here can or should.

    Raises OSError.
    """
    command = opener(open_command)
    if command is None or not _is_openable(target):
        return False
    process = subprocess.Popen(
        [*command, target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="desktop", daemon=True).start()
    return True


def _is_openable(target: str) -> bool:
    kind = mimetypes.guess_type(target)[0] or ""
    return target.startswith(OPENABLE) and (not target.startswith("/") or kind.startswith(SHOWN))


def clipboard(environ: Mapping[str, str] = os.environ) -> str:
    """The text that the clipboard holds; empty where there is none that can be read from here."""
    for command in _clipboards(environ):
        if shutil.which(command[0]) and (text := _printed(command)):
            return text
    return ""


def _clipboards(environ: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    yield from (command for variable, command in CLIPBOARDS if environ.get(variable))
    if not _is_remote(environ) and sys.platform in SYSTEM_CLIPBOARDS:
        yield SYSTEM_CLIPBOARDS[sys.platform]


def _is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the person sits at another machine."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def _printed(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CLIPBOARD_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # There is no owner, or its text cannot be had: to the person that is an empty clipboard.
    return done.stdout.decode("utf-8", "replace")
