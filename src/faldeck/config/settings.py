"""`config.toml` as frozen dataclasses: the settings, and the profiles that say which service is spoken to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from faldeck.config.profile import DEMO, OFFICIAL, RELAY, Profile, demo_profile, given, shade
from faldeck.config.toml_read import ConfigProblem, TableFile, quoted
from faldeck.system import paths

__all__ = [
    "DEMO",
    "OFFICIAL",
    "RELAY",
    "Config",
    "ConfigError",
    "Profile",
    "check_output_name",
    "config_path",
    "demo_profile",
    "load",
    "reloaded",
]

DOWNLOADS = ("auto", "manual")

MAX_CHARACTERS = 100_000

OUTPUT_WORDS = ("date", "model", "request_id", "index", "name", "ext")
"""What may stand in braces in the name of an output's file."""


class ConfigError(Exception):
    """The config cannot be used as asked; the text names the file and the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a person can set."""

    profile: str = OFFICIAL.name
    """The active profile's name."""
    default_model: str | None = None
    """The model of `faldeck run` without one."""
    output_dir: Path = field(default_factory=lambda: paths.pictures_dir() / paths.APP)
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
            import difflib

            near = difflib.get_close_matches(name, self.profiles, n=1)
            known = ", ".join(sorted(self.profiles))
            meant = f" Did you mean {near[0]}?" if near else ""
            raise ConfigError(f"There is no profile called {quoted(name)}. Known profiles: {known}.{meant}") from None

    def colour(self, name: str) -> str:
        """The colour of a profile, as `#rrggbb`."""
        own = self.profiles[name].colour if name in self.profiles else None
        return shade(own) if own else given(name, list(self.profiles))

    def with_profile(self, profile: Profile) -> Config:
        """This config with `profile` added and made the active one."""
        return replace(self, profile=profile.name, profiles={**self.profiles, profile.name: profile})


def config_path() -> Path:
    """The file that `load` reads."""
    return paths.config_file()


def load(profile: str | None = None, *, strict: bool = True, environ: Mapping[str, str] = os.environ) -> Config:
    """The config on disk, or the built-in one where there is no file.

    `profile` (the command line's) wins over FALDECK_PROFILE, which wins over the file. What is wrong is left out
    and told in `problems`, with line, key and what was expected. Raises ConfigError for a file that cannot be read at
    all. If `strict`, it also raises where the file does not say for certain which profile is active, and where that
    profile is wrong: money could go to another service. Otherwise the official service takes its place.
    """
    file = TableFile(config_path(), read())
    config = _from_table(file)
    chosen = profile or environ.get("FALDECK_PROFILE")
    if chosen:
        config = replace(config, profile=chosen)
    if strict and (in_the_way := _in_the_way(config, file, is_chosen=bool(chosen))):
        raise ConfigError("\n".join(map(str, in_the_way)))
    if not chosen and not strict and config.profile not in (*config.profiles, DEMO):
        file.tell(
            ("profile",), f"`profile` names {quoted(config.profile)}, which cannot be used: {OFFICIAL.name!r} is."
        )
        config = replace(config, profile=OFFICIAL.name)
    return replace(config, problems=tuple(map(str, file.problems)))


def reloaded(config: Config) -> Config:
    """A config with the profiles that are on disk now, and the demo's where it has it; raises ConfigError."""
    kept = {DEMO: config.profiles[DEMO]} if DEMO in config.profiles else {}
    loaded = load(strict=False)
    return replace(config, profiles={**loaded.profiles, **kept}, problems=loaded.problems)


def read() -> str:
    """The text of the file, none where there is no file; raises ConfigError where it cannot be read."""
    try:
        with config_path().open(encoding="utf-8-sig") as file:
            text = file.read(MAX_CHARACTERS + 1)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config_path()} cannot be read: {error}.") from error
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"{config_path()} is longer than any config: {MAX_CHARACTERS:,} characters are read.")
    return text


