"""The models, schemas and prices of a service: read from disk, fetched from the network when they are old."""

from __future__ import annotations

import contextlib
import json
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any

from faldeck import money
from faldeck.config.settings import OFFICIAL
from faldeck.fal.errors import NotFound, NotSupported
from faldeck.fal.urls import OWNER
from faldeck.fal.values import PRICES_AT_ONCE, Model, Price
from faldeck.job import Job, State
from faldeck.safety import private_file, sanitize
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.engine.gateways import Gateways

FRESH_SECONDS = 24 * 3600.0
"""How long a stored document counts as fresh."""

KEPT: Mapping[str, type] = {
    **dict.fromkeys(("endpoint_id", "name", "category", "description"), str),
    "tags": list,
    "is_deprecated": bool,
    **dict.fromkeys(("published_at", "kind"), str),
    **dict.fromkeys(("license_type", "license_url", "group_key", "group_label"), str),
    "duration_minutes": float,
}
"""The attributes of a model that are stored, with their types; the others are never shown."""

LATER = {"license_type": "", "license_url": "", "group_key": "", "group_label": "", "duration_minutes": 0.0}
"""The attributes that an older faldeck did not store, as they are then."""

PRICED: tuple[type | UnionType, ...] = (str, str | int | float, str, str)
"""The types of a stored price's attributes. The amount is a text; an older faldeck wrote a number."""


