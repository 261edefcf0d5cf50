"""`faldeck star` and `faldeck unstar`: star jobs and models, or take their stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
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
    parser.add_argument(
        "names", metavar="ID", nargs="*", help=f"{select.ID_HELP}; or the id of a model, such as fal-ai/flux/dev"
    )
    many_jobs.add_search(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print the counts as one JSON object")
    parser.set_defaults(is_starred=parser.prog != "faldeck unstar")


def run(
    context: CommandContext, *, names: list[str], search: Query | None, as_json: bool, is_starred: bool
) -> ExitStatus:
    """Stars the jobs and models. Uses no network. Raises CommandError, ConfigError, HistoryError, OSError."""
    many_jobs.Chosen(names, search, "star" if is_starred else "unstar")
    models = [model for name in names if (model := _model(name))]
    others = [name for name in names if not _model(name)]
    for model in models if is_starred else ():
        _stop_at_misspelt(context, model)
    changed, status = 0, ExitStatus.DONE
    jobs: list[Job] = []
    with context.store() as store:
        if others or search is not None:
            chosen = many_jobs.Chosen(others, search, "star")
            jobs, status = chosen.stored(store, as_json=as_json)
            store.marks.star([job.id for job in jobs], is_starred)
            changed = sum(job.starred != is_starred for job in jobs)
        marks = store.model_marks()
        for model in models:
            changed += marks.get(model, (False, None))[0] != is_starred
            store.star_model(model, is_starred)
    if as_json:
        output.print_json({"jobs": len(jobs), "models": len(models), "changed": changed})
    else:
        what = [many_jobs.counted(len(jobs))] if jobs else []
        what += [f"{len(models):,} model{'s' if len(models) != 1 else ''}"] if models else []
        output.print_text(f"{' and '.join(what)} {'starred' if is_starred else 'unstarred'}")
    return status


def _model(name: str) -> str | None:
    """The model that a name means; None if it means a job: an id has no slash, and the URL of a request names it."""
    if "/" not in name:
        return None
    from faldeck.app.copied_url import request_of

    return None if request_of(name, ()) else select.parse_endpoint(name)


def _stop_at_misspelt(context: CommandContext, endpoint_id: str) -> None:
    """Raises CommandError if the id is in no catalogue and a listed one is like it. Reads the disk alone."""
    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.gateways import Gateways
    from faldeck.fal.urls import app_id

    app_id(endpoint_id)
    if meant := select.did_you_mean(Catalogue(Gateways(context.config), context.config.profile), [endpoint_id]):
        raise CommandError(f"{endpoint_id} is not in the catalogue.{meant}", ExitStatus.NOT_FOUND)
