"""`faldeck config`: print the settings, or the path of the config file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output
from faldeck.config.settings import Config, config_path

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the argument: what to print."""
    parser.add_argument(
        "what",
        choices=("path", "show"),
        nargs="?",
        default="show",
        help="the path of the config file, or the settings (show)",
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object")


def run(context: CommandContext, *, what: str, as_json: bool) -> ExitStatus:
    """Prints the settings or the path. Keys are not part of the settings; see `faldeck key`."""
    shown = {"path": str(config_path())} if what == "path" else _settings(context.config)
    if as_json:
        output.print_json(shown)
    elif what == "path":
        output.print_text(str(config_path()))
    else:
        import tomli_w

        output.print_text(tomli_w.dumps(shown).rstrip())
    return ExitStatus.DONE


def _settings(config: Config) -> dict[str, object]:
    """The settings in the form of a config file, without those that are not set."""
    profiles = {name: _set(asdict(profile)) for name, profile in config.profiles.items()}
    return {**_set(asdict(config)), "profiles": profiles}


def _set(values: dict[str, object]) -> dict[str, object]:
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in values.items()
        if value not in (None, ()) and name not in ("name", "profiles")
    }
