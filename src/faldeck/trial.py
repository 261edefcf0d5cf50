"""Tries a profile without paying anything: one question to its service, and a plain verdict on the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faldeck import hostile
from faldeck.config import Config, Profile
from faldeck.config.credentials import Credential

if TYPE_CHECKING:
    import httpx


class Standing(Enum):
    """How a profile stands with its service."""

    GOOD = auto()
    """The key is taken, or not refused."""
    REFUSED = auto()
    """The key is wrong, or its account is locked."""
    UNKNOWN = auto()
    """The service could not be asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trial has shown, for a person."""

    standing: Standing
    words: str


async def trial(
    profile: Profile, credential: Credential, *, transport: httpx.AsyncBaseTransport | None = None
) -> Verdict:
    """Asks the profile's service, with the key, for something that costs nothing (protocol §1)."""
    from faldeck.fal.errors import FalError, Forbidden, Unauthorized
    from faldeck.services import Services

    host = urlsplit(profile.api_url or profile.home_url).netloc.rpartition("@")[2]
    config = Config().with_profile(profile)
    services = Services(config, find_key=lambda _: credential, transport=transport)
    try:
        is_sure = await services.gateway(profile.name).check_key()
    except (Unauthorized, Forbidden) as error:
        return Verdict(Standing.REFUSED, f"{host} does not take this key: {_sentence(error)}")
    except FalError as error:
        return Verdict(Standing.UNKNOWN, f"The key could not be tried: {_sentence(error)}")
    finally:
        await services.close()
    if is_sure:
        return Verdict(Standing.GOOD, f"{host} takes the key.")
    return Verdict(Standing.GOOD, f"{host} answers and does not refuse the key; more cannot be known for free.")


def _sentence(error: Exception) -> str:
    return f"{hostile.clean_line(str(error), limit=300).rstrip('.')}."
