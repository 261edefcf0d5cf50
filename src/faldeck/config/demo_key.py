"""The key of the demo's emulator, which takes no other: made once, and kept where only its owner reads it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from faldeck.safety import private_file
from faldeck.system import paths


def key_file(folder: Path | None = None) -> Path:
    """The file of the key; `folder` is where the demo keeps its state, unless it is the usual one."""
    return (folder or paths.data_dir() / paths.DEMO) / "key"


def read(folder: Path | None = None) -> str:
    """The key, made where there is none; raises OSError where it can be neither read nor kept."""
    file = key_file(folder)
    while True:
        try:
            if key := file.read_text("ascii").strip():
                return key
            file.unlink(missing_ok=True)
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        coming = private_file.write(
            file.with_name(f"key.{secrets.token_hex(4)}"), f"demo:{secrets.token_urlsafe(24)}\n"
        )
        try:
            os.link(coming, file)
        except FileExistsError:
            pass  # Of two first starts at once the quicker decides for both.
        finally:
            coming.unlink(missing_ok=True)
