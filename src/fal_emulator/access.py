"""Who may do what: any key is good unless there is only one, but none is not enough (protocol §1).

Two keys are special, for tests: `locked` is an account without credit, `invalid` a wrong key.
"""

import hashlib
import hmac
import secrets

from starlette.requests import Request

from fal_emulator.answers import ACCOUNT_LOCKED, Refusal, Reply, plain, platform_error
from fal_emulator.relays import gateway_error, relay_in
from fal_emulator.state import fingerprint

INVALID = plain(401, "invalid key credentials")


def key_of(request: Request, missing: Reply, schemes: tuple[str, ...] = ("Key", "Bearer")) -> str:
    """The fingerprint of the request's key; raises `Refusal`, with `missing` where there is none."""
    authorization = request.headers.get("authorization", "")
    scheme, _, key = authorization.partition(" ")
    if scheme not in schemes or not key.strip():
        raise Refusal(missing)
    if key == "locked":
        raise Refusal(ACCOUNT_LOCKED)
    only_key: str = request.app.state.only_key
    if key == "invalid" or (only_key and not hmac.compare_digest(key.encode(), only_key.encode())):
        raise Refusal(INVALID)
    return fingerprint(authorization)


def key_for_app(request: Request, app: str) -> str:
    """The key of an inference call; a relay wants its own word before it (protocol §9.1)."""
    if relay := relay_in(request.scope["fal_emulator.faults"]):
        return key_of_scheme(request, relay.scheme)
    detail = f'Cannot access application "{app}". Authentication is required to access this application.'
    return key_of(request, plain(401, detail))


def key_of_scheme(request: Request, scheme: str) -> str:
    """The key of a call to a relay, which must stand behind the word `scheme`."""
    return key_of(request, gateway_error(401, "Invalid token"), (scheme,))


def key_for_storage(request: Request) -> str:
    """The key of a storage call."""
    return key_of(request, plain(401, "Authorization header is required"))


def key_for_platform(request: Request) -> str:
    """The key of a platform call, whose refusals have a shape of their own (protocol §6.4)."""
    try:
        return key_of(request, platform_error("authorization_error"))
    except Refusal as refusal:
        kind = "access_denied" if refusal.answer.status == 403 else "authorization_error"
        raise Refusal(platform_error(kind)) from refusal


def new_token(request: Request) -> str:
    """A token that may be sent in the place of the key (protocol §5.1)."""
    name = secrets.token_hex(16)
    return f"emulator-{name}-{_signature(request, name)}"


def require_token(request: Request) -> None:
    """Raises `Refusal` for a storage call without a token. Any will do, as any key will, where there is no one key."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise Refusal(plain(401, "Authorization header is required"))
    name, _, signature = token.removeprefix("emulator-").partition("-")
    if request.app.state.only_key and not hmac.compare_digest(signature.encode(), _signature(request, name).encode()):
        raise Refusal(INVALID)


def _signature(request: Request, name: str) -> str:
    only_key: str = request.app.state.only_key
    return hmac.new(only_key.encode(), name.encode(), hashlib.sha256).hexdigest()
