"""The folders that faldeck uses, as platformdirs names them on this system. Nothing here creates a folder."""

from __future__ import annotations

from pathlib import Path

import platformdirs

APP = "faldeck"

DEMO = "demo"
"""The name of the demo profile, and of the folders that hold its history and its files."""


def config_dir() -> Path:
    """The folder of `config.toml` and `credentials.toml`."""
    return platformdirs.user_config_path(APP, appauthor=False)


def config_file() -> Path:
    """The file of the settings."""
    return config_dir() / "config.toml"


def data_dir() -> Path:
    """The folder of the request history and of the demo's emulator."""
    return platformdirs.user_data_path(APP, appauthor=False)


def cache_dir() -> Path:
    """The folder for data that can be fetched again: the catalogue and the schemas."""
    return platformdirs.user_cache_path(APP, appauthor=False)


def state_dir() -> Path:
    """The folder of what the deck remembers from one start to the next."""
    return platformdirs.user_state_path(APP, appauthor=False)


def log_dir() -> Path:
    """The folder of the program's own log."""
    return platformdirs.user_log_path(APP, appauthor=False)


def pictures_dir() -> Path:
    """The person's folder for pictures. Outputs are saved there unless the settings name another folder."""
    return platformdirs.user_pictures_path()
