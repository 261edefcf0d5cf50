"""Runs a command line and returns its exit status. Imports nothing heavy before the command is known."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile

from faldeck import __version__
from faldeck.app.exit_status import CommandError, CommandInterrupted, ExitStatus
from faldeck.cli import output
from faldeck.cli.command_table import COMMANDS, Command, Parser, find_command
from faldeck.safety import sanitize

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from typing import TextIO

    from faldeck.cli.context import CommandContext


def main(words: Sequence[str] | None = None, *, open_deck: Callable[[CommandContext], ExitStatus] | None = None) -> int:
    """Runs the command line (that of the process unless given) and gives its exit status.

    `open_deck` opens the deck; it is called if no command is named. Raises SystemExit for `--help` and `--version`, as
    argparse does.
    """
    words = sys.argv[1:] if words is None else words
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # It was closed before this process started.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (it lasts as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return _status(words, open_deck)
    finally:
        # If nobody reads the output, Python would print an error and use its own exit status.
        for stream in (sys.stdout, sys.stderr):
            with _flushing(stream):
                pass


def _status(words: Sequence[str], open_deck: Callable[[CommandContext], ExitStatus] | None) -> int:
    try:
        status = _run(words, open_deck)
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        return status
    except KeyboardInterrupt as end:
        return _end_interrupted(end, words)
    except CommandError as stop:
        return _print_error(stop, words)
    except BrokenPipeError:
        return ExitStatus.DONE  # The reader has read all that it wanted.
    except Exception as error:  # noqa: BLE001 (Python would print it, and it may contain a key)
        from faldeck.app import errors
        from faldeck.system import log_file

        if (ending := errors.command_error(error)) is None:
            is_recorded = log_file.record(error, "a command ended unexpectedly")
            ending = errors.unexpected_error(error, is_recorded=is_recorded)
        return _print_error(ending, words)


def _print_error(ending: CommandError, words: Sequence[str]) -> int:
    """Prints the error on stderr, with `--json` also on stdout as one line, and returns the exit status."""
    _print_json_error(ending, words)
    with _flushing(sys.stderr):
        print(sanitize.clean(f"{ending.usage}faldeck: {ending.message}"), file=sys.stderr)
    return ending.status


def _end_interrupted(end: KeyboardInterrupt, words: Sequence[str]) -> ExitStatus:
    """The same after Ctrl-C. Nothing is printed on stderr, since the person knows."""
    stop = CommandError(
        "Interrupted.", ExitStatus.INTERRUPTED, hint=end.hint if isinstance(end, CommandInterrupted) else None
    )
    _print_json_error(stop, words)
    return stop.status


def _print_json_error(ending: CommandError, words: Sequence[str]) -> None:
    if "--json" in takewhile("--".__ne__, words):
        with _flushing(sys.stdout):
            output.print_json_line(ending.document())


@contextmanager
def _flushing(stream: TextIO) -> Iterator[None]:
    """Flushes a stream. If that fails, because the reader is gone or the disk is full, its output is dropped."""
    try:
        yield
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(words: Sequence[str], open_deck: Callable[[CommandContext], ExitStatus] | None) -> int:
    if words and words[0].startswith("-"):
        from faldeck.cli import old_flags

        old_flags.refuse_at_top(words)
    top = parser()
    options = top.parse_args(words)
    command = _command(options.command, options.words, top) if options.command else None
    if command:
        _refuse_misplaced(command, options.words, top)
    arguments = _arguments(command, options.words) if command else {}

    from faldeck.cli.context import CommandContext

    # The deck and `doctor` help to find mistakes in the config, so a mistake must not stop them.
    is_tolerant = options.command in (None, "doctor")
    context = CommandContext(profile=options.profile, demo=options.demo, strict=not is_tolerant)
    if command is None:
        assert open_deck is not None
        return open_deck(context)
    return command.run(context, **arguments)


def _arguments(command: Command, words: list[str]) -> dict[str, object]:
    """The parsed words; raises CommandError, with our call if the words are those of another program."""
    try:
        return command.arguments(words)
    except CommandError:
        from faldeck.cli import old_flags

        old_flags.refuse_after(command.name, words, command.has_flag)
        raise


def _refuse_misplaced(command: Command, words: Sequence[str], parser: argparse.ArgumentParser) -> None:
    """Raises CommandError for an option that must stand before the command; a model may have a field of that name."""
    if problem := command.misplaced(words[:1] if command.takes_flags else words):
        parser.error(problem)


def parser() -> argparse.ArgumentParser:
    """The parser for the words up to the name of the command."""
    parser = Parser(
        prog="faldeck",
        description="A terminal app for fal.ai. Without a command, it opens the full-screen deck.",
    )
    parser.usage = "faldeck [--demo | --profile NAME] [COMMAND …]"
    width = max(len(command.name) for command in COMMANDS)
    lines = "\n".join(f"  {command.name:{width}}  {command.summary}" for command in COMMANDS)
    parser.epilog = f"commands:\n{lines}\n\n`faldeck COMMAND --help` explains a command, `faldeck help` all of it."
    service = parser.add_mutually_exclusive_group()
    service.add_argument(
        "--demo", action="store_true", help="use the built-in emulator instead of fal.ai; needs no key"
    )
    service.add_argument("--profile", metavar="NAME", help="use this profile from the config")
    parser.add_argument("--version", action="version", version=f"faldeck {__version__}", help="print the version")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _command(name: str, words: list[str], parser: argparse.ArgumentParser) -> Command:
    if command := find_command(name):
        return command
    import difflib
    import shlex

    from faldeck.cli import old_flags

    if ours := old_flags.meant_by(name, words):
        hint = shlex.join(ours)
        raise CommandError(f"There is no command {name!r}; use: {hint}", ExitStatus.USAGE, hint=hint)
    near = difflib.get_close_matches(name, [command.name for command in COMMANDS], n=1)
    parser.error(f"there is no command {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
