"""Aliases: short names of models that a person has set under `[aliases]` in the config.

An alias stands for a model wherever a person names one. Pasted text is never read as an alias, because it was
written elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from faldeck.app.copied_url import endpoint_of
from faldeck.config import settings

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.config.settings import Config, Profile


def named_model(text: str, aliases: Mapping[str, str], profiles: Iterable[Profile] = ()) -> str:
    """The endpoint id that a person names by an alias, an id or the URL of a page; any other text, stripped."""
    text = text.strip()
    target = aliases.get(text, text)
    return endpoint_of(target, profiles) or target


def of_models(aliases: Mapping[str, str]) -> dict[str, list[str]]:
    """Endpoint id → its aliases."""
    found: dict[str, list[str]] = {}
    for alias in aliases:
        found.setdefault(named_model(alias, aliases), []).append(alias)
    return found


def problems(config: Config, catalogue: Catalogue) -> list[str]:
    """What is wrong with all the aliases; see `problem`."""
    return [words for alias in config.aliases if (words := problem(alias, config, catalogue))]


def problem(alias: str, config: Config, catalogue: Catalogue) -> str:
    """Why an alias leads to a model that is not listed: a sentence with file and line.

    Empty if it leads to a listed one, or if that cannot be known: no models are on disk, or the profile lists only
    some. Reads the disk. Raises ConfigError.
    """
    if config.profile == settings.DEMO or config.active.own_models:
        return ""
    endpoint_id = named_model(alias, config.aliases)
    why = ""
    if catalogue.lacks(endpoint_id):
        near = catalogue.similar_models(endpoint_id)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        why = f"`{alias}` leads to {endpoint_id}, which is not in the catalogue.{meant}"
    return settings.problem_at(("aliases", alias), why) if why else ""
