"""`faldeck models`: list, search, filter and sort the catalogue of models."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command_table import limit

if TYPE_CHECKING:
    from faldeck.app.model_list import ModelList
    from faldeck.app.session import Session
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.fal.values import Model
    from faldeck.query.models import ModelQuery

_EPILOG = """\
QUERY has words in any order, "words together", -words to leave out, and filters; a comma in a value means "or":
  cat:video           a part of the category         kind:video,training   what it makes, or training
  price:<0.1          USD for one unit; free         status:deprecated     or active
  star:yes            with a star                    sort:newest           relevance, newest, name, price, used
A filter with - before it leaves models out.

examples:
  faldeck models flux -lora
  faldeck models image to video "price:<0.1" --sort price
  faldeck models cat:image-to-3d sort:newest --limit 5
"""

MOST_LOOSENED = 3
"""How many ways to find more are named if a search finds nothing."""


def configure(parser: Parser) -> None:
    """Adds the arguments: which models, and in which order."""
    parser.epilog = _EPILOG
    parser.takes_filter = True
    parser.add_argument("query", metavar="QUERY", nargs="*", help="words and filters, such as: flux cat:image")
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
    parser.add_argument(
        "--sort",
        metavar="BY",
        help="by relevance, newest, name, price or used (last use); the other way round with -: --sort=-price",
    )
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
    sort: str | None,
    limit: int,
    refresh: bool,
    as_json: bool,
) -> ExitStatus:
    """Prints the models, best match first, from disk if the saved list is new.

    Raises CommandError, FalError, HistoryError, OSError.
    """
    from faldeck.app import model_documents
    from faldeck.cli import output, select

    wanted = _query(" ".join(query), category, status, starred, sort)
    named = {select.parse_endpoint(text) for text in endpoint_ids}
    models = asyncio.run(_models(context, wanted, refresh))
    found = [model for model in models.find(wanted) if not named or model.endpoint_id in named]
    if not found:
        raise CommandError(_none(models, wanted), ExitStatus.NOT_FOUND)
    if as_json:
        for model in found[: limit or None]:
            output.print_json_line(model_documents.listed(model, models))
    else:
        rows = [_row(model, models) for model in found[: limit or None]]
        has_prices = any(price for _, _, price, _ in rows)
        output.print_table([row if has_prices else [*row[:2], row[3]] for row in rows])
    return ExitStatus.DONE


def _query(text: str, category: str | None, status: str | None, starred: bool, sort: str | None) -> ModelQuery:
    """The query of the words and the flags. Raises CommandError for what is not understood."""

    from faldeck.app.copied_url import page_name
    from faldeck.cli import select
    from faldeck.query.models import BadValue, ModelKey, ModelTerm, order_of, parse

    # A page of the documentation or an address stands for the model that it names.
    words = page_name(text).replace("-", " ") or (select.parse_endpoint(text) if "/" in text else text)
    parsed = parse(words)
    if parsed.problems:
        raise CommandError(
            " ".join(problem.message for problem in parsed.problems), ExitStatus.USAGE, hint="faldeck models --help"
        )
    flags = {
        ModelKey.CATEGORY: category,
        ModelKey.STATUS: None if status == "all" else status,
        ModelKey.STAR: "yes" if starred else None,
    }
    query = parsed.query.narrowed(*(ModelTerm.of(key, value) for key, value in flags.items() if value))
    if starred and not words and not sort:
        sort = "name"
    try:
        order, is_reversed = order_of(sort.strip()) if sort else (query.sort, query.is_reversed)
    except BadValue as error:
        raise CommandError(f"--sort {error}.", ExitStatus.USAGE, hint="faldeck models --help") from None
    return query._replace(sort=order, is_reversed=is_reversed)


async def _models(context: CommandContext, query: ModelQuery, refresh: bool) -> ModelList:
    """The models with the person's marks, and with the prices if the query needs them."""
    from faldeck.app.model_list import ModelList
    from faldeck.cli import output

    async with context.session() as session:
        listed = await _listed(session, refresh)
        marks = {}
        if context.history_path.exists():
            marks = await session.history.read(lambda store: store.models.all())
        prices = session.catalogue.prices()
        if query.uses_prices and (unasked := session.catalogue.unasked_prices([one.endpoint_id for one in listed])):
            output.print_hint(f"Getting the prices of {len(unasked):,} models.")
            prices = await session.catalogue.fetch_prices(unasked)
        if query.uses_prices and not prices:
            output.print_message("This service gives no prices.")
        return ModelList(listed, marks, prices, context.config.aliases, own_first=False)


async def _listed(session: Session, refresh: bool) -> list[Model]:
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


def _none(models: ModelList, query: ModelQuery) -> str:
    """Why nothing is found, and what to leave out to find more."""
    from faldeck.app import model_documents

    stars = [mark for mark in models.marks.values() if mark.starred]
    if not stars and any(str(term) == "star:yes" for term in query.terms):
        return "No model has a star yet: faldeck star ENDPOINT"
    ways = model_documents.loosened(models, query)[:MOST_LOOSENED]
    parts = ("No model in the catalogue matches.", models.unknown_category(query), *ways)
    return " ".join(part for part in parts if part)


def _row(model: Model, models: ModelList) -> list[str]:
    from faldeck.app import wording

    name = f"{model.name} (deprecated)" if model.is_deprecated else model.name
    mark = models.mark(model.endpoint_id)
    remarks = " · ".join(part for part in (name, "★" if mark.starred else "", mark.note) if part)
    return [model.endpoint_id, model.category, wording.price(models.prices.get(model.endpoint_id)), remarks]
