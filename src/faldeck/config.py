"""`config.toml` as frozen dataclasses: the settings, and the profiles that say which service is spoken to."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from faldeck import paths


class ConfigError(Exception):
    """The config cannot be used as asked; the text names the file and the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One service: its hosts, how it is authorised, what it offers. A URL that is None is not offered."""

    name: str
    queue_url: str
    run_url: str | None = None
    rest_url: str | None = None
    """Storage and tokens. A relay that names none takes small files as data URIs only."""
    api_url: str | None = None
    """The platform API that takes this profile's key."""
    images_url: str | None = None
    """An OpenAI Images form endpoint (protocol §9.4)."""
    schema_url: str | None = None
    auth: str = "Key"
    """The word before the key in the Authorization header: `Key` or `Bearer`."""
    key_env: str | None = None
    models: tuple[str, ...] = ()
    """The models, where the service has no catalogue of its own."""
    images_models: tuple[str, ...] = ()


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

OUTPUT_WORDS = ("date", "model", "request_id", "index", "name", "ext")
"""What may stand in braces in the name of an output's file."""

DEMO = "demo"
"""The profile of the built-in emulator."""

DEMO_KEY = "demo-key"
"""The emulator takes any key; this one is no secret."""


def demo_profile(base_url: str) -> Profile:
    """The profile of an emulator that serves at `base_url` (design §10)."""
    return Profile(
        name=DEMO,
        queue_url=f"{base_url}/queue",
        run_url=f"{base_url}/run",
        rest_url=f"{base_url}/rest",
        api_url=f"{base_url}/api/v1",
        schema_url=f"{base_url}/site/api/openapi/queue/openapi.json",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a person can set."""

    profile: str = OFFICIAL.name
    """The active profile's name."""
    output_dir: Path = field(default_factory=lambda: paths.pictures_dir() / paths.APP)
    output_name: str = "{date}/{model}/{request_id}-{index}.{ext}"
    download: str = "auto"
    """`auto` fetches outputs as they come; `manual` waits to be asked."""
    open_command: str | None = None
    """The command that opens a URL or a file, instead of the desktop's own."""
    confirm_above_usd: float = 1.0
    profiles: Mapping[str, Profile] = field(default_factory=lambda: {OFFICIAL.name: OFFICIAL})

    @property
    def active(self) -> Profile:
        """The active profile; raises ConfigError where the name has no profile."""
        return self.named(self.profile)

    def named(self, name: str) -> Profile:
        """The profile called `name`; raises ConfigError where there is none."""
        try:
            return self.profiles[name]
        except KeyError:
            known = ", ".join(sorted(self.profiles))
            raise ConfigError(f"There is no profile called {name!r}. Known profiles: {known}.") from None

    def with_profile(self, profile: Profile) -> Config:
        """This config with `profile` added and made the active one."""
        return replace(self, profile=profile.name, profiles={**self.profiles, profile.name: profile})


def config_path() -> Path:
    """The file that `load` reads."""
    return paths.config_dir() / "config.toml"


def load(profile: str | None = None, *, environ: Mapping[str, str] = os.environ) -> Config:
    """The config on disk, or the built-in one where there is no file.

    `profile` (the command line's) wins over FALDECK_PROFILE, which wins over the file. Raises ConfigError for
    a file that cannot be read, naming it with line, key and what was expected.
    """
    path = config_path()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        table = {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    config = _from_table(table, path)
    chosen = profile or environ.get("FALDECK_PROFILE")
    return replace(config, profile=chosen) if chosen else config


def check_output_name(template: str) -> None:
    """Raises ConfigError for a template of file names that holds anything but `OUTPUT_WORDS` in braces."""
    try:
        template.format_map(dict.fromkeys(OUTPUT_WORDS, ""))
    except (LookupError, ValueError, AttributeError) as error:
        known = " ".join(f"{{{word}}}" for word in OUTPUT_WORDS)
        raise ConfigError(f"{template!r} is no name for outputs; it may hold {known}.") from error


def relay(name: str, queue_url: str, auth: str) -> Profile:
    """The profile of a relay as a person describes it; raises ConfigError where it cannot be one."""
    if not name.replace("-", "").replace("_", "").isalnum() or name in load().profiles:
        raise ConfigError(f"{name!r} cannot be the relay's name: it needs letters or digits and must be new.")
    if not queue_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ConfigError("The base URL must begin with https://.")
    if auth not in ("Key", "Bearer"):
        raise ConfigError("The word before the key is Key or Bearer.")
    return replace(RELAY, name=name, queue_url=queue_url, auth=auth)


def add(profile: Profile) -> None:
    """Writes a relay's profile at the end of the file, which stays as it is otherwise; raises OSError."""
    import tomli_w

    path = config_path()
    paths.private_dir(path.parent)
    table = {"profiles": {profile.name: {"queue_url": profile.queue_url, "auth": profile.auth}}}
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{tomli_w.dumps(table)}")


def _from_table(table: Mapping[str, object], path: Path) -> Config:
    values = dict(table)
    named = values.pop("profiles", {})
    if not isinstance(named, dict):
        raise ConfigError(f"{path}: `profiles` must be tables like [profiles.NAME].")
    profiles = {OFFICIAL.name: OFFICIAL}
    for name, settings in named.items():
        if not isinstance(settings, dict):
            raise ConfigError(f"{path}: [profiles.{name}] must be a table.")
        base = OFFICIAL if name == OFFICIAL.name else replace(RELAY, name=name)
        profiles[name] = replace(base, **_typed(Profile, settings, f"{path}: profiles.{name}"))
        if not profiles[name].queue_url:
            raise ConfigError(f"{path}: [profiles.{name}] needs a `queue_url`.")
    if isinstance(values.get("output_dir"), str):
        values["output_dir"] = Path(str(values["output_dir"])).expanduser()
    config = Config(profiles=profiles, **_typed(Config, values, str(path)))
    try:
        check_output_name(config.output_name)
    except ConfigError as error:
        raise ConfigError(f"{path}: `output_name`: {error}") from error
    return config


_EXPECTED: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "text"),
    "str | None": (str, "text"),
    "Path": (Path, "text"),
    "float": ((int, float), "a number"),
    "tuple[str, ...]": (list, "a list of texts"),
}


def _typed(kind: type[Profile] | type[Config], table: Mapping[str, object], where: str) -> dict[str, Any]:
    """`table` as keyword arguments of `kind`; raises ConfigError at the first key or type that is wrong."""
    known = {item.name: str(item.type) for item in fields(kind) if item.name not in ("name", "profiles")}
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{where}: there is no setting called `{key}`.")
        accepted, words = _EXPECTED[known[key]]
        if not isinstance(value, accepted) or isinstance(value, bool):
            raise ConfigError(f"{where}: `{key}` must be {words}, not {value!r}.")
        values[key] = tuple(str(item) for item in value) if isinstance(value, list) else value
    return values
