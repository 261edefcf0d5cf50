"""What a header can carry. Pure."""

import re

from faldeck.fal.errors import InvalidRequest

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def check(name: str, value: str) -> None:
    """Raises `InvalidRequest` for what would end a header early, or could not be sent at all."""
    if not (_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
        raise InvalidRequest(f"The header {name[:100]!r} holds characters that no header can carry.")
