"""Writes profiles and sections into `config.toml`. Lines and comments that need no change stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from faldeck.config import toml_outline
from faldeck.config.settings import (
    DEMO,
    Config,
    ConfigError,
    Profile,
    config_path,
    profile_from_settings,
    read_config_text,
)
from faldeck.config.toml_read import ConfigProblem
from faldeck.safety import private_file

PROFILES, SECTIONS = "profiles", "sections"


class InvalidProfile(ConfigError):
    """The settings of a profile are not valid; `key` is the setting at fault."""

    def __init__(self, problem: ConfigProblem) -> None:
        super().__init__(problem.message)
        self.key = problem.key


class ProfileRemoval(NamedTuple):
    """The text of the file before and after a profile was removed."""

    before: str
    after: str


def profile_settings(name: str) -> Mapping[str, object]:
    """The settings that the file has for the profile `name`; empty without any. Raises ConfigError."""
    return _settings(_parsed(read_config_text()), name)


def check_profile(name: str, values: Mapping[str, object], config: Config) -> Profile:
    """The profile called `name` with these settings; raises InvalidProfile."""
    if not name.replace("-", "").replace("_", "").isalnum() or name == DEMO:
        raise InvalidProfile(ConfigProblem(("name",), "A profile's name is made of letters and digits, - and _.", ""))
    above = {known: profile for known, profile in config.profiles.items() if known != name}
    found = profile_from_settings(name, values, above)
    if isinstance(found, Profile):
        return found
    raise InvalidProfile(found[0])


def save_profile(name: str, values: Mapping[str, object]) -> None:
    """Writes the table of a profile with exactly these settings. Raises ConfigError, OSError."""
    private_file.write(config_path().resolve(), with_settings(read_config_text(), (PROFILES, name), values))


def set_default_profile(name: str) -> None:
    """Makes a profile the default one. Raises ConfigError, OSError."""
    set_setting("profile", name)


def set_setting(key: str, value: object) -> None:
    """Writes one setting that is in no table. Raises ConfigError, OSError."""
    text = read_config_text()
    private_file.write(config_path().resolve(), with_settings(text, (), {**_parsed(text), key: value}))


def remove_profile(name: str) -> ProfileRemoval:
    """Removes the table of a profile from the file; `fal` itself becomes the built-in one. Raises ConfigError, OSError.

    If it was the default profile, `fal` is the default from now on.
    """
    text = read_config_text()
    rest = without_section(text, (PROFILES, name))
    if (table := _parsed(rest)).get("profile") == name:
        rest = with_settings(rest, (), {key: value for key, value in table.items() if key != "profile"})
    private_file.write(config_path().resolve(), rest)
    return ProfileRemoval(text, rest)


def undo_removal(removed: ProfileRemoval) -> None:
    """Undoes a removal; raises ConfigError if the file has been changed since, and OSError."""
    if read_config_text() != removed.after:
        raise ConfigError(f"{config_path()} has been changed since; nothing was restored.")
    private_file.write(config_path().resolve(), removed.before)


def save_section(name: str, filter: str | None) -> None:
    """Writes a saved section of the job list, or removes it if `filter` is None. Raises ConfigError, OSError."""
    text = read_config_text()
    kept = {
        key: value for key, value in _table(_parsed(text), (SECTIONS,)).items() if key != name or filter is not None
    }
    if filter is not None:
        kept[name] = filter
    private_file.write(config_path().resolve(), with_settings(text, (SECTIONS,), kept))


def with_settings(text: str, section: tuple[str, ...], values: Mapping[str, object]) -> str:
    """The TOML text with exactly these settings in the table `section`; only lines that differ change.

    Raises ConfigError for a text that is not TOML, or if the table cannot be edited line by line.
    """
    table = _table(_parsed(text), section)
    lines = text.split("\n")
    known = [one for one in toml_outline.statements(text) if one.section == section]
    for statement in reversed(known):
        key = statement.path[len(section) :]
        if len(key) == 1 and values.get(key[0]) != table.get(key[0]):
            written = _lines({key[0]: values[key[0]]}) if key[0] in values else []
            written[-1:] = [line + _comment(lines[statement.end - 1]) for line in written[-1:]]
            lines[statement.first : statement.end] = written
    added = [line for key, value in values.items() if key not in table for line in _lines({key: value})]
    return _checked(_joined(lines, section, added), text, section, values)


def without_section(text: str, section: tuple[str, ...]) -> str:
    """The TOML text without a table, the comment above it and the blank lines after it. Raises ConfigError."""
    lines = text.split("\n")
    for statement in reversed(toml_outline.statements(text)):
        if statement.path[: len(section)] == section:
            first, end = statement.first, statement.end
            while first and lines[first - 1].startswith("#"):
                first -= 1
            while end < len(lines) - 1 and not lines[end].strip():
                end += 1
            del lines[first:end]
    return _checked("\n".join(lines), text, section, None)


def _joined(lines: list[str], section: tuple[str, ...], added: list[str]) -> str:
    """The lines with more lines in a section; a new section is added at the end of the file."""
    known = [one for one in toml_outline.statements("\n".join(lines)) if one.section == section]
    if not added:
        return "\n".join(lines)
    if known:
        lines[known[-1].end : known[-1].end] = added
        return "\n".join(lines)
    if not section:
        return "\n".join([*added, "", *lines])
    text = "\n".join(lines).rstrip("\n")
    table: Mapping[str, object] = {}
    for key in reversed(section):
        table = {key: table}
    header = _lines(table)[-1]
    return "\n".join([*([text, ""] if text else []), header, *added, ""])


def _checked(edited: str, text: str, section: tuple[str, ...], values: Mapping[str, object] | None) -> str:
    """The edited text, if it has the expected values; else raises ConfigError."""
    expected = _with_table(_parsed(text), section, values)
    try:
        parsed = toml_outline.parsed(edited)
    except toml_outline.InvalidToml:
        parsed = None
    if parsed is None or _trimmed(parsed) != _trimmed(expected):
        place = f"{config_path()}, line {toml_outline.line_of(text, section)}"
        raise ConfigError(f"{place}: faldeck cannot edit this spelling; use an editor. Nothing was changed.")
    return edited


def _parsed(text: str) -> dict[str, object]:
    try:
        return toml_outline.parsed(text)
    except toml_outline.InvalidToml as error:
        raise ConfigError(
            f"{config_path()} is not valid TOML: {error}. Correct it first; nothing was changed."
        ) from error


def _table(table: object, section: tuple[str, ...]) -> Mapping[str, object]:
    for key in section:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _settings(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _table(document, (PROFILES, name))


def _with_table(
    document: Mapping[str, object], section: tuple[str, ...], values: Mapping[str, object] | None
) -> dict[str, object]:
    if not section:
        return dict(values or {})
    key, *rest = section
    if not rest and values is None:
        return {name: value for name, value in document.items() if name != key}
    return {**document, key: _with_table(_table(document, (key,)), tuple(rest), values)}


def _trimmed(document: Mapping[str, object]) -> Mapping[str, object]:
    """The document without empty tables of profiles and sections, which say nothing."""
    return {key: value for key, value in document.items() if key not in (PROFILES, SECTIONS) or value}


def _lines(table: Mapping[str, object]) -> list[str]:
    import tomli_w

    return tomli_w.dumps(table).strip("\n").split("\n")


def _comment(line: str) -> str:
    """The comment at the end of a statement's last line, with two spaces before it; empty without one."""
    for place, character in enumerate(line):
        if character == "#":
            try:
                whole = toml_outline.parsed(line)
                if toml_outline.parsed(line[:place]) == whole:
                    return f"  {line[place:]}"
            except toml_outline.InvalidToml:
                continue  # The sign stands inside a text, or the statement began on an earlier line.
    return ""
