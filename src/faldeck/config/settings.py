"""Reads `config.toml` into frozen dataclasses: the settings and the profiles."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from faldeck.config.profile import DEMO, OFFICIAL, RELAY, Profile, default_colour, demo_profile, hex_colour
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
    "problem_at",
    "reload_profiles",
]

DOWNLOADS = ("auto", "manual")

PICTURES = ("auto", "kitty", "sixel", "blocks", "off")

NOTICES = ("auto", "bell", "osc9", "osc777", "off")

THEMES = (
    *("auto", "faldeck", "faldeck-light", "textual-dark", "textual-light", "nord", "gruvbox", "catppuccin-mocha"),
    *("catppuccin-macchiato", "catppuccin-frappe", "catppuccin-latte", "dracula", "tokyo-night", "monokai", "flexoki"),
    *("solarized-dark", "solarized-light", "rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark"),
    *("atom-one-light", "ansi-dark", "ansi-light"),
)
"""The themes of the deck. `auto` is `faldeck` or `faldeck-light`, as the terminal's background is dark or light."""

WORDS = {"download": DOWNLOADS, "pictures": PICTURES, "notify": NOTICES, "theme": THEMES}
"""The settings that are one of some words. The first word is the default."""

MAX_CHARACTERS = 100_000

_ALIAS = re.compile(r"[\w.+-]+")

OUTPUT_WORDS = ("date", "model", "request_id", "index", "name", "ext")
"""The words that may be in braces in `output_name`."""


