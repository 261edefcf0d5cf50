"""Writes profiles into `config.toml`: the tables that change change, every other line and comment stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faldeck.config import toml_outline
from faldeck.config.settings import DEMO, Config, ConfigError, Profile, config_path, described, read
from faldeck.config.toml_read import ConfigProblem
from faldeck.safety import private_file

PROFILES = "profiles"


class InvalidProfile(ConfigError):
    """A profile cannot be as it is described; `key` is where."""

    def __init__(self, problem: ConfigProblem) -> None:
        super().__init__(problem.message)
        self.key = problem.key


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal has changed, as it was and as it is."""

    before: str
    after: str


def settings(name: str) -> Mapping[str, object]:
    """What the file says of the profile `name`; nothing where it says nothing. Raises ConfigError."""
    return _settings(_parsed(read()), name)


def check(name: str, wanted: Mapping[str, object], config: Config) -> Profile:
    """The profile that would be called `name` and have these settings; raises Unfit."""
    if not name.replace("-", "").replace("_", "").isalnum() or name == DEMO:
        raise InvalidProfile(ConfigProblem(("name",), "A profile's name is made of letters and digits, - and _.", ""))
    above = {known: profile for known, profile in config.profiles.items() if known != name}
    found = described(name, wanted, above)
    if isinstance(found, Profile):
        return found
    raise InvalidProfile(found[0])


def put(name: str, wanted: Mapping[str, object]) -> None:
    """Makes the table of a profile say what is wanted, and nothing else. Raises ConfigError, OSError."""
    private_file.write(config_path().resolve(), with_settings(read(), (PROFILES, name), wanted))


def begin_with(name: str) -> None:
    """Makes a profile the one that is active unless another is asked for. Raises ConfigError, OSError."""
    text = read()
    private_file.write(config_path().resolve(), with_settings(text, (), {**_parsed(text), "profile": name}))


def remove(name: str) -> Removed:
    """Takes the table of a profile out of the file; fal itself is then as built in. Raises ConfigError, OSError.

    Where it is the one to begin with, fal is from now on.
    """
    text = read()
    rest = without_section(text, (PROFILES, name))
    if (said := _parsed(rest)).get("profile") == name:
        rest = with_settings(rest, (), {key: value for key, value in said.items() if key != "profile"})
    private_file.write(config_path().resolve(), rest)
    return Removed(text, rest)


def put_back(removed: Removed) -> None:
    """Undoes a removal; raises ConfigError where the file has been changed since, and OSError."""
    if read() != removed.after:
        raise ConfigError(f"{config_path()} has been changed since; nothing was put back.")
    private_file.write(config_path().resolve(), removed.before)


def with_settings(text: str, section: tuple[str, ...], wanted: Mapping[str, object]) -> str:
    """A TOML text whose table `section` holds what is wanted; only the lines of what differs are touched.

    Raises ConfigError for a text that is no TOML, or that spells the table in a way that cannot be edited line by line.
    """
    table = _table(_parsed(text), section)
    lines = text.split("\n")
    known = [one for one in toml_outline.statements(text) if one.section == section]
    for statement in reversed(known):
        key = statement.path[len(section) :]
        if len(key) == 1 and wanted.get(key[0]) != table.get(key[0]):
            said = _lines({key[0]: wanted[key[0]]}) if key[0] in wanted else []
            said[-1:] = [line + _comment(lines[statement.end - 1]) for line in said[-1:]]
            lines[statement.first : statement.end] = said
    added = [line for key, value in wanted.items() if key not in table for line in _lines({key: value})]
    return _checked(_joined(lines, section, added), text, section, wanted)


def without_section(text: str, section: tuple[str, ...]) -> str:
    """A TOML text without a table, the comment right above it and the blank lines behind it. Raises as above."""
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
    """The lines with some more in a section, which is begun at the end of the file where there is none."""
    known = [one for one in toml_outline.statements("\n".join(lines)) if one.section == section]
    if not added:
        return "\n".join(lines)
    if known:
        lines[known[-1].end : known[-1].end] = added
        return "\n".join(lines)
    if not section:
        return "\n".join([*added, "", *lines])
    text = "\n".join(lines).rstrip("\n")
    header = _lines({section[0]: {section[1]: {}}})[-1]
    return "\n".join([*([text, ""] if text else []), header, *added, ""])


def _checked(edited: str, text: str, section: tuple[str, ...], wanted: Mapping[str, object] | None) -> str:
    """The edited text, if it says what it should; raises ConfigError."""
    expected = _with_table(_parsed(text), section, wanted)
    try:
        said = toml_outline.parsed(edited)
    except toml_outline.InvalidToml:
        said = None
    if said is None or _trimmed(said) != _trimmed(expected):
        place = f"{config_path()}, line {toml_outline.line_of(text, section)}"
        raise ConfigError(f"{place}: this is written in a way that only an editor can change. Nothing was changed.")
    return edited


def _parsed(text: str) -> dict[str, object]:
    try:
        return toml_outline.parsed(text)
    except toml_outline.InvalidToml as error:
        raise ConfigError(f"{config_path()} is not valid TOML: {error}. Mend it first; nothing was changed.") from error


def _table(table: object, section: tuple[str, ...]) -> Mapping[str, object]:
    for key in section:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _settings(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _table(document, (PROFILES, name))


def _with_table(
    document: Mapping[str, object], section: tuple[str, ...], wanted: Mapping[str, object] | None
) -> dict[str, object]:
    if not section:
        return dict(wanted or {})
    key, *rest = section
    if not rest and wanted is None:
        return {name: value for name, value in document.items() if name != key}
    return {**document, key: _with_table(_table(document, (key,)), tuple(rest), wanted)}


def _trimmed(document: Mapping[str, object]) -> Mapping[str, object]:
    """A document in which no profiles at all and an empty table of them are the same."""
    return {key: value for key, value in document.items() if key != PROFILES or value}


def _lines(table: Mapping[str, object]) -> list[str]:
    import tomli_w

    return tomli_w.dumps(table).strip("\n").split("\n")


def _comment(line: str) -> str:
    """The comment at the end of a statement's last line, with the blank before it; empty where there is none."""
    for place, character in enumerate(line):
        if character == "#":
            try:
                whole = toml_outline.parsed(line)
                if toml_outline.parsed(line[:place]) == whole:
                    return f"  {line[place:]}"
            except toml_outline.InvalidToml:
                continue  # The sign stands inside a text, or the statement began on an earlier line.
    return ""
