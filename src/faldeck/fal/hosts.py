"""The addresses of one service, as a profile names them, and the names of this machine."""

from dataclasses import dataclass

PUBLIC_API = "https://api.fal.ai/v1"
PUBLIC_SCHEMA = "https://fal.ai/api/openapi/queue/openapi.json"

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""The usual names of this machine, which is never asked through a proxy."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Base URLs; None is a door that the profile does not have (protocol §0).

    The key goes to the queue, run, rest, api, images and videos addresses and to no other.
    """

    queue_url: str
    """Empty where there are nothing but pages for images and videos."""
    run_url: str | None = None
    rest_url: str | None = None
    api_url: str | None = None
    """Platform API. Without it there are no prices, and the catalogue is the public one, asked without a key."""
    schema_url: str | None = None
    """Without it schemas come from the public site. The key never goes there."""
    cdn_url: str | None = None
    """Without it uploads go where the upload token says."""
    images_url: str | None = None
    """The whole URL of an OpenAI Images form (protocol §9.4)."""
    images_auth: str = "Bearer"
    """The word before the key there; the rest of a relay may want another."""
    images_models: tuple[str, ...] = ()
    """What the models are called there."""
    videos_url: str | None = None
    """The whole URL of a page for video tasks (protocol §9.5), which is asked with `images_auth` too."""
    videos_models: tuple[str, ...] = ()
    """What the models are called there."""

    @property
    def keyed(self) -> tuple[str, ...]:
        """The addresses that may be sent the key; the pages for images and videos have a line of their own."""
        named = (self.queue_url, self.run_url, self.rest_url, self.api_url)
        return tuple(url for url in named if url)

    @property
    def every(self) -> tuple[str, ...]:
        """Every address at which the service itself is: what it points to there is its own."""
        named = (*self.keyed, self.cdn_url, self.images_url, self.videos_url)
        return tuple(url for url in named if url)
