"""`faldeck model`: the page of one model, or its pages on the web."""

from __future__ import annotations

import asyncio
import textwrap
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faldeck.app.catalogue import Catalogue
    from faldeck.app.model_card import FieldRow, ModelCard
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext

_EPILOG = """\
examples:
  faldeck model fal-ai/flux/dev
  faldeck model flux --open licence     an alias of the config; or playground, docs, api

The typical time is the median of your own jobs; without any, it is what the catalogue says.
"""

WEB_PAGES = ("playground", "docs", "api", "licence")
"""The names of `WebPage`, which is imported when a card is read: help needs no history."""

WIDEST = 100
"""The most columns that the text takes."""


def configure(parser: Parser) -> None:
    """Adds the arguments: which model, and what to open."""
    parser.epilog = _EPILOG
    parser.add_argument("endpoint_id", metavar="ENDPOINT", help="the model: an id, an alias, or the URL of its page")
    parser.add_argument("--open", dest="page", choices=WEB_PAGES, help="open a page on the web instead")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object")


def run(context: CommandContext, *, endpoint_id: str, page: str | None, as_json: bool) -> ExitStatus:
    """Prints what is known about a model. Raises CommandError, HistoryError, OSError."""
    from faldeck.app.model_card import WebPage
    from faldeck.cli import output, select
    from faldeck.fal.urls import app_id

    (endpoint_id,) = select.named_models(context, [endpoint_id])
    app_id(endpoint_id)
    card = asyncio.run(_card(context, endpoint_id, asks=page is None))
    if page is not None:
        return _open(context, card.pages()[WebPage(page)], as_json)
    if not (card.is_listed or card.inputs):
        meant = select.did_you_mean(select.catalogue_on_disk(context), [endpoint_id])
        why = f"{endpoint_id} is not in the catalogue.{meant}"
        raise CommandError(why, ExitStatus.NOT_FOUND, hint="faldeck models")
    if as_json:
        output.print_json(card.document())
    else:
        output.print_text("\n".join(_lines(card, min(WIDEST, output.terminal_width()))))
    return ExitStatus.DONE


async def _card(context: CommandContext, endpoint_id: str, *, asks: bool) -> ModelCard:
    from faldeck.app import model_card

    async with context.session() as session:
        if asks and session.catalogue.is_stale:
            await _refresh(session.catalogue)
        return await model_card.load(session, endpoint_id, asks=asks)


async def _refresh(catalogue: Catalogue) -> None:
    """Lists the models again; an old list is used if that fails."""
    from faldeck.cli import output
    from faldeck.fal.errors import FalError

    try:
        await catalogue.refresh()
    except FalError as error:
        output.print_message(f"The models could not be listed, so less is known: {error.message}")


def _open(context: CommandContext, url: str, as_json: bool) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.system import desktop

    is_opened = desktop.show(url, context.config.open_command)
    if as_json:
        output.print_json({"place": url, "is_opened": is_opened, "is_copied": False})
    elif not is_opened:
        output.print_text(url)
        output.print_hint(desktop.why_nothing_opens(url))
    return ExitStatus.DONE


def _lines(card: ModelCard, width: int) -> Iterator[str]:
    """The page as text: the name, the facts, the description, then inputs, outputs, family and web pages."""
    from faldeck.app import model_card
    from faldeck.job import now

    yield card.model.endpoint_id
    if card.model.name:
        yield card.model.name
    yield ""
    facts = card.facts(now())
    room = max(len(name) for name, _ in facts)
    for name, text in facts:
        yield from _beside(f"{name:<{room}}  ", text, width)
    if card.model.description:
        yield ""
        yield from textwrap.wrap(card.model.description, width)
    for title, fields in (("Inputs", card.inputs), ("Outputs", card.outputs)):
        yield from _fields(title, model_card.rows(fields), width)
    if card.fault:
        yield from ("", f"Inputs and outputs are not known: {card.fault}")
    if card.siblings:
        yield from ("", "Family")
        room = max(len(name) for name, _ in card.family())
        for name, what in card.family():
            yield f"  {name:<{room}}  {what}".rstrip()
    yield from ("", "On the web")
    for page, url in card.pages().items():
        yield f"  {page.value:<10}  {url}"


def _fields(title: str, rows: Sequence[FieldRow], width: int) -> Iterator[str]:
    if not rows:
        return
    yield from ("", title)
    room = max(len(row.name) for row in rows)
    kinds = max(len(row.type) for row in rows)
    for row in rows:
        yield from _beside(f"  {row.name:<{room}}  {row.type:<{kinds}}  ", row.words, width)


def _beside(lead: str, text: str, width: int) -> list[str]:
    """A text behind a lead, wrapped so that its further lines are indented as far."""
    return textwrap.wrap(text, max(width, len(lead) + 20), initial_indent=lead, subsequent_indent=" " * len(lead)) or [
        lead.rstrip()
    ]
