"""The only key that the emulator of the demo accepts: made once, in a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from faldeck.safety import private_file
from faldeck.system import paths


def key_file(folder: Path | None = None) -> Path:
    """The file of the key in `folder`, or in the usual folder of the demo's state."""
    return (folder or paths.data_dir() / paths.DEMO) / "key"


def read(folder: Path | None = None) -> str:
    """The key; makes one if needed. Raises OSError if it can be neither read nor written."""
    file = key_file(folder)
    while True:
        try:
            if key := file.read_text("ascii").strip():
                return key
            file.unlink(missing_ok=True)
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        import secrets  # It brings OpenSSL's hashes, which a start needs for nothing else; a key is made once.

        coming = private_file.write(
            file.with_name(f"key.{secrets.token_hex(4)}"), f"demo:{secrets.token_urlsafe(24)}\n"
        )
        try:
            os.link(coming, file)
        except FileExistsError:
            pass  # Another process was faster; its key is read in the next round.
        finally:
            coming.unlink(missing_ok=True)
