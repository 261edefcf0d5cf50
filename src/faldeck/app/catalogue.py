"""The models, schemas and prices we know: disk first, the network behind."""

from __future__ import annotations

import contextlib
import json
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any

from faldeck.config.settings import OFFICIAL
from faldeck.fal.errors import NotFound, NotSupported
from faldeck.fal.urls import OWNER
from faldeck.fal.values import Model, Price
from faldeck.job import Job, State
from faldeck.safety import private_file, sanitize
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.engine.gateways import Gateways

FRESH_SECONDS = 24 * 3600.0
"""For so long a stored document is used without asking whether there is a newer one."""

KEPT: Mapping[str, type] = {
    **dict.fromkeys(("endpoint_id", "name", "category", "description"), str),
    "tags": list,
    "is_deprecated": bool,
    **dict.fromkeys(("published_at", "kind"), str),
}
"""What is kept of a model's entry, and as what; the rest is never shown."""

PRICED: tuple[type | UnionType, ...] = (str, int | float, str, str)
"""What a price is kept as."""


class Catalogue:
    """What one profile's service offers."""

    def __init__(self, services: Gateways, profile: str, *, folder: Path | None = None) -> None:
        self._services = services
        self._profile = profile
        self._own_folder = folder
        self._unkept: dict[Path, object] = {}
        """What was fetched and could not be put on disk, because that is full or refuses: it is used all the same."""

    @property
    def _folder(self) -> Path:
        """Where the documents are; services without a catalogue of their own share fal's public one."""
        if self._own_folder:
            return self._own_folder
        has_own = self._services.profile(self._profile).api_url not in (None, OFFICIAL.api_url)
        return paths.cache_dir() / (sanitize.file_name(self._profile) if has_own else OFFICIAL.name)

    # Models

    def models(self) -> list[Model]:
        """The models on disk; none before the first refresh.

        Where the profile lists its models itself, those alone, by its own names, with what the catalogue says of them.
        """
        rows = _rows(_read(self._folder / "models.json"), tuple(KEPT.values()))
        listed = [_model(row) for row in rows if all(isinstance(tag, str) for tag in row[4])]
        own = self._services.profile(self._profile).own_models
        if not own:
            return listed
        known = {model.endpoint_id: model for model in listed}
        return [
            _called(name, [known[public] for public in self._public_names(name) if public in known]) for name in own
        ]

    def similar_models(self, endpoint_id: str) -> list[str]:
        """The listed ids that an unlisted one may be a misspelling of, the likeliest first (see `finder.nearest`).

        None where it is listed itself, or no models are on disk.
        """
        from faldeck.app.model_search import nearest

        names = (*self._public_names(endpoint_id), endpoint_id.removeprefix(f"{OWNER}/"))
        if self._is_found_quickly(names):
            return []
        listed = {model.endpoint_id for model in self.models()}
        return nearest(endpoint_id, listed) if listed.isdisjoint(names) else []

    def _is_found_quickly(self, endpoint_ids: Sequence[str]) -> bool:
        """Whether one of these ids begins a row on disk. To parse the file takes 20 ms, which most runs can spare."""
        if self._services.profile(self._profile).own_models:
            return False
        try:
            rows = (self._folder / "models.json").read_bytes()
        except OSError:
            return False
        return any(f"[{json.dumps(endpoint_id)},".encode() in rows for endpoint_id in endpoint_ids)

    def suggested_model(self, job: Job) -> str | None:
        """The endpoint id that may have been meant by a job whose service has no such model; None for every other."""
        if job.state is not State.FAILED or job.error is None or job.error.status != 404:
            return None
        from faldeck.app.model_search import closest

        return closest(job.endpoint_id, [model.endpoint_id for model in self.models()])

    @property
    def is_stale(self) -> bool:
        """True where the models on disk are a day old, or missing."""
        return _age(self._folder / "models.json") > FRESH_SECONDS

    async def refresh(self) -> list[Model]:
        """The models as the service lists them now, put on disk; raises FalError or OSError, and the old ones stay."""
        listed: dict[str, Model] = {}
        async for page in self._services.catalogue(self._profile).models():
            listed |= {model.endpoint_id: _cleaned(model) for model in page.models}
        models = list(listed.values())
        if models:
            _write(self._folder / "models.json", [[asdict(model)[name] for name in KEPT] for model in models])
        return self.models()

    # Schemas

    def stored_schema(self, endpoint_id: str) -> object:
        """The endpoint's OpenAPI document on disk, however old; None where there is none."""
        return self._read(self._schema_path(endpoint_id))

    def schema_is_stale(self, endpoint_id: str) -> bool:
        """True where the document on disk is a day old, or missing."""
        path = self._schema_path(endpoint_id)
        return path not in self._unkept and _age(path) > FRESH_SECONDS

    async def fetch_schema(self, endpoint_id: str) -> object:
        """The endpoint's OpenAPI document as the service gives it now, put on disk if it can be; raises FalError."""
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
        """The stored document while it is fresh, else a fetched one; raises FalError."""
        if not self.schema_is_stale(endpoint_id):
            return self.stored_schema(endpoint_id)
        return await self.fetch_schema(endpoint_id)

    def _public_names(self, endpoint_id: str) -> tuple[str, ...]:
        """What the public catalogue may call a model: relays leave its owner out (protocol §9.1)."""
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
        """Endpoint id → the price on disk; none where the service tells none, for another's are not its own."""
        if self._services.profile(self._profile).api_url is None:
            return {}
        return {row[0]: Price(*row) for row in _rows(self._read(self._folder / "prices.json"), PRICED)}

    async def fetch_price(self, endpoint_id: str) -> Price | None:
        """What the endpoint costs this account, put on disk if it can be; None where that cannot be known.

        Raises FalError (but not for a service without prices) or NoKey.
        """
        try:
            found = await self._services.gateway(self._profile).prices([endpoint_id])
        except NotSupported:
            return None
        known = {**self.prices(), **{price.endpoint_id: price for price in found}}
        self._keep(self._folder / "prices.json", [list(asdict(price).values()) for price in known.values()])
        return known.get(endpoint_id)

    # Files

    def _keep(self, path: Path, document: object) -> None:
        """Puts a document on disk, or holds it in memory where the disk is full or refuses: nothing waits for that."""
        try:
            _write(path, document)
        except OSError:
            self._unkept[path] = document
        else:
            self._unkept.pop(path, None)

    def _read(self, path: Path) -> object:
        return self._unkept[path] if path in self._unkept else _read(path)


