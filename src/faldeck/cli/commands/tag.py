"""`faldeck tag`: give jobs a tag, or remove it from them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs, output

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck tag poster ID ID
  faldeck tag poster --search "fox snow"
  faldeck tag poster ID --remove

A tag is one word of at most 40 characters. It is found whether it is typed in capitals or not. `faldeck run --tag`
gives a job its tags from the start.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the tag and the jobs."""
    parser.epilog = _EPILOG
    parser.add_argument("tag", metavar="TAG", help="one word, such as poster")
    many_jobs.add_arguments(parser)
    parser.add_argument("--remove", action="store_true", help="remove the tag from the jobs")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")


def parse_tag(text: str) -> str:
    """A tag as it was typed; raises ArgumentTypeError if it cannot be one."""
    from faldeck.history.marks import NotATag, clean_tag

    try:
        return clean_tag(text)
    except NotATag as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from None


def run(
    context: CommandContext, *, tag: str, names: list[str], search: Query | None, remove: bool, as_json: bool
) -> ExitStatus:
    """Tags the jobs and prints how many changed. Uses no network. Raises CommandError, HistoryError, OSError."""
    from faldeck.app import marking
    from faldeck.history.marks import NotATag

    chosen = many_jobs.Chosen(names, search, "tag")
    with context.store() as store:
        jobs, status = chosen.stored(store, as_json=as_json)
        ids = [job.id for job in jobs]
        try:
            changed = marking.mark_stored(
                store, ids, lambda marks, some: (marks.untag if remove else marks.tag)(some, [tag])
            )
        except NotATag as error:
            raise CommandError(str(error), ExitStatus.USAGE) from None
    if as_json:
        output.print_json({"jobs": len(ids), "changed": changed})
    else:
        done = "lost" if remove else "got"
        unchanged = f"; {len(ids) - changed:,} {'did not have' if remove else 'had'} it" if changed < len(ids) else ""
        output.print_text(f"{many_jobs.counted(changed)} {done} the tag {tag}{unchanged}")
    return status
