"""Everything about one model, for its page: what it is and costs, how long it takes, its family, inputs and outputs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from faldeck.app import aliases, model_documents, requests, wording
from faldeck.app.catalogue import kept
from faldeck.app.model_list import used_at
from faldeck.fal.values import Model
from faldeck.history import ModelMark
from faldeck.history.export import moment
from faldeck.history.stats import Grouping, Sums
from faldeck.query import EXACTLY, Key, Query, Term
from faldeck.safety import sanitize
from faldeck.schema import document
from faldeck.schema.fields import Field, Items

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.fal.values import Price
    from faldeck.history import Store

SITE = "https://fal.ai/models"
"""Where the pages of models are (protocol §6.5)."""

MOST_FIELD_WORDS = 300
"""The longest help of a field on the page (characters)."""


class WebPage(StrEnum):
    """A page about a model on the web."""

    PLAYGROUND = "playground"
    DOCS = "docs"
    API = "api"
    LICENCE = "licence"


class FieldRow(NamedTuple):
    """One input or output, as text."""

    name: str
    type: str
    words: str
    """What it is for, its limits and its default."""


class ModelCard(NamedTuple):
    """What is known about one model."""

    model: Model
    is_listed: bool
    mark: ModelMark
    own: Sums
    """The sums of the person's own jobs."""
    price: Price | None = None
    aliases: Sequence[str] = ()
    siblings: Sequence[Model] = ()
    """The models of the same family."""
    inputs: Sequence[Field] = ()
    outputs: Sequence[Field] = ()
    fault: str = ""
    """Why inputs and outputs are not known."""

    @property
    def typical_seconds(self) -> float | None:
        """How long a request takes: the median of the person's jobs, else what the catalogue says; None if unknown."""
        return self.own.median_seconds or 60 * (self.model.duration_minutes or 0.0) or None

    @property
    def typical_time(self) -> str:
        """The same as text; empty if unknown."""
        if self.typical_seconds is None:
            return ""
        if self.own.median_seconds:
            return (
                f"{wording.duration(self.typical_seconds)}, the median of {wording.jobs(self.own.completed)} of yours"
            )
        return f"about {wording.duration(self.typical_seconds)}, says the catalogue"

    def facts(self, today: datetime) -> list[tuple[str, str]]:
        """Names and texts of what is known, without what is not."""
        model, mark = self.model, self.mark
        at = used_at(mark)
        shown = [
            ("category", model.category),
            ("price", wording.price(self.price) or "not known"),
            ("typical time", self.typical_time or "not known"),
            ("licence", model.license_type or "not known"),
            ("status", "deprecated" if model.is_deprecated else "" if self.is_listed else "not in the catalogue"),
            ("published", model.published_at[:10]),
            ("tags", ", ".join(model.tags)),
            ("aliases", ", ".join(self.aliases)),
            ("star", "★" if mark.starred else ""),
            ("last used", wording.date(at, today) if at else ""),
            ("your jobs", self._own_jobs),
            ("note", mark.note),
        ]
        return [(name, text) for name, text in shown if text]

    @property
    def _own_jobs(self) -> str:
        own = self.own
        failed = f"{own.failed:,} failed" if own.failed else ""
        spent = wording.usd(own.spent_usd) if own.spent_usd else ""
        return ", ".join(part for part in (f"{own.jobs:,}", failed, spent) if part) if own.jobs else ""

    def family(self) -> list[tuple[str, str]]:
        """Ids of the siblings, and what each is."""
        return [(one.endpoint_id, one.group_label or one.name) for one in self.siblings]

    def pages(self) -> Mapping[WebPage, str]:
        """The addresses of its pages."""
        page = f"{SITE}/{quote(self.model.endpoint_id)}"
        own_licence = self.model.license_url if self.model.license_url.startswith(("https://", "http://")) else ""
        return {
            WebPage.PLAYGROUND: f"{page}/playground",
            WebPage.DOCS: f"{page}/llms.txt",
            WebPage.API: f"{page}/api",
            WebPage.LICENCE: own_licence or page,
        }

    def document(self) -> dict[str, object]:
        """The card as `--json` prints it."""
        return {
            **kept(self.model),
            "duration_minutes": self.model.duration_minutes or None,
            "is_listed": self.is_listed,
            "is_starred": self.mark.starred,
            "note": self.mark.note,
            "used_at": moment(used_at(self.mark)),
            "aliases": list(self.aliases),
            "price": model_documents.price(self.price),
            "typical_seconds": self.typical_seconds,
            "jobs": self.own.jobs,
            "siblings": [one.endpoint_id for one in self.siblings],
            "inputs": [row._asdict() for row in rows(self.inputs)],
            "outputs": [row._asdict() for row in rows(self.outputs)],
            "pages": {page.value: url for page, url in self.pages().items()},
        }