class Catalogue:
    """The models of one profile's service, their schemas and their prices."""

    def __init__(self, services: Gateways, profile: str, *, folder: Path | None = None) -> None:
        self._services = services
        self._profile = profile
        self._own_folder = folder
        self._unkept: dict[Path, object] = {}
        """Documents that could not be written because the disk is full or refuses; they are used from memory."""

    @property
    def _folder(self) -> Path:
        """The folder of the documents; services without a catalogue of their own share that of fal."""
        if self._own_folder:
            return self._own_folder
        has_own = self._services.profile(self._profile).api_url not in (None, OFFICIAL.api_url)
        return paths.cache_dir() / (sanitize.file_name(self._profile) if has_own else OFFICIAL.name)

    # Models

    def models(self) -> list[Model]:
        """The models on disk; none before the first refresh.

        If the profile lists its models itself, only those, by its own names, with the catalogue's descriptions.
        """
        rows = _rows(_filled_up(_read(self._folder / "models.json")), tuple(KEPT.values()))
        listed = [_model(row) for row in rows if all(isinstance(tag, str) for tag in row[4])]
        own = self._services.profile(self._profile).own_models
        if not own:
            return listed
        known = {model.endpoint_id: model for model in listed}
        return [
            _called(name, [known[public] for public in self._public_names(name) if public in known]) for name in own
        ]

    def similar_models(self, endpoint_id: str) -> list[str]:
        """The listed ids that an unlisted one may be a misspelling of, the likeliest first (see `misspelt_models`).

        Empty if the id is listed itself, or no models are on disk.
        """
        from faldeck.app.misspelt_models import nearest

        if "://" in endpoint_id:
            return self._named_by_page(endpoint_id)
        listed = self._listed_without(endpoint_id)
        return nearest(endpoint_id, listed) if listed else []

    def lacks(self, endpoint_id: str) -> bool:
        """True if models are on disk, and this one is not among them."""
        return bool(self._listed_without(endpoint_id))

    def _listed_without(self, endpoint_id: str) -> set[str]:
        """The ids of the models on disk; none if this one is among them."""
        names = (*self._public_names(endpoint_id), endpoint_id.removeprefix(f"{OWNER}/"))
        if self._is_found_quickly(names):
            return set()
        listed = {model.endpoint_id for model in self.models()}
        return listed if listed.isdisjoint(names) else set()

    def _named_by_page(self, url: str) -> list[str]:
        """The listed models that a page of the documentation is about, by its name."""
        from faldeck.app.copied_url import page_name

        page = page_name(url)
        listed = [model.endpoint_id for model in self.models()] if page else []
        return [one for one in listed if page in (one.replace("/", "-"), one.partition("/")[2].replace("/", "-"))]

    def _is_found_quickly(self, endpoint_ids: Sequence[str]) -> bool:
        """True if one of these ids begins a row of the file. Parsing the file takes 20 ms, which most runs save so."""
        if self._services.profile(self._profile).own_models:
            return False
        try:
            rows = (self._folder / "models.json").read_bytes()
        except OSError:
            return False
        return any(f"[{json.dumps(endpoint_id)},".encode() in rows for endpoint_id in endpoint_ids)

    def suggested_model(self, job: Job) -> str | None:
        """The model that was probably meant by a job that failed because its model does not exist; else None."""
        if job.state is not State.FAILED or job.error is None or job.error.status != 404:
            return None
        from faldeck.app.misspelt_models import closest

        return closest(job.endpoint_id, [model.endpoint_id for model in self.models()])

    @property
    def is_stale(self) -> bool:
        """True if the list of models on disk is more than a day old, or missing."""
        return _age(self._folder / "models.json") > FRESH_SECONDS

    async def refresh(self) -> list[Model]:
        """Fetches the list of models and stores it. Raises FalError or OSError; the old list then stays."""
        listed: dict[str, Model] = {}
        async for page in self._services.catalogue(self._profile).models():
            listed |= {model.endpoint_id: _cleaned(model) for model in page.models}
        models = list(listed.values())
        if models:
            _write(self._folder / "models.json", [list(kept(model).values()) for model in models])
        return self.models()

    # Schemas

    def stored_schema(self, endpoint_id: str) -> object:
        """The endpoint's OpenAPI document on disk, even if it is old; None if there is none on disk."""
        return self._read(self._schema_path(endpoint_id))

    def schema_is_stale(self, endpoint_id: str) -> bool:
        """True if the document on disk is more than a day old, or missing."""
        path = self._schema_path(endpoint_id)
        return path not in self._unkept and _age(path) > FRESH_SECONDS

    async def fetch_schema(self, endpoint_id: str) -> object:
        """Fetches the endpoint's OpenAPI document and stores it if possible; raises FalError."""
        *others, last = self._public_names(endpoint_id)
        catalogue = self._services.catalogue(self._profile)
        for public in others:
            with contextlib.suppress(NotFound):
                return self._kept(endpoint_id, await catalogue.schema(public))
        return self._kept(endpoint_id, await catalogue.schema(last))

    def _kept(self, endpoint_id: str, document: object) -> object:
        self._keep(self._schema_path(endpoint_id), document)
        return document

    async def schema(self, endpoint_id: str) -> object:
        """The stored document if it is fresh, else a fetched one; raises FalError."""
        if not self.schema_is_stale(endpoint_id):
            return self.stored_schema(endpoint_id)
        return await self.fetch_schema(endpoint_id)

    def _public_names(self, endpoint_id: str) -> tuple[str, ...]:
        """The names that the public catalogue may have for a model: relays leave out its owner (protocol §9.1)."""
        profile = self._services.profile(self._profile)
        is_short = profile.own_models or not profile.queue_url or profile.queue_url.rstrip("/").endswith(f"/{OWNER}")
        if not is_short or endpoint_id.startswith(f"{OWNER}/"):
            return (endpoint_id,)
        return (f"{OWNER}/{endpoint_id}", endpoint_id)

    def _schema_path(self, endpoint_id: str) -> Path:
        # Two ids may differ in case alone, which some file systems do not tell apart.
        tag = zlib.crc32(endpoint_id.encode())
        return self._folder / "schemas" / f"{sanitize.file_name(endpoint_id)}-{tag:08x}.json"

    # Prices

    def prices(self) -> Mapping[str, Price]:
        """Endpoint id → the price on disk; empty for a service without prices, since those of fal are not its own."""
        if self._services.profile(self._profile).api_url is None:
            return {}
        rows = _rows(self._read(self._folder / "prices.json"), PRICED)
        read = ((row[0], money.decimal_of(row[1]), *row[2:]) for row in rows)
        return {name: Price(name, amount, *rest) for name, amount, *rest in read if amount is not None}

    async def fetch_price(self, endpoint_id: str) -> Price | None:
        """Fetches the price of an endpoint for this account, and stores it if possible; None if there is no price.

        Raises FalError (but not for a service without prices) or NoKey.
        """
        try:
            found = await self._services.gateway(self._profile).prices([endpoint_id])
        except NotSupported:
            return None
        return self._with_prices(found).get(endpoint_id)

    def _with_prices(self, found: Iterable[Price]) -> Mapping[str, Price]:
        """Stores further prices if possible; returns all that are known."""
        known = {**self.prices(), **{price.endpoint_id: price for price in found}}
        rows = [[one.endpoint_id, str(one.unit_price), one.unit, one.currency] for one in known.values()]
        self._keep(self._folder / "prices.json", rows)
        return known

    @property
    def _asked_prices(self) -> Path:
        return self._folder / "asked-prices.json"

    def unasked_prices(self, endpoint_ids: Iterable[str]) -> list[str]:
        """Those of some models whose prices were not asked for within a day; none for a service without prices."""
        if self._services.profile(self._profile).api_url is None:
            return []
        asked = self._read(self._asked_prices) if _age(self._asked_prices) <= FRESH_SECONDS else None
        known = set(asked) if isinstance(asked, list) and all(isinstance(one, str) for one in asked) else set()
        return [one for one in endpoint_ids if one not in known]

    async def fetch_prices(self, endpoint_ids: Sequence[str]) -> Mapping[str, Price]:
        """Fetches the prices of many models, some at a time, and stores them; returns all that are known.

        Raises FalError or NoKey; what came before is stored.
        """
        known = self.prices()
        for start in range(0, len(endpoint_ids), PRICES_AT_ONCE):
            asked = endpoint_ids[start : start + PRICES_AT_ONCE]
            try:
                known = self._with_prices(await self._services.gateway(self._profile).prices(asked))
            except NotSupported:
                break
            # A model without a price is not asked about again on the same day.
            before = self._read(self._asked_prices) if _age(self._asked_prices) <= FRESH_SECONDS else []
            self._keep(self._asked_prices, [*(before if isinstance(before, list) else []), *asked])
        return known

    # Files

    def _keep(self, path: Path, document: object) -> None:
        """Writes a document, or keeps it in memory if the disk is full or refuses."""
        try:
            _write(path, document)
        except OSError:
            self._unkept[path] = document
        else:
            self._unkept.pop(path, None)

    def _read(self, path: Path) -> object:
        return self._unkept[path] if path in self._unkept else _read(path)


