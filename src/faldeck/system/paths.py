"""Where config, data, cache, log and outputs live; names paths without making them."""

from __future__ import annotations

from pathlib import Path

from faldeck.system.folders import folder, pictures


def config_dir() -> Path:
    """The folder of `config.toml` and `credentials.toml`."""
    return Path(folder("config"))


def data_dir() -> Path:
    """The folder of the request history and of the demo's emulator."""
    return Path(folder("data"))


def cache_dir() -> Path:
    """The folder of what can be fetched again: the catalogue and the schemas."""
    return Path(folder("cache"))


def log_dir() -> Path:
    """The folder of the program's own log."""
    return Path(folder("log"))


def pictures_dir() -> Path:
    """The person's folder for pictures: the outputs' home unless the config says otherwise."""
    return Path(pictures())
