"""A profile: one service and how to reach it, and the check of its settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from faldeck.config.toml_read import quoted
from faldeck.safety.hosts import is_secure
from faldeck.system import paths

COLOURS: Mapping[str, str] = {
    "amber": "#e3a857",
    "green": "#86b878",
    "blue": "#6cb2d9",
    "rose": "#e08a9b",
    "violet": "#b39ddb",
    "teal": "#5fc2b0",
    "orange": "#e88b5a",
    "lime": "#bcc95c",
}
"""The names of colours that a config may use."""

OWN: Mapping[str, str] = {"fal": "amber", "demo": "green"}
"""The colours of the built-in profiles."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether `text` is one of the names, or `#rrggbb`."""
    return text in COLOURS or _HEX.fullmatch(text) is not None


def hex_colour(text: str) -> str:
    """A colour as `#rrggbb`."""
    return COLOURS.get(text, text)


def default_colour(name: str, names: Sequence[str]) -> str:
    """The colour of a profile that sets none: a different one for each of `names`, as long as there are enough."""
    free = [colour for colour in COLOURS if colour not in OWN.values()]
    others = [other for other in names if other not in OWN]
    place = others.index(name) if name in others else 0
    return hex_colour(OWN.get(name) or free[place % len(free)])


SCHEMES = ("Key", "Bearer")
"""The words that may come before a key in the Authorization header."""

_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)