def _model(row: list[Any]) -> Model:
    values = dict(zip(KEPT, row, strict=True))
    return Model(**{**values, "tags": tuple(row[4]), "duration_minutes": values["duration_minutes"] or None})


def _called(name: str, described: list[Model]) -> Model:
    """The model with that name and the first description."""
    return described[0]._replace(endpoint_id=name) if described else Model(name)


def kept(model: Model) -> dict[str, Any]:
    """The attributes of a model that are stored, by name."""
    return {**{name: getattr(model, name) for name in KEPT}, "duration_minutes": model.duration_minutes or 0.0}


def _filled_up(document: object) -> object:
    """A stored list of models, also one of an older faldeck, whose rows are shorter."""
    if not isinstance(document, list):
        return document
    short = len(KEPT) - len(LATER)
    filling = list(LATER.values())
    return [[*row, *filling] if isinstance(row, list) and len(row) == short else row for row in document]


def _cleaned(model: Model) -> Model:
    return Model(
        endpoint_id=model.endpoint_id,
        name=sanitize.clean_line(model.name, limit=120),
        category=sanitize.clean_line(model.category, limit=60),
        description=sanitize.clean_line(model.description, limit=4_000),
        tags=tuple(sanitize.clean_line(tag, limit=60) for tag in model.tags if tag),
        is_deprecated=model.is_deprecated,
        published_at=sanitize.clean_line(model.published_at, limit=40),
        kind=model.kind,
        license_type=sanitize.clean_line(model.license_type, limit=40),
        license_url=sanitize.clean_line(model.license_url, limit=500),
        group_key=sanitize.clean_line(model.group_key, limit=100),
        group_label=sanitize.clean_line(model.group_label, limit=100),
        duration_minutes=float(model.duration_minutes or 0.0),
    )


def _age(path: Path) -> float:
    """Seconds since the file was written; infinite if it does not exist."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _read(path: Path) -> object:
    """The JSON in a file of ours; None if it is missing or broken: the next fetch replaces it."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _rows(rows: object, kinds: tuple[type | UnionType, ...]) -> list[list[Any]]:
    """The rows of a document that have values of these types; another program or version may have written it."""
    lists = [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    return [row for row in lists if len(row) == len(kinds) and all(map(isinstance, row, kinds))]


def _write(path: Path, document: object) -> None:
    """Writes a JSON file in one step; raises OSError."""
    private_file.write(path, json.dumps(document, separators=(",", ":")))
