"""Who may do what: any key is good, but none is not enough (protocol §1).

Two keys are special, for tests: `locked` is an account without credit, `invalid` a wrong key.
"""

from starlette.requests import Request

from faldeck.emulator.answers import ACCOUNT_LOCKED, Answer, Refused, plain, platform_error
from faldeck.emulator.state import fingerprint

INVALID = plain(401, "invalid key credentials")


def key_of(request: Request, missing: Answer) -> str:
    """The fingerprint of the request's key; raises `Refused`, with `missing` where there is none."""
    authorization = request.headers.get("authorization", "")
    scheme, _, key = authorization.partition(" ")
    if scheme not in ("Key", "Bearer") or not key.strip():
        raise Refused(missing)
    if key == "locked":
        raise Refused(ACCOUNT_LOCKED)
    if key == "invalid":
        raise Refused(INVALID)
    return fingerprint(authorization)


def key_for_app(request: Request, app: str) -> str:
    """The key of an inference call."""
    detail = f'Cannot access application "{app}". Authentication is required to access this application.'
    return key_of(request, plain(401, detail))


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