URLS = ("queue_url", "run_url", "rest_url", "api_url", "images_url", "videos_url", "schema_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One service: its hosts, how it is authorised, what it offers. A URL that is None is not offered."""

    name: str
    queue_url: str
    """Empty if the service has no queue but other pages."""
    run_url: str | None = None
    """For direct and streamed calls."""
    rest_url: str | None = None
    """For storage and tokens. A relay without it takes small files only, as data URIs."""
    api_url: str | None = None
    """The platform API, if it accepts this profile's key."""
    images_url: str | None = None
    """An OpenAI Images form endpoint (protocol §9.4)."""
    videos_url: str | None = None
    """A page where videos are submitted as tasks (protocol §9.5)."""
    schema_url: str | None = None
    auth: str = "Key"
    """The word before the key in the Authorization header: `Key` or `Bearer`."""
    images_auth: str = "Bearer"
    """The same for the Images and the video page."""
    key_env: str | None = None
    models: tuple[str, ...] = ()
    """The models, if the service has no catalogue."""
    images_models: tuple[str, ...] = ()
    """The models that use the Images page."""
    videos_models: tuple[str, ...] = ()
    """The models that use the video page."""
    colour: str | None = None
    """A name of `COLOURS`, or `#rrggbb`; None chooses one."""
    history: bool = True
    """False keeps nothing of this profile's jobs once they have ended."""

    @property
    def home_url(self) -> str:
        """The address that is shown for the service: its queue, or else the first page that it has."""
        return self.queue_url or self.images_url or self.videos_url or ""

    @property
    def own_models(self) -> tuple[str, ...]:
        """The models that the profile lists, by the relay's names; empty if it has the whole catalogue."""
        listed = (*self.models, *self.images_models, *self.videos_models)
        return tuple(dict.fromkeys(listed)) if self.models or not self.queue_url else ()

    def uses_images_page(self, endpoint_id: str) -> bool:
        """Whether a model is requested through the Images page."""
        return _is_named(endpoint_id, self.images_models) or not (self.queue_url or self.uses_videos_page(endpoint_id))

    def uses_videos_page(self, endpoint_id: str) -> bool:
        """Whether a model is requested through the video page."""
        has_only_this_page = not self.queue_url and not self.images_url
        return _is_named(endpoint_id, self.videos_models) or has_only_this_page

    def problems(self) -> Iterator[tuple[str, str]]:
        """The settings that are not valid, and what was expected."""
        if not self.home_url:
            yield "queue_url", "needs a `queue_url`, or an `images_url` or a `videos_url`."
        for key in URLS:
            url = getattr(self, key)
            if url and "@" in url.partition("://")[2].partition("/")[0]:
                yield key, f"`{key}` must not have a user or a password in it: `faldeck key add` saves the key."
            elif url and not is_secure(url):
                yield key, f"`{key}` must begin with https:// (or be on this machine), not {quoted(url)}."
        if self.key_env is not None and not _VARIABLE.fullmatch(self.key_env):
            yield (
                "key_env",
                "`key_env` must be the name of an environment variable; `faldeck key add` saves the key itself.",
            )
        for key in ("auth", "images_auth"):
            if getattr(self, key) not in SCHEMES:
                yield key, f"`{key}` is the word before the key: {' or '.join(SCHEMES)}."
        if self.colour is not None and not is_colour(self.colour):
            known = ", ".join(COLOURS)
            yield "colour", f"`colour` must be #rrggbb or one of {known}, not {quoted(self.colour)}."


OFFICIAL = Profile(
    name="fal",
    queue_url="https://queue.fal.run",
    run_url="https://fal.run",
    rest_url="https://rest.fal.ai",
    api_url="https://api.fal.ai/v1",
    schema_url="https://fal.ai/api/openapi/queue/openapi.json",
    key_env="FAL_KEY",
)
"""The official service."""

RELAY = Profile(name="", queue_url="")
"""The profile that a relay starts from: no official host. Catalogue and schemas are the public ones anyway."""

DEMO = paths.DEMO
"""The profile of the built-in emulator."""


def demo_profile(base_url: str) -> Profile:
    """The profile of an emulator that serves at `base_url`."""
    return Profile(
        name=DEMO,
        queue_url=f"{base_url}/queue",
        run_url=f"{base_url}/run",
        rest_url=f"{base_url}/rest",
        api_url=f"{base_url}/api/v1",
        schema_url=f"{base_url}/site/api/openapi/queue/openapi.json",
    )


def _is_named(endpoint_id: str, names: tuple[str, ...]) -> bool:
    """Whether a model is one of these names, in which the owner may be left out (protocol §9.1)."""
    return endpoint_id.removeprefix("fal-ai/") in (name.removeprefix("fal-ai/") for name in names)


class ProfileTemplate(NamedTuple):
    """A kind of profile that the deck offers to add."""

    label: str
    hint: str
    asked: tuple[str, ...]
    """The settings that are asked for, beside the name and the key."""
    settings: Mapping[str, str] = {}
    """The values that they start with; a setting that is not asked for keeps its value."""


SETTINGS: Mapping[str, str] = {
    "base": "take all addresses from another profile",
    "queue_url": "/fal-ai/… is added to it: https://relay.example",
    "auth": "the word before the key: Key or Bearer",
    "images_url": "the whole address, …/v1/images/generations",
    "images_auth": "the word before the key on such pages: Key or Bearer",
    "images_models": "models that use it, separated by spaces",
    "videos_url": "the whole address, …/v1/video/generations",
    "videos_models": "models that use it, separated by spaces",
    "models": "its models, if it has no catalogue",
    "run_url": "direct and streamed calls",
    "rest_url": "storage for files; without it they are sent inline",
    "api_url": "prices and the account's requests",
    "schema_url": "the models' schemas; fal's own if empty",
    "key_env": "the variable that holds the key, if any",
    "colour": "amber, blue, rose, … or #rrggbb",
}
"""Every setting of a profile in the order of the form, and its description."""

LISTS = ("models", "images_models", "videos_models")
"""The settings that are lists."""

TEMPLATES = (
    ProfileTemplate("fal", "fal.ai with another key", (), {"base": OFFICIAL.name}),
    ProfileTemplate("Relay with Bearer", "a gateway of the openai-hk kind", ("queue_url",), {"auth": "Bearer"}),
    ProfileTemplate("Relay with Key", "a gateway of the uniapi kind", ("queue_url", "models"), {"auth": "Key"}),
    ProfileTemplate("OpenAI Images", "images from /v1/images/generations", ("images_url", "images_models")),
    ProfileTemplate("Custom", "every setting", tuple(SETTINGS)),
)


def setting_from_text(name: str, text: str) -> str | list[str]:
    """The value for the file of a setting that was typed as text."""
    return text.split() if name in LISTS else text.strip()


def setting_as_text(value: object) -> str:
    """A setting of the file as the text to edit."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
