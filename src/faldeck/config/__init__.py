"""`config.toml` as frozen dataclasses: the settings, and the profiles that say which service is spoken to."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from faldeck import folders, paths
from faldeck.config.tables import TableFile


class ConfigError(Exception):
    """The config cannot be used as asked; the text names the file and the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One service: its hosts, how it is authorised, what it offers. A URL that is None is not offered."""

    name: str
    queue_url: str
    """Empty where the service has an Images page and nothing else."""
    run_url: str | None = None
    """Direct and streamed calls."""
    rest_url: str | None = None
    """Storage and tokens. A relay that names none takes small files as data URIs only."""
    api_url: str | None = None
    """The platform API that takes this profile's key."""
    images_url: str | None = None
    """An OpenAI Images form endpoint (protocol §9.4)."""
    schema_url: str | None = None
    auth: str = "Key"
    """The word before the key in the Authorization header: `Key` or `Bearer`."""
    images_auth: str = "Bearer"
    """The same on the Images page."""
    key_env: str | None = None
    models: tuple[str, ...] = ()
    """The models, where the service has no catalogue of its own."""
    images_models: tuple[str, ...] = ()
    """The models that are asked for by the Images page."""

    @property
    def own_models(self) -> tuple[str, ...]:
        """The models that the profile lists, by the relay's names; none where it has the whole catalogue."""
        return tuple(dict.fromkeys((*self.models, *self.images_models))) if self.models or not self.queue_url else ()


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

SCHEMES = ("Key", "Bearer")
"""The words that may stand before a key."""

DOWNLOADS = ("auto", "manual")

OUTPUT_WORDS = ("date", "model", "request_id", "index", "name", "ext")
"""What may stand in braces in the name of an output's file."""

DEMO = folders.DEMO
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
    output_dir: Path = field(default_factory=lambda: paths.pictures_dir() / folders.APP)
    output_name: str = "{date}/{model}/{request_id}-{index}.{ext}"
    download: str = "auto"
    """`auto` fetches outputs as they come; `manual` waits to be asked."""
    open_command: str | None = None
    """The command that opens a URL or a file, instead of the desktop's own."""
    confirm_above_usd: float = 1.0
    env_file: Path | None = None
    """A file of `NAME=value` lines that adds to the environment; relative to the working folder."""
    debug: bool = False
    """Whether the program's own log tells every exchange, too."""
    problems: tuple[str, ...] = ()
    """What is wrong with the file; the settings are those of the rest of it."""
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
    return Path(folders.config_file())


def load(profile: str | None = None, *, strict: bool = True, environ: Mapping[str, str] = os.environ) -> Config:
    """The config on disk, or the built-in one where there is no file.

    `profile` (the command line's) wins over FALDECK_PROFILE, which wins over the file. Raises ConfigError for
    a file that is wrong anywhere, naming line, key and what was expected; unless `strict`, what is wrong is left out
    and told in `problems`, and only a file that cannot be read at all raises.
    """
    path = config_path()
    text = ""
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        table = {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
    config = _from_table(table, TableFile(path, text))
    if strict and config.problems:
        raise ConfigError("\n".join(config.problems))
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
    profile = replace(RELAY, name=name, queue_url=queue_url, auth=auth)
    for _key, problem in _unfit(profile):
        raise ConfigError(f"The relay cannot be used: {problem}")
    return profile


def add(profile: Profile) -> None:
    """Writes a relay's profile at the end of the file, which stays as it is otherwise; raises OSError."""
    import tomli_w

    path = config_path()
    paths.private_dir(path.parent)
    said = {key: value for key, value in asdict(profile).items() if key != "name" and value != getattr(RELAY, key)}
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{tomli_w.dumps({'profiles': {profile.name: said}})}")


def _from_table(table: Mapping[str, object], file: TableFile) -> Config:
    values = dict(table)
    named = values.pop("profiles", {})
    if not isinstance(named, dict):
        file.tell("", "profiles", "`profiles` must be tables like [profiles.NAME].")
        named = {}
    profiles = {OFFICIAL.name: OFFICIAL}
    for name, settings in named.items():
        if profile := _profile(name, settings, profiles, file):
            profiles[name] = profile
    config = Config(profiles=profiles, **file.typed(Config, values, "", but=("profiles", "problems")))
    if config.download not in DOWNLOADS:
        file.tell("", "download", f"`download` must be {' or '.join(DOWNLOADS)}, not {config.download[:80]!r}.")
        config = replace(config, download=DOWNLOADS[0])
    try:
        check_output_name(config.output_name)
    except ConfigError as error:
        file.tell("", "output_name", f"`output_name`: {error}")
        config = replace(config, output_name=Config().output_name)
    return replace(config, problems=tuple(file.problems))


def _profile(name: str, settings: object, known: Mapping[str, Profile], file: TableFile) -> Profile | None:
    """The profile that a table describes; None where anything is wrong with it, because it says where a key goes."""
    section = f"profiles.{name}"
    told = len(file.problems)
    if not isinstance(settings, dict):
        file.tell("profiles", name, f"[profiles.{name}] must be a table.")
        return None
    values = dict(settings)
    base = _base(name, values.pop("base", None), known, section, file)
    profile = replace(base, **file.typed(Profile, values, section, but=("name",)))
    if len(file.problems) == told:
        for key, problem in _unfit(profile):
            file.tell(section, key if key in settings else None, problem)
    return profile if len(file.problems) == told else None


def _base(name: str, base: object, known: Mapping[str, Profile], section: str, file: TableFile) -> Profile:
    """What a profile has before it names anything: `base = "fal"` is the same service with another key."""
    if name == OFFICIAL.name:
        return OFFICIAL
    if base is None:
        return replace(RELAY, name=name)
    if not isinstance(base, str) or base not in known:
        file.tell(section, "base", f"`base` must be a profile that stands above: {', '.join(known)}.")
        return replace(RELAY, name=name)
    return replace(known[base], name=name, key_env=None)


def _unfit(profile: Profile) -> Iterator[tuple[str, str]]:
    """The keys of a profile that cannot be as they are, and why."""
    if not profile.queue_url and not profile.images_url:
        yield "queue_url", "needs a `queue_url`, or an `images_url`."
    for key in ("queue_url", "run_url", "rest_url", "api_url", "images_url", "schema_url"):
        url = getattr(profile, key)
        if url and not _is_safe(url):
            yield key, f"`{key}` must begin with https:// (or name this machine), not {url[:80]!r}."
    for key in ("auth", "images_auth"):
        if getattr(profile, key) not in SCHEMES:
            yield key, f"`{key}` is the word before the key: {' or '.join(SCHEMES)}."


def _is_safe(url: str) -> bool:
    """Whether a key may travel to `url`: https, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_local = host == "localhost" or (host[:1] in "0123456789:" and ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))
