"""Who may do what: any key is good, but none is not enough (protocol §1).

Two keys are special, for tests: `locked` is an account without credit, `invalid` a wrong key.
"""

from starlette.requests import Request

from faldeck.emulator.answers import ACCOUNT_LOCKED, Answer, Refused, plain, platform_error
from faldeck.emulator.relay import gateway_error, relay_in
from faldeck.emulator.state import fingerprint

INVALID = plain(401, "invalid key credentials")


def key_of(request: Request, missing: Answer, schemes: tuple[str, ...] = ("Key", "Bearer")) -> str:
    """The fingerprint of the request's key; raises `Refused`, with `missing` where there is none."""
    authorization = request.headers.get("authorization", "")
    scheme, _, key = authorization.partition(" ")
    if scheme not in schemes or not key.strip():
        raise Refused(missing)
    if key == "locked":
        raise Refused(ACCOUNT_LOCKED)
    if key == "invalid":
        raise Refused(INVALID)
    return fingerprint(authorization)


def key_for_app(request: Request, app: str) -> str:
    """The key of an inference call; a relay wants its own word before it (protocol §9.1)."""
    if relay := relay_in(request.scope["faldeck.faults"]):
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
    except Refused as refusal:
        kind = "access_denied" if refusal.answer.status == 403 else "authorization_error"
        raise Refused(platform_error(kind)) from refusal