class ConfigError(Exception):
    """The config cannot be used; the message names the file and the place."""


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
    """`auto` downloads outputs as soon as they are ready; `manual` only on request."""
    sidecar: bool = True
    """Whether a file next to each saved output says which request made it: `fox.png.json` for `fox.png`."""
    embed: bool = False
    """Whether the same is written into saved PNG, JPEG and WebP files. Their pixels stay as they came."""
    pictures: str = "auto"
    """How the deck shows pictures: as the terminal can (`auto`), by one way of it, or not at all (`off`)."""
    notify: str = "auto"
    """How the deck says that a job has ended: by the bell, by one kind of notification, or not at all (`off`)."""
    theme: str = "auto"
    """The colours of the deck: the name of a theme, or `auto` for a dark or light one, as the terminal is."""
    motion: bool = True
    """Whether the times of live jobs run in the deck. Without it they are drawn again once a minute."""
    title: bool = True
    """Whether the deck shows in the title of the terminal's window how many jobs run."""
    mouse: bool = True
    """Whether the deck uses the mouse. It is never needed."""
    restore: bool = True
    """Whether the deck starts where it was left: pane, form, filter, job."""
    open_command: str | None = None
    """The command that opens a URL or a file, instead of the one of the desktop."""
    confirm_above_usd: float = 1.0
    env_file: Path | None = None
    """A file of `NAME=value` lines that adds to the environment; relative to the working folder."""
    debug: bool = False
    """Whether the log also has every HTTP request."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Alias → the id of a model, or the address of its page. An alias has no slash, an id has one."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Name → filter of each saved section of the job list, in the order of the file."""
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The id of an action of the deck → its keys instead of the usual ones, as Textual names them."""
    problems: tuple[str, ...] = ()
    """What is wrong with the file; the other settings in it are used."""
    profiles: Mapping[str, Profile] = field(default_factory=lambda: {OFFICIAL.name: OFFICIAL})

    @property
    def active(self) -> Profile:
        """The active profile; raises ConfigError if its name is unknown."""
        return self.get_profile(self.profile)

    def get_profile(self, name: str) -> Profile:
        """The profile called `name`; raises ConfigError for an unknown name."""
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
        return hex_colour(own) if own else default_colour(name, list(self.profiles))

    def with_profile(self, profile: Profile) -> Config:
        """This config with `profile` added and made the active one."""
        return replace(self, profile=profile.name, profiles={**self.profiles, profile.name: profile})


def config_path() -> Path:
    """The file that `load` reads."""
    return paths.config_file()


def load(profile: str | None = None, *, strict: bool = True, environ: Mapping[str, str] = os.environ) -> Config:
    """The config on disk, or the built-in one without a file.

    `profile` (from the command line) wins over FALDECK_PROFILE, which wins over the file. Wrong settings are left out
    and listed in `problems`, with line, key and what was expected. Raises ConfigError if the file cannot be read.
    If `strict`, it also raises when it is uncertain which profile is active, or when that profile is wrong: money
    could be spent at another service. If not `strict`, the official service is used then.
    """
    file = TableFile(config_path(), read_config_text())
    config = _from_table(file)
    chosen = profile or environ.get("FALDECK_PROFILE")
    if chosen:
        config = replace(config, profile=chosen)
    if strict and (blocking := _blocking_problems(config, file, is_chosen=bool(chosen))):
        raise ConfigError("\n".join(map(str, blocking)))
    if not chosen and not strict and config.profile not in (*config.profiles, DEMO):
        file.add_problem(
            ("profile",), f"`profile` names {quoted(config.profile)}, which cannot be used: {OFFICIAL.name!r} is."
        )
        config = replace(config, profile=OFFICIAL.name)
    return replace(config, problems=tuple(map(str, file.problems)))


def reload_profiles(config: Config) -> Config:
    """The config with the profiles that are on disk now, and its demo profile if it has one; raises ConfigError."""
    demo = {DEMO: config.profiles[DEMO]} if DEMO in config.profiles else {}
    loaded = load(strict=False)
    return replace(config, profiles={**loaded.profiles, **demo}, problems=loaded.problems)


def read_config_text() -> str:
    """The text of the file, empty without a file; raises ConfigError if it cannot be read."""
    try:
        with config_path().open(encoding="utf-8-sig") as file:
            text = file.read(MAX_CHARACTERS + 1)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config_path()} cannot be read: {error}.") from error
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"{config_path()} is too long for a config: at most {MAX_CHARACTERS:,} characters are read.")
    return text


def check_output_name(template: str) -> None:
    """Raises ConfigError for a template of file names with anything but `OUTPUT_WORDS` in braces."""
    try:
        template.format_map(dict.fromkeys(OUTPUT_WORDS, ""))
    except (LookupError, ValueError, AttributeError) as error:
        known = " ".join(f"{{{word}}}" for word in OUTPUT_WORDS)
        raise ConfigError(f"{quoted(template)} cannot name output files; it may have {known}.") from error


def profile_from_settings(
    name: str, settings: Mapping[str, object], known: Mapping[str, Profile]
) -> Profile | list[ConfigProblem]:
    """The profile that these settings make, beside the `known` ones, or the problems with them."""
    file = TableFile(config_path(), "")
    return _profile(name, settings, known, file) or file.problems


def _blocking_problems(config: Config, file: TableFile, *, is_chosen: bool) -> list[ConfigProblem]:
    """The problems of the active profile, or of the line that names it: they make uncertain which service is used."""
    if config.profile not in config.profiles and (
        own := [problem for problem in file.problems if problem.path[:2] == ("profiles", config.profile)]
    ):
        return own
    if is_chosen:
        return []
    return [problem for problem in file.problems if len(problem.path) < 2 and _names_profile(problem)]


def _names_profile(problem: ConfigProblem) -> bool:
    """Whether a broken line may be the one that names the active profile."""
    import difflib

    return problem.key in ("", "profile") or bool(difflib.get_close_matches(problem.key, ["profile"], cutoff=0.8))


def _from_table(file: TableFile) -> Config:
    values = dict(file.table)
    named = values.pop("profiles", {})
    if not isinstance(named, dict):
        file.add_problem(("profiles",), "`profiles` must be tables like [profiles.NAME].")
        named = {}
    profiles = {OFFICIAL.name: OFFICIAL}
    for name, settings in named.items():
        if profile := _profile(name, settings, profiles, file):
            profiles[name] = profile
    sections = _texts(values.pop("sections", {}), "sections", file)
    aliases = _aliases(_texts(values.pop("aliases", {}), "aliases", file), profiles, file)
    keys = _own_keys(values.pop("keys"), file) if "keys" in values else {}
    plain = file.keyword_arguments(Config, values, (), exclude=("profiles", "sections", "aliases", "keys", "problems"))
    config = Config(profiles=profiles, sections=sections, aliases=aliases, keys=keys, **plain)
    for key, words in WORDS.items():
        if not _is_word(file, key, getattr(config, key), words):
            config = replace(config, **{key: words[0]})  # type: ignore[arg-type]
    try:
        check_output_name(config.output_name)
    except ConfigError as error:
        file.add_problem(("output_name",), f"`output_name`: {error}")
        config = replace(config, output_name=Config().output_name)
    return config


def _own_keys(table: object, file: TableFile) -> Mapping[str, Sequence[str]]:
    from faldeck.config.keyboard_settings import read_keys  # Most people have none, and most commands need none.

    return read_keys(table, file)


def _is_word(file: TableFile, key: str, word: str, words: tuple[str, ...]) -> bool:
    """Whether a setting is one of the words that it may be; reports it if not."""
    if word in words:
        return True
    file.add_problem((key,), f"`{key}` must be {', '.join(words[:-1])} or {words[-1]}, not {quoted(word)}.")
    return False


def _texts(table: object, name: str, file: TableFile) -> dict[str, str]:
    """The texts in the table `name`, by key; every other value is reported and left out."""
    if not isinstance(table, dict):
        file.add_problem((name,), f"`{name}` must be a table like [{name}].")
        return {}
    for key, value in table.items():
        if not isinstance(value, str):
            file.add_problem((name, key), f"`{key}` must be text, not {quoted(value)}.")
    return {key: value for key, value in table.items() if isinstance(value, str)}


def _aliases(texts: Mapping[str, str], profiles: Mapping[str, Profile], file: TableFile) -> dict[str, str]:
    """The aliases of models; one that hides a model or leads nowhere is reported and left out."""
    aliases = {}
    hidden = {name for profile in profiles.values() for name in profile.own_models}
    for alias, target in texts.items():
        if "/" in alias or alias in hidden:
            why = f"`{alias}` would hide the model that has this id."
        elif not _ALIAS.fullmatch(alias):
            why = f"an alias is one word of letters, digits, `-`, `_`, `.` or `+`, not {quoted(alias)}."
        elif "/" not in target.strip("/") or len(target.split()) != 1:
            why = f"`{alias}` leads nowhere: {quoted(target)} is not the id of a model, such as fal-ai/flux/dev."
        else:
            aliases[alias] = target.strip()
            continue
        file.add_problem(("aliases", alias), why)
    return aliases


def problem_at(path: tuple[str, ...], message: str) -> str:
    """What is wrong with the setting at `path`, with the file and the line. Raises ConfigError."""
    file = TableFile(config_path(), read_config_text())
    file.add_problem(path, message)
    return str(file.problems[-1])


def _profile(name: str, settings: object, known: Mapping[str, Profile], file: TableFile) -> Profile | None:
    """The profile that a table describes; None if any setting is wrong, because it decides where a key is sent.

    An unknown setting is only left out, unless its name looks like a misspelt one.
    """
    section = ("profiles", name)
    reported = len(file.problems)
    if section in file.broken:
        return None
    if not isinstance(settings, dict):
        file.add_problem(section, f"[profiles.{name}] must be a table.")
        return None
    values = dict(settings)
    base = _base(name, values.pop("base", None), known, file)
    profile = replace(base, **file.keyword_arguments(Profile, values, section, exclude=("name",)))
    unfit = list(profile.problems())
    if len(file.problems) == reported:
        for key, problem in unfit:
            file.add_problem((*section, key), problem)
    is_fit = not unfit and all(problem.is_unknown_setting for problem in file.problems[reported:])
    return profile if is_fit else None


def _base(name: str, base: object, known: Mapping[str, Profile], file: TableFile) -> Profile:
    """The profile that a table starts from: with `base = "fal"` the same service with another key."""
    if name == OFFICIAL.name:
        return OFFICIAL
    if base is None:
        return replace(RELAY, name=name)
    if not isinstance(base, str) or base not in known:
        file.add_problem(
            ("profiles", name, "base"), f"`base` must be a profile that comes before it: {', '.join(known)}."
        )
        return replace(RELAY, name=name)
    return replace(known[base], name=name, key_env=None, colour=None)