def rows(fields: Sequence[Field]) -> list[FieldRow]:
    """Inputs or outputs as text."""
    return [FieldRow(sanitize.clean_line(field.name), _type(field), _words(field)) for field in fields]


def _type(field: Field) -> str:
    return f"{_type(field.kind.item)}, list" if isinstance(field.kind, Items) else field.kind.name


def _words(field: Field) -> str:
    purpose = sanitize.clean_line(field.help or field.label, limit=MOST_FIELD_WORDS)
    facts = [
        "required" if field.required and not field.has_default else "",
        field.limits,
        f"default {field.show(field.default)}" if field.has_default and field.default not in (None, "") else "",
    ]
    known = sanitize.clean_line("; ".join(fact for fact in facts if fact), limit=MOST_FIELD_WORDS)
    return f"{purpose} ({known})" if known else purpose


async def load(session: Session, endpoint_id: str, *, asks: bool = True) -> ModelCard:
    """Everything about a model. The schema and the price come from disk if they are there, else from the service.

    Without `asks` the service is not asked. What cannot be had is left out. Raises HistoryError.
    """
    catalogue = await session.load()
    models = await asyncio.to_thread(catalogue.models)
    listed = next((model for model in models if model.endpoint_id == endpoint_id), None)
    mark, own = await session.history.read(lambda store: (store.models.of(endpoint_id), _sums(store, endpoint_id)))
    price = catalogue.prices().get(endpoint_id)
    fault = ""
    if asks:
        schema = await requests.load_model(catalogue, endpoint_id)
        fault = schema.fault
        price = price or await requests.find_price(catalogue, endpoint_id)
    inputs, outputs = await asyncio.to_thread(_fields, catalogue.stored_schema(endpoint_id), endpoint_id)
    return ModelCard(
        model=listed or Model(endpoint_id),
        is_listed=listed is not None,
        price=price,
        mark=mark,
        aliases=tuple(aliases.of_models(session.config.aliases).get(endpoint_id, ())),
        own=own,
        siblings=siblings(listed or Model(endpoint_id), models),
        inputs=inputs,
        outputs=outputs,
        fault=fault,
    )


def _sums(store: Store, endpoint_id: str) -> Sums:
    return store.stats.report(Grouping.MODEL, query=Query((Term(Key.MODEL, EXACTLY + endpoint_id),))).total


def _fields(schema: object, endpoint_id: str) -> tuple[Sequence[Field], Sequence[Field]]:
    """The inputs and the outputs that a stored document describes."""
    if schema is None:
        return (), ()
    try:
        return (
            [field for field in document.read(schema, endpoint_id).fields if field.name],
            [field for field in document.result_fields(schema, endpoint_id) if field.name],
        )
    except document.BrokenSchema:
        return (), ()


def siblings(model: Model, models: Sequence[Model]) -> list[Model]:
    """The other models of a family: of the same group in the catalogue, and of the same app; by id."""
    app = "/".join(model.endpoint_id.split("/")[:2])
    return sorted(
        (
            one
            for one in models
            if one.endpoint_id != model.endpoint_id
            and (
                (model.group_key and one.group_key == model.group_key)
                or one.endpoint_id == app
                or one.endpoint_id.startswith(f"{app}/")
            )
        ),
        key=lambda one: one.endpoint_id,
    )
