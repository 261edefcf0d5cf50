"""From the words of a command line to an exit status. Imports nothing heavy before it knows what is wanted."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import TextIO

from faldeck import __version__
from faldeck.app.exit_status import CommandError, CommandInterrupted, ExitStatus
from faldeck.cli import output
from faldeck.cli.command import COMMANDS, Command, Parser, find_command
from faldeck.safety import sanitize

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from faldeck.cli.context import Desk


def main(words: Sequence[str] | None = None, *, open_deck: Callable[[Desk], ExitStatus] | None = None) -> int:
    """Runs the command line (that of the process unless given) and gives its exit status.

    `open_deck` opens the deck; it is called if no command is named. Raises SystemExit for `--help` and `--version`, as
    argparse does.
    """
    words = sys.argv[1:] if words is None else words
    for name, way in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # It was closed before this process began.
            setattr(sys, name, open(os.devnull, way, encoding="utf-8"))  # noqa: SIM115 (it lasts as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return _status(words, open_deck)
    finally:
        # Python would complain about what nobody reads, and end with a status of its own.
        for stream in (sys.stdout, sys.stderr):
            with _told(stream):
                pass


def _status(words: Sequence[str], open_deck: Callable[[Desk], ExitStatus] | None) -> int:
    try:
        status = _run(words, open_deck)
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        return status
    except KeyboardInterrupt as end:
        return _interrupted(end, words)
    except CommandError as stop:
        return _ended(stop, words)
    except BrokenPipeError:
        return ExitStatus.DONE  # Whoever read the data has enough.
    except Exception as error:  # noqa: BLE001 (Python would print it, and what it says may be secret)
        from faldeck.app import errors
        from faldeck.system import log_file

        if (ending := errors.command_error(error)) is None:
            is_recorded = log_file.record(error, "a command ended unexpectedly")
            ending = errors.unexpected_error(error, is_recorded=is_recorded)
        return _ended(ending, words)


def _ended(ending: CommandError, words: Sequence[str]) -> int:
    """Says why on stderr, and as one JSON line on stdout to whoever reads JSON there; gives the exit status."""
    _tell_program(ending, words)
    with _told(sys.stderr):
        print(sanitize.clean(f"{ending.usage}faldeck: {ending.message}"), file=sys.stderr)
    return ending.status


def _interrupted(end: KeyboardInterrupt, words: Sequence[str]) -> ExitStatus:
    """The same where a person ended it, who need not be told."""
    stop = CommandError(
        "It was interrupted.", ExitStatus.INTERRUPTED, hint=end.hint if isinstance(end, CommandInterrupted) else None
    )
    _tell_program(stop, words)
    return stop.status


def _tell_program(ending: CommandError, words: Sequence[str]) -> None:
    if "--json" in takewhile("--".__ne__, words):
        why = {"type": ending.type, "message": ending.message, "hint": ending.hint, "exit_status": ending.status}
        with _told(sys.stdout):
            output.print_json_line(
                {"error": why} if ending.job is None else {**ending.job, "error": {**why, "fields": []}}
            )


@contextmanager
def _told(stream: TextIO) -> Iterator[None]:
    """Has what was written to a stream leave; what cannot, since its reader has gone or its disk is full, is lost."""
    try:
        yield
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(words: Sequence[str], open_deck: Callable[[Desk], ExitStatus] | None) -> int:
    if words and words[0].startswith("-"):
        from faldeck.cli import old_flags

        old_flags.refuse_at_top(words)
    top = parser()
    options = top.parse_args(words)
    command = _command(options.command, top) if options.command else None
    if command:
        _refuse_misplaced(command, options.words, top)
    arguments = command.arguments(options.words) if command else {}

    from faldeck.cli.context import Desk

    # Where a mistake in the config is to be found and mended, it must not be in the way.
    is_tolerant = options.command in (None, "doctor")
    desk = Desk(profile=options.profile, demo=options.demo, strict=not is_tolerant)
    if command is None:
        assert open_deck is not None
        return open_deck(desk)
    return command.run(desk, **arguments)


def _refuse_misplaced(command: Command, words: Sequence[str], parser: argparse.ArgumentParser) -> None:
    """Raises CommandError for an option that must stand before the command; a model may have a field of that name."""
    before = {"--demo": "--demo", "--profile": "--profile NAME"}
    for word in words[:1] if command.takes_flags else takewhile("--".__ne__, words):
        if said := before.get(name := word.partition("=")[0]):
            parser.error(f"{name} stands before the command: faldeck {said} {command.name} …")


def parser() -> argparse.ArgumentParser:
    """What reads the words before a command's own."""
    parser = Parser(
        prog="faldeck",
        description="A deck for fal.ai in the terminal. Without a command it opens on the whole screen.",
    )
    parser.usage = "faldeck [--demo | --profile NAME] [COMMAND …]"
    width = max(len(command.name) for command in COMMANDS)
    lines = "\n".join(f"  {command.name:{width}}  {command.summary}" for command in COMMANDS)
    parser.epilog = f"commands:\n{lines}\n\n`faldeck COMMAND --help` says more about one of them."
    service = parser.add_mutually_exclusive_group()
    service.add_argument("--demo", action="store_true", help="use the built-in emulator, which needs no key")
    service.add_argument("--profile", metavar="NAME", help="use this profile of the config")
    parser.add_argument("--version", action="version", version=f"faldeck {__version__}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _command(name: str, parser: argparse.ArgumentParser) -> Command:
    if command := find_command(name):
        return command
    import difflib

    near = difflib.get_close_matches(name, [command.name for command in COMMANDS], n=1)
    parser.error(f"there is no command {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
