"""What our folders are called, as text: `paths` gives them as paths, which costs more than to list the history."""

from __future__ import annotations

import os
import sys

APP = "faldeck"

DEMO = "demo"
"""The profile of the built-in emulator; its history and its files are in folders of that name."""

_XDG = {
    "config": ("XDG_CONFIG_HOME", "~/.config"),
    "data": ("XDG_DATA_HOME", "~/.local/share"),
    "cache": ("XDG_CACHE_HOME", "~/.cache"),
    "state": ("XDG_STATE_HOME", "~/.local/state"),
}


def folder(kind: str) -> str:
    """Our folder for `config`, `data`, `cache` or `log`, as platformdirs names it.

    On Linux its rule is short in the usual case, and to import it takes longer than all else that a listing needs.
    """
    if sys.platform == "linux" and os.path.isabs(os.environ.get("HOME", "")):
        variable, otherwise = _XDG["state" if kind == "log" else kind]
        base = os.environ.get(variable) or os.path.expanduser(otherwise)
        if os.path.isabs(base):
            return os.path.join(base, APP, *(["log"] if kind == "log" else []))
    import platformdirs

    return str(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))


def pictures() -> str:
    """The person's folder for pictures, as platformdirs names it, which is asked where the system names one itself."""
    named = os.environ.get("XDG_PICTURES_DIR", "")
    if sys.platform == "linux" and os.path.isabs(os.environ.get("HOME", "")) and _is_unnamed("user-dirs.dirs"):
        if os.path.isabs(named):
            return named
        if not named:
            return os.path.expanduser("~/Pictures")
    import platformdirs

    return platformdirs.user_pictures_dir()


def _is_unnamed(file: str) -> bool:
    """Whether the person has no such file among the settings."""
    return not os.path.exists(os.path.join(os.path.dirname(folder("config")), file))


def config_file() -> str:
    """The file of the settings."""
    return os.path.join(folder("config"), "config.toml")


def history_file(*, of_demo: bool) -> str:
    """The file of the history; the demo keeps one of its own, so that play never mixes with work."""
    return os.path.join(folder("data"), *([DEMO] if of_demo else []), "history.db")
