"""The catalogue of a service: its models and their OpenAPI documents (protocol §6). Works without a key."""

from collections.abc import AsyncGenerator, Sequence
from urllib.parse import urlencode

from faldeck.fal.answers import granted, number_of, text_of
from faldeck.fal.errors import NotFound, Unreadable
from faldeck.fal.hosts import PUBLIC_API, PUBLIC_SCHEMA, Hosts
from faldeck.fal.http import Http
from faldeck.fal.listings import Model, ModelPage
from faldeck.fal.values import JSON, JsonObject

MAX_PAGES = 1_000
"""Pages after which a catalogue is taken for one without end."""


class Models:
    """One service's catalogue; the public one where the profile names none."""

    def __init__(self, http: Http, hosts: Hosts) -> None:
        self._http = http
        self._models_url = f"{(hosts.api_url or PUBLIC_API).rstrip('/')}/models"
        self._schema_url = hosts.schema_url or PUBLIC_SCHEMA
        self._with_key = hosts.api_url is not None

    async def models(
        self,
        *,
        query: str | None = None,
        category: str | None = None,
        status: str | None = None,
        endpoint_ids: Sequence[str] = (),
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> AsyncGenerator[ModelPage, None]:
        """The catalogue page by page, from `cursor` on; everything without a filter.

        `status` is `active` or `deprecated`, `endpoint_ids` at most 50. Raises `Refused`, also between pages.
        """
        chosen = {"q": query, "category": category, "status": status, "limit": page_size}
        fixed = [(name, str(value)) for name, value in chosen.items() if value is not None]
        fixed += [("endpoint_id", endpoint_id) for endpoint_id in endpoint_ids]
        for _ in range(MAX_PAGES):
            page = await self._page(fixed + ([("cursor", cursor)] if cursor else []))
            yield page
            if page.next_cursor is None or page.next_cursor == cursor:
                return
            cursor = page.next_cursor

    async def _page(self, query: list[tuple[str, str]]) -> ModelPage:
        url = f"{self._models_url}?{urlencode(query)}" if query else self._models_url
        answer = await self._http.exchange("GET", url, with_key=self._with_key)
        said = granted(answer).object()
        entries = said.get("models")
        if not isinstance(entries, list):
            raise Unreadable(f"{answer.host} answered without a list of models.", status=answer.status)
        models = tuple(model for entry in entries if (model := _model(entry)) is not None)
        next_cursor = text_of(said.get("next_cursor"), 2_000)
        return ModelPage(models, next_cursor if said.get("has_more", True) else None)

    async def schema(self, endpoint_id: str) -> JsonObject:
        """The OpenAPI document of an endpoint (protocol §6.5). Raises `NotFound` where there is none."""
        url = f"{self._schema_url}?{urlencode({'endpoint_id': endpoint_id})}"
        answer = await self._http.exchange("GET", url, with_key=False)
        if answer.status == 404 or (answer.is_success and answer.body.strip() == b"null"):
            raise NotFound(f"There is no schema of {endpoint_id}.", status=404)
        return granted(answer).object()


def _model(entry: JSON) -> Model | None:
    """One entry, None where it has no endpoint id that can be one; only that is always there."""
    endpoint_id = text_of(entry.get("endpoint_id")) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or endpoint_id is None or not endpoint_id.isprintable():
        return None
    about = _object(entry.get("metadata"))
    group = _object(about.get("group"))
    tags = about.get("tags")
    return Model(
        endpoint_id=endpoint_id,
        name=_text(about, "display_name"),
        category=_text(about, "category"),
        description=_text(about, "description"),
        tags=tuple(tag[:100] for tag in tags[:100] if isinstance(tag, str)) if isinstance(tags, list) else (),
        is_deprecated=about.get("status") == "deprecated",
        published_at=_text(about, "date"),
        updated_at=_text(about, "updated_at"),
        thumbnail_url=_text(about, "thumbnail_url"),
        model_url=_text(about, "model_url"),
        group_key=_text(group, "key"),
        group_label=_text(group, "label"),
        license_type=_text(about, "license_type"),
        kind=_text(about, "kind"),
        duration_minutes=number_of(about.get("duration_estimate")),
    )


def _object(value: JSON) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(about: JsonObject, key: str) -> str:
    return text_of(about.get(key), 5_000) or ""
