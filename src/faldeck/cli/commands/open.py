"""`faldeck open`: open the files of jobs in the programs of the desktop, copy their URLs, or show them as QR codes."""

from __future__ import annotations

import base64
import os
import sys
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job, Output
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck open ID --qr       # over SSH: point the phone at the terminal
  faldeck open ID --copy

Without a flag the file is opened, or the URL of an output that is not on this machine.
"""

_DARK_ON_LIGHT = "\x1b[38;5;16;48;5;231m"
"""Black on white, whatever the terminal's colours are."""


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs, and what to do with their outputs."""
    parser.epilog = _EPILOG
    many_jobs.add_arguments(parser)
    way = parser.add_mutually_exclusive_group()
    for name, words in (
        ("file", "open the file on this machine"),
        ("url", "open the URL"),
        ("copy", "copy the URLs, or the paths of outputs without one"),
        ("qr", "print a QR code of each URL"),
    ):
        way.add_argument(f"--{name}", dest="way", action="store_const", const=name, help=words)
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print each file and whether it was opened as JSON lines"
    )


def run(
    context: CommandContext, *, names: list[str], search: Query | None, way: str | None, as_json: bool
) -> ExitStatus:
    """Opens, copies or shows each output, and prints those that could not be. Raises HistoryError, OSError."""
    if way == "qr" and as_json:
        raise CommandError("A QR code is no JSON.", ExitStatus.USAGE, hint="faldeck open --help")
    chosen = many_jobs.Chosen(names, search, "open")
    command = context.config.open_command

    def open_outputs(job: Job) -> ExitStatus:
        targets = _targets(job, way)
        if way == "qr":
            for url in targets:
                _print_qr(url)
            return ExitStatus.DONE
        if way == "copy":
            return _copy(targets, as_json=as_json)
        return _open(targets, command, as_json=as_json)

    with context.store() as store:
        return many_jobs.for_each_stored(store, chosen, open_outputs, as_json=as_json)


def _targets(job: Job, way: str | None) -> list[str]:
    """What is opened, copied or shown of a job; raises CommandError if there is nothing."""
    from faldeck.app import sharing

    if not job.outputs:
        raise CommandError(f"The job has no files: it is {job.state}.", ExitStatus.NOT_FOUND)
    finders: dict[str | None, Callable[[Output], str]] = {
        None: sharing.place_of,
        "file": sharing.file_of,
        "url": sharing.url_of,
        "qr": sharing.url_of,
        "copy": sharing.url_or_file_of,
    }
    find = finders[way]
    targets = [target for output in job.outputs if (target := find(output))]
    if not targets and way == "file":
        hint = f"faldeck result {job.id} --download"
        raise CommandError("The job's files are not on this machine.", ExitStatus.NOT_FOUND, hint=hint)
    if not targets:
        raise CommandError("The job's outputs have no URL.", ExitStatus.NOT_FOUND, hint=f"faldeck open {job.id} --file")
    return targets


def _open(targets: list[str], open_command: str | None, *, as_json: bool) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.system import desktop

    for target in targets:
        is_opened = desktop.show(target, open_command)
        if as_json:
            output.print_json_line(_document(target, is_opened=is_opened))
        elif not is_opened:
            output.print_text(target)
            if sys.stderr.isatty():
                output.print_message(desktop.why_nothing_opens(target))
    return ExitStatus.DONE


def _copy(targets: list[str], *, as_json: bool) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.system import desktop

    text = "\n".join(targets)
    place = desktop.copy(text)
    if not place and sys.stderr.isatty():
        # OSC 52 has no answer: whether the terminal takes the text is not known.
        sys.stderr.write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07")
        sys.stderr.flush()
        place = "your terminal's clipboard, if the terminal allows it"
    for target in targets:
        if as_json:
            output.print_json_line(_document(target, is_copied=bool(place)))
        else:
            output.print_text(target)
    if not place:
        raise CommandError("There is no clipboard here, and no terminal that has one.", ExitStatus.FAILED)
    output.print_hint(f"Copied to {place}.")
    return ExitStatus.DONE


def _document(place: str, *, is_opened: bool = False, is_copied: bool = False) -> dict[str, object]:
    return {"place": place, "is_opened": is_opened, "is_copied": is_copied}


def _print_qr(url: str) -> None:
    """Prints the URL and its QR code: in black on white on a terminal, unless that shall have no colours."""
    from faldeck.app import sharing
    from faldeck.cli import output

    is_terminal = sys.stdout.isatty()
    width, height = os.get_terminal_size(sys.stdout.fileno()) if is_terminal else (None, None)
    try:
        lines = sharing.qr_lines(url, width, height and height - 1)  # The prompt of the shell comes below.
    except sharing.CannotDrawQr as error:
        raise CommandError(str(error), ExitStatus.FAILED) from error
    output.print_text(url)
    if not is_terminal or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        output.print_text("\n".join(sharing.without_colours(lines)))
        return
    for line in lines:
        print(f"{_DARK_ON_LIGHT}{line}\x1b[0m")
