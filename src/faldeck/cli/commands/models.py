"""`faldeck models`: list or search the catalogue of models."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command_table import limit

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.cli.context import CommandContext
    from faldeck.fal.values import Model


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: which models."""
    parser.add_argument("query", metavar="QUERY", nargs="*", help="words to find in the id, name, tags or description")
    parser.add_argument("--category", metavar="C", help="only this category, such as text-to-image")
    parser.add_argument(
        "--endpoint-id",
        "--endpoint_id",
        dest="endpoint_ids",
        action="extend",
        type=lambda text: text.split(","),
        default=[],
        metavar="ENDPOINT",
        help="only this model; may be given again, or as a list with commas",
    )
    parser.add_argument("--status", choices=("active", "deprecated", "all"), help="only models with this status (all)")
    parser.add_argument("--starred", action="store_true", help="only models with a star: faldeck star ENDPOINT")
    parser.add_argument("--limit", type=limit, metavar="N", default=0, help="show at most N models; 0 for all (0)")
    parser.add_argument(
        "--refresh", action="store_true", help="get the list from the service, even if the saved list is new"
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(
    context: CommandContext,
    *,
    query: list[str],
    category: str | None,
    endpoint_ids: list[str],
    status: str | None,
    starred: bool,
    limit: int,
    refresh: bool,
    as_json: bool,
) -> ExitStatus:
    """Prints the models, best match first, from disk if the saved list is new.

    Raises CommandError, FalError, HistoryError, OSError.
    """
    from faldeck.app.model_search import Finder
    from faldeck.cli import output, select

    listed = asyncio.run(_listed(context, refresh))
    stars = _stars(context)
    if starred:
        listed = _only_starred(listed, stars)
    wanted = {select.parse_endpoint(text) for text in endpoint_ids}
    chosen = [
        model
        for model in listed
        if category in (None, model.category)
        and status in (None, "all", "deprecated" if model.is_deprecated else "active")
        and (not wanted or model.endpoint_id in wanted)
    ]
    found = Finder(chosen).find(_wanted(" ".join(query))) if query else chosen
    shown = found[: limit or None]
    if not shown:
        none = "No model has a star yet: faldeck star ENDPOINT" if starred and not stars else ""
        raise CommandError(none or "No model in the catalogue matches.", ExitStatus.NOT_FOUND)
    if as_json:
        for model in shown:
            output.print_json_line({**_document(model), "is_starred": model.endpoint_id in stars})
    else:
        output.print_table([[model.endpoint_id, model.category, _name(model)] for model in shown])
    return ExitStatus.DONE


def _stars(context: CommandContext) -> set[str]:
    """The models that a person has starred."""
    if not context.history_path.exists():
        return set()
    with context.store() as store:
        return {endpoint_id for endpoint_id, mark in store.models.all().items() if mark.starred}


def _only_starred(listed: list[Model], stars: set[str]) -> list[Model]:
    """The starred models, also those that the catalogue does not list."""
    from faldeck.fal.values import Model

    known = {model.endpoint_id: model for model in listed}
    return [known.get(endpoint_id) or Model(endpoint_id=endpoint_id, name="") for endpoint_id in sorted(stars)]


async def _listed(context: CommandContext, refresh: bool) -> list[Model]:
    async with context.session() as session:
        if not refresh and not session.catalogue.is_stale:
            return session.catalogue.models()
        return await _refreshed(session, must=refresh)


async def _refreshed(session: Session, *, must: bool) -> list[Model]:
    """The list from the service; if that fails, the saved list, unless `must` is set.

    A list in the profile itself is never old.
    """
    from faldeck.cli import output
    from faldeck.fal.errors import FalError

    try:
        return await session.catalogue.refresh()
    except FalError as error:
        kept = session.catalogue.models()
        if must or not kept:
            raise
        if not session.profile.own_models:
            output.print_message(f"This is the saved list, which is old: {error.message}")
        return kept


def _name(model: Model) -> str:
    return f"{model.name} (deprecated)" if model.is_deprecated else model.name


def _document(model: Model) -> dict[str, object]:
    from faldeck.app.catalogue import KEPT

    return {name: value for name, value in asdict(model).items() if name in KEPT}


def _wanted(query: str) -> str:
    """What to search for: the model of an address, the name of a page of the documentation, or the words themselves."""
    from faldeck.app.copied_url import page_name
    from faldeck.cli import select

    return page_name(query).replace("-", " ") or select.parse_endpoint(query)
