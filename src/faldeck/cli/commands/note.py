"""`faldeck note`: write a note on jobs or on a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import many_jobs, output, select

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck note ID "the client liked this one"
  faldeck note ID ""                     removes the note
  faldeck note --search "fox" "for the poster"
  faldeck note fal-ai/flux/dev "best with long prompts"     a model; `faldeck models` shows it

A job or a model has one note: a new one replaces it.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the job and the text."""
    parser.usage = "faldeck note ID|ENDPOINT TEXT | --search FILTER TEXT  [--json]"
    parser.epilog = _EPILOG
    parser.add_argument("words", metavar="ID", nargs="*", help="the id of a job, or a model, then the text of the note")
    many_jobs.add_search(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")


def run(context: CommandContext, *, words: list[str], search: Query | None, as_json: bool) -> ExitStatus:
    """Writes the note. Uses no network. Raises CommandError, HistoryError, OSError."""
    wanted = 1 if search is not None else 2
    if len(words) != wanted:
        quotes = " Put the text in quotes." if len(words) > wanted else ""
        usage = "--search FILTER TEXT" if search is not None else "ID TEXT"
        raise CommandError(
            f"Give the job and the text: faldeck note {usage}.{quotes}", ExitStatus.USAGE, hint="faldeck note --help"
        )
    from faldeck.app import marking

    *names, text = words
    models, others = select.models_among(names)
    select.stop_at_misspelt(context, models if text else ())
    jobs, status, changed = 0, ExitStatus.DONE, 0
    with context.store() as store:
        for model in models:
            changed += store.models.note(model, text)
        if not models:
            found, status = many_jobs.Chosen(others, search, "note").stored(store, as_json=as_json)
            jobs = len(found)
            ids = [job.id for job in found]
            changed = marking.mark_stored(store, ids, lambda marks, some: marks.note(some, text))
    if as_json:
        output.print_json({"jobs": jobs, "models": len(models), "changed": changed})
    else:
        counted = many_jobs.counted(0 if models else changed, len(models))
        output.print_text(f"{counted} {'got the note' if text else 'lost the note'}")
    return status
