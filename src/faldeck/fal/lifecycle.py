"""How long a service shall keep a file, as a header value (protocol §5.6)."""

import json


def lifecycle_header(seconds: int | None) -> str | None:
    """The JSON that asks for `seconds`; None leaves it to the account's own setting."""
    return None if seconds is None else json.dumps({"expiration_duration_seconds": seconds})
