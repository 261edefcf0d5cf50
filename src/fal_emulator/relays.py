"""The ways in which a relay differs from the service behind it (protocol §9.1), as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from fal_emulator.answers import Reply
from fal_emulator.faults import FaultRules

OFFICIAL_HOST = "https://queue.fal.run"
"""The host that relays leave in the URLs of their answers."""
OWNER = "fal-ai"
"""The owner in the ids of relays. Our own models have it as a second owner."""

_OWN_OWNER = "demo"


@dataclass(frozen=True)
class Relay:
    """One kind of relay."""

    scheme: str
    """The word before the key; the Images page wants `Bearer` of all of them."""
    failure_word: str | None = None
    """The status word for a failed request, instead of COMPLETED."""
    early_code: int = 400
    """The status code for a result that is requested too early."""
    unsaid: tuple[str, ...] = ()
    """The members that its answers do not have."""
    closed: tuple[str, ...] = ("stream", "cancel", "run", "upload")
    """The operations that it does not have."""


_QUEUE = ("submit", "status", "stream", "result", "cancel")

RELAYS: Mapping[str, Relay] = {
    "relay-a": Relay("Bearer", unsaid=("logs", "metrics")),
    "relay-b": Relay("Key", failure_word="FAILURE", early_code=200, unsaid=("cancel_url",)),
    "relay-images": Relay("Bearer", closed=(*_QUEUE, "run", "upload", "videos")),
    "relay-videos": Relay("Bearer", closed=(*_QUEUE, "run", "upload", "images")),
}
"""By the name of the fault that turns one on."""


def relay_in(faults: FaultRules) -> Relay | None:
    """The relay that is emulated; None for the service itself."""
    return next((relay for name, relay in RELAYS.items() if faults.has(name)), None)


def closed_door(faults: FaultRules, operation: str | None, method: str, path: str) -> Reply | None:
    """The answer of a relay to an operation that it does not have; None in any other case."""
    relay = relay_in(faults)
    if (relay and operation in relay.closed) or (operation == "status" and faults.has("result-only")):
        return gateway_error(404, f"Invalid URL ({method} {path})")
    return None


def gateway_error(status: int, message: str) -> Reply:
    """An error of the gateway itself, in the form of its kind (protocol §9.3)."""
    return Reply(status, {"error": {"message": message, "type": "invalid_request_error", "code": "", "param": ""}})


def shaped(request: Request, answer: Reply) -> Reply:
    """A refusal in the form of a relay; unchanged for the service itself."""
    faults: FaultRules = request.scope["fal_emulator.faults"]
    detail = answer.body.get("detail") if isinstance(answer.body, dict) else None
    return gateway_error(answer.status, detail) if relay_in(faults) and isinstance(detail, str) else answer


def own_id(endpoint_id: str) -> str:
    """Our own id of a model that is requested under the owner of the real service."""
    return endpoint_id.replace(f"{OWNER}/", f"{_OWN_OWNER}/", 1) if endpoint_id.startswith(f"{OWNER}/") else endpoint_id


def full_id(name: str) -> str:
    """Our own id of a model that is named with its owner or without."""
    return own_id(name if name.startswith((f"{OWNER}/", f"{_OWN_OWNER}/")) else f"{OWNER}/{name}")


def resold_id(endpoint_id: str) -> str:
    """The inverse of `own_id`."""
    return endpoint_id.replace(f"{_OWN_OWNER}/", f"{OWNER}/", 1)
