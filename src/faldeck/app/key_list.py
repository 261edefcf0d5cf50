"""The keys of the deck as a list: for `faldeck keys`, for the README, and as a table to paste into the config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from faldeck.keys import deck_actions, names
from faldeck.keys.action import KeyAction, Scope
from faldeck.keys.keymap import Keymap
from faldeck.keys.table import SCOPES


def listed(keymap: Keymap) -> Iterator[tuple[Scope, KeyAction, Sequence[str]]]:
    """Every action with its scope and its keys, as they are written in the config."""
    for scope in SCOPES.values():
        for one in scope.actions:
            yield scope, one, [names.written(key) for key in keymap.keys(one.id)]


def rows(keymap: Keymap) -> list[list[str]]:
    """A row for each action: id, keys, where it works, what it does."""
    return [[one.id, keymap.shown(one.id) or "-", scope.title, one.sentence] for scope, one, _ in listed(keymap)]


def documents(keymap: Keymap) -> list[Mapping[str, object]]:
    """The same for programs."""
    return [
        {
            "id": one.id,
            "keys": list(keys),
            "default_keys": [names.written(key) for key in one.keys],
            "pane": scope.title,
            "label": one.label,
            "does": one.sentence,
        }
        for scope, one, keys in listed(keymap)
    ]


def toml(keymap: Keymap) -> str:
    """The keys as `[keys]` of a config file, each line with what it does."""
    lines = ["[keys]"]
    for scope in SCOPES.values():
        lines.append(f"# {scope.title}")
        for one in scope.actions:
            keys = [_quoted(names.written(key)) for key in keymap.keys(one.id)]
            value = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]"
            lines.append(f"{f'{one.id} = {value}':<44}# {one.sentence}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def markdown() -> str:
    """The usual keys of the deck as a table of Markdown: a row for each place."""
    lines = ["| where | keys |", "| --- | --- |"]
    for scope in deck_actions.SCOPES:
        cells = (f"{' '.join(map(_code, one.keys))} {_small(one.label)}" for one in scope.actions)
        lines.append(f"| {scope.title} | {', '.join(cells)} |")
    return "\n".join(lines)


def _code(key: str) -> str:
    shown = names.shown(key).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _small(label: str) -> str:
    """A label within a sentence: a word in capitals stays so."""
    return label if label[:2].isupper() else f"{label[0].lower()}{label[1:]}"
