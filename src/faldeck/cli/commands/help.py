"""`faldeck help`: the manual: all commands and topics, or one of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext

_ABOUT = """\
faldeck is a deck for fal.ai in the terminal: find a model, fill in its form, submit, follow the queue, keep every
result. Without a command it opens on the whole screen; each command does one thing and prints data."""

_OPTIONS = (
    ("--demo", "before a command, or alone: use the built-in emulator; no key, no cost"),
    ("--profile NAME", "before a command: use this profile of the config"),
    ("--json", "after most commands: print data as JSON"),
    ("--help", "after a command: its arguments"),
)

_VARIABLES = (
    ("FAL_KEY", "the key of fal.ai; or FAL_KEY_ID and FAL_KEY_SECRET"),
    ("FALDECK_PROFILE", "the profile to use"),
    ("FALDECK_ASCII", "1: print no character outside ASCII"),
    ("FALDECK_DEBUG", "1: log every exchange with a service"),
    ("NO_COLOR", "1: no colours"),
    ("EDITOR, BROWSER", "the programs that edit a text and open a URL"),
)

_STATUSES = (
    ("0", "done"),
    ("1", "the job failed, or something failed on this machine"),
    ("2", "wrong words, or a mistake in the config"),
    ("3", "no key, or it was refused"),
    ("4", "no such job, model, batch or key"),
    ("5", "no answer in time, or no network"),
    ("130", "interrupted"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the argument: what to explain."""
    parser.epilog = "Without a TOPIC it lists all commands and topics. In the deck: ? or ^P, and the topic."
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help="a topic, or the name of a command")


def run(context: CommandContext, *, topic: str | None) -> ExitStatus:
    """Prints the manual, a topic, or a command's help. Raises CommandError for an unknown topic."""
    if topic is None:
        output.print_text(_manual())
        return ExitStatus.DONE
    from faldeck.app import help_topics
    from faldeck.cli.command_table import COMMANDS, find_command
    from faldeck.safety import sanitize

    try:
        found = help_topics.topic(topic, [command.name for command in COMMANDS])
    except help_topics.UnknownTopic as error:
        if command := find_command(topic):
            output.print_text(command.parser().format_help().rstrip())
            return ExitStatus.DONE
        meant = f" Did you mean {error.nearest}?" if error.nearest else ""
        words = f"There is no help on {sanitize.clean_line(topic, limit=60)!r}.{meant}"
        hint = f"faldeck help {error.nearest}" if error.nearest else "faldeck help"
        raise CommandError(words, ExitStatus.USAGE, hint=hint) from None
    also = f"\n\nThe arguments of the command: faldeck {found.name} --help" if find_command(found.name) else ""
    output.print_text(f"{found.about}\n\n{found.text}{also}")
    return ExitStatus.DONE


def _manual() -> str:
    """The page with everything there is, like a page of `man`."""
    from faldeck.app import help_topics
    from faldeck.cli.command_table import COMMANDS
    from faldeck.config.settings import config_path
    from faldeck.history import history_path
    from faldeck.system import log_file, paths

    files = (
        (str(config_path()), "the settings: faldeck help config"),
        (str(paths.config_dir() / "credentials.toml"), "the saved keys"),
        (str(history_path()), "the history"),
        (str(log_file.path()), "the log of unexpected errors"),
    )
    parts = (
        ("NAME", "faldeck - a deck for fal.ai in the terminal"),
        ("SYNOPSIS", "faldeck [--demo | --profile NAME] [COMMAND …]"),
        ("DESCRIPTION", _ABOUT),
        ("OPTIONS", _table(_OPTIONS)),
        ("COMMANDS", _table((command.name, command.summary) for command in COMMANDS)),
        ("TOPICS", _table((topic.name, topic.about) for topic in help_topics.topics())),
        ("", "faldeck help TOPIC shows a topic, faldeck help COMMAND a command."),
        ("FILES", _table(files)),
        ("ENVIRONMENT", _table(_VARIABLES)),
        ("EXIT STATUS", _table(_STATUSES)),
    )
    return "\n\n".join(f"{name}\n{_indented(text)}".lstrip("\n") for name, text in parts)


def _table(rows: Iterable[tuple[str, str]]) -> str:
    rows = list(rows)
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:{width}}  {text}" for name, text in rows)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
