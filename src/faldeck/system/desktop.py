"""The person's desktop, if there is one: opens URLs and files, and reads and fills the clipboard."""

from __future__ import annotations

import mimetypes
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence

from faldeck.safety import sanitize

OPENABLE = ("https://", "http://", "/")
"""The schemes of URLs that may be opened: other schemes in an answer may run programs."""

SHOWN = ("image/", "video/", "audio/", "model/", "text/plain", "text/csv", "application/json", "application/pdf")
"""The types of files that may be opened: a desktop may run others as programs, and a service chooses the names."""

CLIPBOARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-paste", "--no-newline")),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-out")),
    ("DISPLAY", ("xsel", "--clipboard", "--output")),
    ("TMUX", ("tmux", "save-buffer", "-")),
)
"""The variable that is set for a kind of clipboard → the command that prints its text."""

SYSTEM_CLIPBOARDS = {"darwin": ("pbpaste",), "win32": ("powershell", "-Command", "Get-Clipboard")}
"""The same by platform, if the person sits at this machine."""

CLIPBOARD_WRITERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-in")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)
"""The variable that is set for a kind of clipboard → the command that fills it."""

TEXT_BROWSERS = frozenset(
    {"w3m", "lynx", "links", "links2", "elinks", "www-browser", "browsh", "carbonyl", "chawan", "cha"}
)
"""Programs that show a page on the terminal, so the deck must give the terminal to them."""

SHELLS = frozenset({"ash", "bash", "dash", "fish", "ksh", "sh", "zsh"})

_NOT_IN_SCRIPTS = r"""["$'<>\\^`{|}]"""
"""Characters that a URL does not need and that a shell interprets even inside double quotes."""

CLIPBOARD_SECONDS = 2.0
"""How long to wait for a clipboard whose owner hangs (seconds)."""


def opener(open_command: str | None, environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The command that opens a URL or a file on the person's desktop; None without a desktop.

    Over SSH only a command that was set opens anything: the desktop's own would open on the wrong machine.
    Raises OSError as `command_words` does.
    """
    if open_command:
        return command_words(open_command, "open_command")
    if environ.get("BROWSER"):
        return _browser(environ["BROWSER"])
    if _is_remote(environ):
        return None
    if sys.platform == "darwin":
        return ["open"]
    if sys.platform == "win32":
        return ["explorer"]
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return ["xdg-open"] if has_desktop and shutil.which("xdg-open") else None


def _browser(value: str) -> list[str]:
    """The first installed command of a list such as `firefox:w3m %s`; the first of all if none is installed."""
    commands = [command_words(one.removesuffix("&"), "$BROWSER") for one in value.split(os.pathsep) if one] or [[]]
    return next((words for words in commands if words and shutil.which(words[0])), commands[0])


def why_nothing_opens(target: str, environ: Mapping[str, str] = os.environ) -> str:
    """Why `command` returns None, as a sentence."""
    if not _is_openable(target):
        return "Files of this type are not opened in other programs."
    if _is_remote(environ):
        return "Over SSH nothing can be opened on your machine. Set $BROWSER or open_command to a program that can."
    return "There is no desktop here. Set $BROWSER or open_command to a program that opens URLs."


def command(target: str, open_command: str | None) -> list[str] | None:
    """The words that open a URL or an absolute path, with the target in place of `%s` or at the end.

    None if nothing here can or should open it. Raises OSError.
    """
    words = opener(open_command)
    if words is None or not _is_openable(target):
        return None
    if not target.startswith("/"):
        target = re.sub(_NOT_IN_SCRIPTS, lambda found: f"%{ord(found[0]):02X}", sanitize.address(target))
    if not any("%s" in word for word in words[1:]):
        return [*words, target]
    if os.path.basename(words[0]) in SHELLS:  # The word is a program, in which the target must stay one word.
        return [words[0], *(re.sub(r"""(["']?)%s\1""", lambda _: shlex.quote(target), word) for word in words[1:])]
    return [words[0], *(word.replace("%s", target) for word in words[1:])]


def takes_terminal(words: Sequence[str]) -> bool:
    """Whether a command shows what it opens on the terminal."""
    return os.path.basename(words[0]) in TEXT_BROWSERS


def command_words(command: str, setting: str) -> list[str]:
    """The words of a command that a person has set; raises OSError, which names the setting, if it is not a command."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise OSError(f"{setting} is not a command: {error}") from error
    if not words:  # A shell would run the target instead of opening it.
        raise OSError(f"{setting} is not a command: it is blank")
    return words


def show(target: str, open_command: str | None) -> bool:
    """Opens a URL or an absolute path; False if nothing here can or should. Waits only for a text browser.

    Raises OSError.
    """
    words = command(target, open_command)
    if words is None:
        return False
    if takes_terminal(words):
        return subprocess.call(words) == 0
    begin(words)
    return True


def begin(words: Sequence[str]) -> None:
    """Runs a command that opens something, without waiting for it; raises OSError."""
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="desktop", daemon=True).start()


def _is_openable(target: str) -> bool:
    kind = mimetypes.guess_type(target)[0] or ""
    return target.startswith(OPENABLE) and (not target.startswith("/") or kind.startswith(SHOWN))


def clipboard(environ: Mapping[str, str] = os.environ) -> str:
    """The text in the clipboard; empty if no clipboard can be read from here."""
    for command in _clipboards(environ):
        if shutil.which(command[0]) and (text := _printed(command)):
            return text
    return ""


def copy(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Copies a text with a program of this machine. Returns where it is, as text, or "" if no program took it.

    tmux keeps it in a buffer, and passes it to its terminal: other programs may not do that under its usual
    `set-clipboard external`.
    """
    if environ.get("TMUX") and shutil.which("tmux"):
        if _took(("tmux", "load-buffer", "-w", "-"), text):
            is_kept = _printed(("tmux", "show-options", "-sv", "set-clipboard")).strip() == "off"
            return "tmux's buffer alone" if is_kept else "tmux's buffer, which it offers to your terminal"
        if _took(("tmux", "load-buffer", "-"), text):  # tmux before 3.2 knows no -w.
            return "tmux's buffer alone"
    commands = [command for variable, command in CLIPBOARD_WRITERS if environ.get(variable)]
    if sys.platform == "darwin" and not _is_remote(environ):
        commands.append(("pbcopy",))
    return "the clipboard" if any(shutil.which(one[0]) and _took(one, text) for one in commands) else ""


def _took(words: Sequence[str], text: str) -> bool:
    try:
        subprocess.run(
            words,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=CLIPBOARD_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False  # The next way is tried.
    return True


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
        return ""  # No owner, or its text cannot be read: for the person that is an empty clipboard.
    return done.stdout.decode("utf-8", "replace")
