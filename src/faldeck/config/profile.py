"""A profile: one service as the person names it, and what may not stand in one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from faldeck.config.toml_read import quoted
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
"""What a config may call a colour."""

OWN: Mapping[str, str] = {"fal": "amber", "demo": "green"}
"""The colours of the profiles that are built in."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether `text` is one of the names, or `#rrggbb`."""
    return text in COLOURS or _HEX.fullmatch(text) is not None


def shade(text: str) -> str:
    """A colour as `#rrggbb`."""
    return COLOURS.get(text, text)


def given(name: str, names: Sequence[str]) -> str:
    """The colour of a profile whose config names none: another for each of `names`, as long as there are enough."""
    free = [colour for colour in COLOURS if colour not in OWN.values()]
    others = [other for other in names if other not in OWN]
    place = others.index(name) if name in others else 0
    return shade(OWN.get(name) or free[place % len(free)])


SCHEMES = ("Key", "Bearer")
"""The words that may stand before a key."""

_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)

URLS = ("queue_url", "run_url", "rest_url", "api_url", "images_url", "videos_url", "schema_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One service: its hosts, how it is authorised, what it offers. A URL that is None is not offered."""

    name: str
    queue_url: str
    """Empty where the service has pages of its own kind and no queue."""
    run_url: str | None = None
    """Direct and streamed calls."""
    rest_url: str | None = None
    """Storage and tokens. A relay that names none takes small files as data URIs only."""
    api_url: str | None = None
    """The platform API that takes this profile's key."""
    images_url: str | None = None
    """An OpenAI Images form endpoint (protocol §9.4)."""
    videos_url: str | None = None
    """A page where videos are submitted as tasks (protocol §9.5)."""
    schema_url: str | None = None
    auth: str = "Key"
    """The word before the key in the Authorization header: `Key` or `Bearer`."""
    images_auth: str = "Bearer"
    """The same on the Images and the video page."""
    key_env: str | None = None
    models: tuple[str, ...] = ()
    """The models, where the service has no catalogue of its own."""
    images_models: tuple[str, ...] = ()
    """The models that are asked for by the Images page."""
    videos_models: tuple[str, ...] = ()
    """The models that are asked for by the video page."""
    colour: str | None = None
    """What it is painted in: a name of `colours`, or `#rrggbb`; None is another one for each profile."""

    @property
    def home_url(self) -> str:
        """The address by which a person knows the service: its queue, or else the first page that it has."""
        return self.queue_url or self.images_url or self.videos_url or ""

    @property
    def own_models(self) -> tuple[str, ...]:
        """The models that the profile lists, by the relay's names; none where it has the whole catalogue."""
        listed = (*self.models, *self.images_models, *self.videos_models)
        return tuple(dict.fromkeys(listed)) if self.models or not self.queue_url else ()

    def draws(self, endpoint_id: str) -> bool:
        """Whether the Images page is asked for a model."""
        return _is_named(endpoint_id, self.images_models) or not (self.queue_url or self.films(endpoint_id))

    def films(self, endpoint_id: str) -> bool:
        """Whether the video page is asked for a model."""
        has_only_this_page = not self.queue_url and not self.images_url
        return _is_named(endpoint_id, self.videos_models) or has_only_this_page

    def unfit(self) -> Iterator[tuple[str, str]]:
        """The keys of the profile that cannot be as they are, and what was expected."""
        if not self.home_url:
            yield "queue_url", "needs a `queue_url`, or an `images_url` or a `videos_url`."
        for key in URLS:
            url = getattr(self, key)
            if url and "@" in url.partition("://")[2].partition("/")[0]:
                yield key, f"`{key}` must not hold a user or a password: `faldeck key add` keeps the key."
            elif url and not _is_safe(url):
                yield key, f"`{key}` must begin with https:// (or name this machine), not {quoted(url)}."
        if self.key_env is not None and not _VARIABLE.fullmatch(self.key_env):
            yield "key_env", "`key_env` names an environment variable; `faldeck key add` keeps the key itself."
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
"""What a relay has before it names anything: no official host. Catalogue and schemas are the public ones anyway."""

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
    """Whether a model is among these, whose owner may be left out (protocol §9.1)."""
    return endpoint_id.removeprefix("fal-ai/") in (name.removeprefix("fal-ai/") for name in names)


def _is_safe(url: str) -> bool:
    """Whether a key may travel to `url`: https, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_local = host == "localhost" or (host[:1] in "0123456789:" and ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of profile."""

    label: str
    hint: str
    asked: tuple[str, ...]
    """The settings that are asked for beside the name and the key."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What they are to begin with; what is not asked for stays so."""


SETTINGS: Mapping[str, str] = {
    "base": "all of another profile's addresses",
    "queue_url": "to which /fal-ai/… is added: https://relay.example",
    "auth": "the word before the key: Key or Bearer",
    "images_url": "the whole address, …/v1/images/generations",
    "images_auth": "the word before the key on such pages: Key or Bearer",
    "images_models": "models asked for there, with blanks between",
    "videos_url": "the whole address, …/v1/video/generations",
    "videos_models": "models asked for there, with blanks between",
    "models": "where it has no catalogue: its models",
    "run_url": "direct and streamed calls",
    "rest_url": "storage for files; without it they go inside",
    "api_url": "prices and the account's requests",
    "schema_url": "the models' schemas; fal's own without it",
    "key_env": "the variable that holds the key, if any",
    "colour": "amber, blue, rose, … or #rrggbb",
}
"""Every setting of a profile in the order in which they are shown, and what it is."""

LISTS = ("models", "images_models", "videos_models")
"""The settings that are lists of words."""

TEMPLATES = (
    Template("fal", "fal.ai with another key", (), {"base": OFFICIAL.name}),
    Template("Relay with Bearer", "a gateway of the openai-hk kind", ("queue_url",), {"auth": "Bearer"}),
    Template("Relay with Key", "a gateway of the uniapi kind", ("queue_url", "models"), {"auth": "Key"}),
    Template("OpenAI Images", "pictures by /v1/images/generations", ("images_url", "images_models")),
    Template("Custom", "every setting there is", tuple(SETTINGS)),
)


def read(name: str, text: str) -> str | list[str]:
    """A setting as it is typed, as the file holds it."""
    return text.split() if name in LISTS else text.strip()


def shown(value: object) -> str:
    """A setting of the file as it is typed."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
