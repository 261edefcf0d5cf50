"""The person's desktop, where there is one: what opens a URL or a file there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping

OPENABLE = ("https://", "http://", "/")
"""How a target begins that may be handed to another program: an answer's other schemes may run things."""


def opener(open_command: str | None, environ: Mapping[str, str] = os.environ) -> list[str] | None:
    """The command that opens a URL or a file on the person's desktop; None where there is no desktop here.

    Over SSH only a command that was set opens anything: the desktop's own would open on the wrong machine.
    """
    if open_command:
        return shlex.split(open_command)
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return shlex.split(environ["BROWSER"]) if environ.get("BROWSER") else None
    if sys.platform == "darwin":
        return ["open"]
    if sys.platform == "win32":
        return ["explorer"]
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return ["xdg-open"] if has_desktop and shutil.which("xdg-open") else None


def show(target: str, open_command: str | None) -> bool:
    """Opens a URL or an absolute path without waiting for it; False where nothing here can. Raises OSError."""
    command = opener(open_command)
    if command is None or not target.startswith(OPENABLE):
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
