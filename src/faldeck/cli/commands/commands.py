"""`faldeck commands`: list all commands and their arguments, for programs that call them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output
from faldeck.cli.command_table import COMMANDS, Command, parser_actions

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the argument: the format."""
    parser.epilog = (
        "With --json: the arguments, the exit statuses and the JSON Schemas of all --json output, as one object."
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object")


def run(context: CommandContext, *, as_json: bool) -> ExitStatus:
    """Prints the list."""
    if as_json:
        output.print_json(_surface())
    else:
        output.print_table([[command.name, command.summary] for command in COMMANDS])
    return ExitStatus.DONE


def _surface() -> dict[str, object]:
    from faldeck import __version__
    from faldeck.cli import json_schemas, main

    return {
        "version": __version__,
        "options": [_argument(action) for action in parser_actions(main.parser()) if action.option_strings],
        "commands": [_command(command) for command in COMMANDS],
        "exit_statuses": {status.name.lower(): status.value for status in ExitStatus},
        "schemas": json_schemas.SCHEMAS,
    }


def _command(command: Command) -> dict[str, object]:
    from faldeck.cli import json_schemas

    return {
        "name": command.name,
        "summary": command.summary,
        "takes_fields": command.takes_flags,
        "prints": list(json_schemas.PRINTS.get(command.name, ())),
        "arguments": [_argument(action) for action in parser_actions(command.parser())],
    }


def _argument(action: argparse.Action) -> dict[str, object]:
    """One argument as JSON. A positional argument has no flags."""
    default = None if action.default is argparse.SUPPRESS else action.default
    return {
        "flags": list(action.option_strings),
        "name": action.metavar or action.dest,
        "help": action.help,
        "takes_value": action.nargs != 0,
        "is_required": action.required,
        "repeats": action.nargs in ("+", "*") or isinstance(action.default, list),
        "choices": list(action.choices) if action.choices else None,
        "default": default if isinstance(default, str | int | float) else None,
    }
