"""`faldeck star` and `faldeck unstar`: star jobs and models, or take their stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import many_jobs, output, select

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.job import Job
    from faldeck.query import Query

_EPILOG = """\
examples:
  faldeck star ID ID
  faldeck star fal-ai/flux/dev           a model; `faldeck models --starred` lists them
  faldeck unstar --search "fox snow"
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the jobs or models."""
    parser.epilog = _EPILOG
    parser.add_argument("names", metavar="ID", nargs="*", help=f"{select.ID_HELP}; or a model, such as fal-ai/flux/dev")
    many_jobs.add_search(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")
    parser.set_defaults(is_starred=parser.prog != "faldeck unstar")


def run(
    context: CommandContext, *, names: list[str], search: Query | None, as_json: bool, is_starred: bool
) -> ExitStatus:
    """Stars the jobs and models. Uses no network. Raises CommandError, ConfigError, HistoryError, OSError."""
    from faldeck.app import marking

    many_jobs.Chosen(names, search, "star" if is_starred else "unstar")
    models, others = select.models_among(names)
    if is_starred:
        select.stop_at_misspelt(context, models)
    changed, status = 0, ExitStatus.DONE
    jobs: list[Job] = []
    with context.store() as store:
        if others or search is not None:
            chosen = many_jobs.Chosen(others, search, "star")
            jobs, status = chosen.stored(store, as_json=as_json)
            ids = [job.id for job in jobs]
            marking.mark_stored(store, ids, lambda marks, some: marks.star(some, is_starred))
            changed = sum(job.starred != is_starred for job in jobs)
        for model in models:
            changed += store.models.of(model).starred != is_starred
            store.models.star(model, is_starred)
    if as_json:
        output.print_json({"jobs": len(jobs), "models": len(models), "changed": changed})
    else:
        counted = many_jobs.counted(len(jobs), len(models))
        output.print_text(f"{counted} {'starred' if is_starred else 'unstarred'}")
    return status