def check_output_name(template: str) -> None:
    """Raises ConfigError for a template of file names that holds anything but `OUTPUT_WORDS` in braces."""
    try:
        template.format_map(dict.fromkeys(OUTPUT_WORDS, ""))
    except (LookupError, ValueError, AttributeError) as error:
        known = " ".join(f"{{{word}}}" for word in OUTPUT_WORDS)
        raise ConfigError(f"{quoted(template)} is no name for outputs; it may hold {known}.") from error


def described(name: str, settings: Mapping[str, object], known: Mapping[str, Profile]) -> Profile | list[ConfigProblem]:
    """The profile that a table of the file would describe, beside those that are `known`, or what is wrong with it."""
    file = TableFile(config_path(), "")
    return _profile(name, settings, known, file) or file.problems


def _in_the_way(config: Config, file: TableFile, *, is_chosen: bool) -> list[ConfigProblem]:
    """What is wrong with the active profile, or, unless that `is_chosen`, with the line that names it."""
    if config.profile not in config.profiles and (
        own := [problem for problem in file.problems if problem.path[:2] == ("profiles", config.profile)]
    ):
        return own
    if is_chosen:
        return []
    return [problem for problem in file.problems if len(problem.path) < 2 and _names_profile(problem)]


def _names_profile(problem: ConfigProblem) -> bool:
    """Whether a line that cannot be used may be the one that names the active profile."""
    import difflib

    return problem.key in ("", "profile") or bool(difflib.get_close_matches(problem.key, ["profile"], cutoff=0.8))


def _from_table(file: TableFile) -> Config:
    values = dict(file.table)
    named = values.pop("profiles", {})
    if not isinstance(named, dict):
        file.tell(("profiles",), "`profiles` must be tables like [profiles.NAME].")
        named = {}
    profiles = {OFFICIAL.name: OFFICIAL}
    for name, settings in named.items():
        if profile := _profile(name, settings, profiles, file):
            profiles[name] = profile
    config = Config(profiles=profiles, **file.typed(Config, values, (), but=("profiles", "problems")))
    if config.download not in DOWNLOADS:
        file.tell(("download",), f"`download` must be {' or '.join(DOWNLOADS)}, not {quoted(config.download)}.")
        config = replace(config, download=DOWNLOADS[0])
    try:
        check_output_name(config.output_name)
    except ConfigError as error:
        file.tell(("output_name",), f"`output_name`: {error}")
        config = replace(config, output_name=Config().output_name)
    return config


def _profile(name: str, settings: object, known: Mapping[str, Profile], file: TableFile) -> Profile | None:
    """The profile that a table describes; None where anything of it is wrong, because it says where a key goes.

    A setting that nobody knows, and that is no slip in the name of another, is left out alone.
    """
    section = ("profiles", name)
    told = len(file.problems)
    if section in file.broken:
        return None
    if not isinstance(settings, dict):
        file.tell(section, f"[profiles.{name}] must be a table.")
        return None
    values = dict(settings)
    base = _base(name, values.pop("base", None), known, file)
    profile = replace(base, **file.typed(Profile, values, section, but=("name",)))
    unfit = list(profile.unfit())
    if len(file.problems) == told:
        for key, problem in unfit:
            file.tell((*section, key), problem)
    is_fit = not unfit and all(problem.is_foreign for problem in file.problems[told:])
    return profile if is_fit else None


def _base(name: str, base: object, known: Mapping[str, Profile], file: TableFile) -> Profile:
    """What a profile has before it names anything: `base = "fal"` is the same service with another key."""
    if name == OFFICIAL.name:
        return OFFICIAL
    if base is None:
        return replace(RELAY, name=name)
    if not isinstance(base, str) or base not in known:
        file.tell(("profiles", name, "base"), f"`base` must be a profile that stands above: {', '.join(known)}.")
        return replace(RELAY, name=name)
    return replace(known[base], name=name, key_env=None, colour=None)
