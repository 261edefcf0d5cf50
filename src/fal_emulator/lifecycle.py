"""How long files are kept, as the lifecycle headers ask for it (protocol §5.6)."""

from starlette.datastructures import Headers

from fal_emulator.answers import Refusal, request_error
from fal_emulator.json_input import parsed

_HEADERS = ("x-fal-object-lifecycle", "x-fal-object-lifecycle-preference")


def lifetime_of(headers: Headers) -> float | None:
    """Seconds until the files are to be gone, None to keep them; raises `Refusal` for what is not such a header."""
    text = next((headers[name] for name in _HEADERS if name in headers), None)
    if text is None:
        return None
    try:
        preference = parsed(text)
        seconds = preference.get("expiration_duration_seconds")
        return None if seconds is None else float(seconds)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise Refusal(request_error("bad_request")) from error
