"""Reads `[keys]`: a person's own keys of the deck's actions. A wrong line costs only itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from faldeck.config.toml_read import TableFile, quoted
from faldeck.keys import names
from faldeck.keys.keymap import conflicts
from faldeck.keys.table import ACTIONS

Path = tuple[str, ...]


def read_keys(table: object, file: TableFile) -> Mapping[str, Sequence[str]]:
    """The keys, as Textual names them, by the id of their action; reports what cannot be used.

    An id is written with quotes or without: `"job.cancel" = "x"` is `job.cancel = "x"`. No keys: the action has none.
    """
    if not isinstance(table, dict):
        file.add_problem(("keys",), "`keys` must be a table like [keys].")
        return {}
    found: dict[str, tuple[str, ...]] = {}
    places: dict[str, Path] = {}
    for path, value in _lines(table, ("keys",)):
        action_id = ".".join(path[1:])
        if action_id not in ACTIONS:
            file.add_problem(path, _unknown(action_id))
        elif (keys := _keys(action_id, value, path, file)) is not None:
            found[action_id], places[action_id] = keys, path
    for action_id, reason in conflicts(found).items():
        file.add_problem(places[action_id], f"{reason} `{action_id}` keeps its keys: {_defaults(action_id)}.")
        del found[action_id]
    return found


def _lines(table: Mapping[str, object], above: Path) -> Iterator[tuple[Path, object]]:
    """The values of a table and of the tables in it, each with its path."""
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, dict):
            yield from _lines(value, path)
        else:
            yield path, value


def _keys(action_id: str, value: object, path: Path, file: TableFile) -> tuple[str, ...] | None:
    """The keys of one line; None if any is wrong."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        file.add_problem(path, f"`{action_id}` must be a key or a list of keys, not {quoted(value)}.")
        return None
    try:
        return tuple(dict.fromkeys(names.parse(text) for text in texts if text))
    except names.UnknownKey as error:
        file.add_problem(path, f"{error} `{action_id}` keeps its keys: {_defaults(action_id)}.")
        return None


def _defaults(action_id: str) -> str:
    return " ".join(names.shown(key) for key in ACTIONS[action_id].keys) or "none"


def _unknown(action_id: str) -> str:
    import difflib  # Slow to import, and only needed for a mistake.

    near = difflib.get_close_matches(action_id, ACTIONS, n=1, cutoff=0.6)
    same_name = [one for one in ACTIONS if one.partition(".")[2] == action_id]
    meant = f" Did you mean `{(same_name or near)[0]}`?" if same_name or near else ""
    return f"there is no action called {quoted(action_id)}.{meant} `faldeck keys` lists them."