def _model(row: list[Any]) -> Model:
    return Model(**{**dict(zip(KEPT, row, strict=True)), "tags": tuple(row[4])})


def _called(name: str, described: list[Model]) -> Model:
    """The model of that name, as the first description has it."""
    return replace(described[0], endpoint_id=name) if described else Model(name)


def _cleaned(model: Model) -> Model:
    return Model(
        endpoint_id=model.endpoint_id,
        name=sanitize.clean_line(model.name, limit=120),
        category=sanitize.clean_line(model.category, limit=60),
        description=sanitize.clean_line(model.description, limit=1_000),
        tags=tuple(sanitize.clean_line(tag, limit=60) for tag in model.tags if tag),
        is_deprecated=model.is_deprecated,
        published_at=sanitize.clean_line(model.published_at, limit=40),
        kind=model.kind,
    )


def _age(path: Path) -> float:
    """Seconds since the file was written; endless where there is none."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _read(path: Path) -> object:
    """The JSON in a file of ours; None where there is none, or a broken one, which the next fetch replaces."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _rows(rows: object, kinds: tuple[type | UnionType, ...]) -> list[list[Any]]:
    """The rows of a document that hold values of these kinds; others may have written it, or another faldeck."""
    lists = [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    return [row for row in lists if len(row) == len(kinds) and all(map(isinstance, row, kinds))]


def _write(path: Path, document: object) -> None:
    """Writes a JSON file in one step; raises OSError."""
    private_file.write(path, json.dumps(document, separators=(",", ":")))
