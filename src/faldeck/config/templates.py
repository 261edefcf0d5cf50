"""The kinds of profiles that a person can begin with, and what each of their settings is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from faldeck.config.profile import OFFICIAL


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
