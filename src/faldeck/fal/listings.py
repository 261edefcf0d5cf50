"""What a service lists, as frozen values: its models, their prices, the account's own requests."""

from dataclasses import dataclass

from faldeck.fal.values import JSON


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue (protocol §6.1); absent texts are empty."""

    endpoint_id: str
    name: str = ""
    category: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    is_deprecated: bool = False
    published_at: str = ""
    updated_at: str = ""
    thumbnail_url: str = ""
    model_url: str = ""
    group_key: str = ""
    group_label: str = ""
    license_type: str = ""
    kind: str = ""
    """`inference`, `training`, or empty."""
    duration_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPage:
    """One page of the catalogue and the cursor of the next (None on the last)."""

    models: tuple[Model, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an endpoint costs this account."""

    endpoint_id: str
    unit_price: float
    unit: str
    """Free text: `megapixels`, `images`, `seconds`, ..."""
    currency: str


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One line of the account's own request list (protocol §7); times are ISO 8601."""

    request_id: str
    endpoint_id: str
    sent_at: str
    started_at: str
    ended_at: str | None
    status_code: int | None
    duration_seconds: float | None
    arguments: JSON = None
    """The input, where payloads were asked for and are still stored."""
    output: JSON = None
