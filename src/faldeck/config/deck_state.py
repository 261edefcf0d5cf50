"""What the deck remembers from one start to the next: where the person was, and the sizes of the panes.

Nothing in it is needed: without the file, or with one that cannot be read, the deck starts as it does the first time.
Two decks share one file. Each writes it whole, so the one that was used last decides; a running deck never reads it
again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from faldeck.safety import private_file, sanitize
from faldeck.system import paths

MAX_CHARACTERS = 100_000
MAX_TEXT = 4_000
"""Characters of one remembered text; a longer one is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckState:
    """Where the person was when the deck was used last. The default is a first start."""

    profile: str = ""
    """The profile that was active. The form is opened again only with the same one."""
    pane: str = ""
    """The id of the pane with the focus."""
    form: str = ""
    """The endpoint id of the open form; what was typed into it is the model's draft, in the history."""
    model: str = ""
    """The endpoint id under the cursor of the Models pane."""
    section: str = ""
    """The open section of the job list."""
    filter: str = ""
    """The filter that was typed over the section."""
    job: str = ""
    """The id of the job under the cursor."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Name → size, of each pane that the person has resized."""
    has_seen_tour: bool = False
    """True once the tour was taken or left."""


class DeckMemory:
    """The remembered state, and its file. `state` changes at once; `save` puts it on disk."""

    def __init__(self, path: Path | None = None) -> None:
        """Reads the file. Without a path nothing is remembered."""
        self._path = path
        self.state = _read(path) if path else DeckState()
        self._saved = self.state

    def change(self, **values: object) -> None:
        """Sets fields of the state."""
        self.state = replace(self.state, **values)  # type: ignore[arg-type]

    @property
    def is_changed(self) -> bool:
        """True if the state differs from the file."""
        return self._path is not None and self.state != self._saved

    @property
    def is_first_start(self) -> bool:
        """True if there is a file to come, and the tour was neither taken nor left."""
        return self._path is not None and not self.state.has_seen_tour

    def save(self) -> None:
        """Writes the file, if the state differs from it. Waits for the disk; raises OSError."""
        state = self.state
        if self._path and state != self._saved:
            self._saved = state
            private_file.write(self._path, json.dumps(asdict(state), indent=1) + "\n")


def state_path(*, is_demo: bool) -> Path:
    """The file of the state; the demo has one of its own, as it has a history of its own."""
    return paths.state_dir() / (f"deck-{paths.DEMO}.json" if is_demo else "deck.json")


def _read(path: Path) -> DeckState:
    """The state in a file. Values of a wrong kind are left out, since another version may have written them."""
    try:
        with path.open(encoding="utf-8") as file:
            table = json.loads(file.read(MAX_CHARACTERS))
    except (OSError, ValueError, RecursionError):
        return DeckState()
    if not isinstance(table, dict):
        return DeckState()
    first = DeckState()
    kept = {
        one.name: value
        for one in fields(DeckState)
        if (value := _cleaned(table.get(one.name), getattr(first, one.name))) is not None
    }
    return replace(first, **kept)  # type: ignore[arg-type]


def _cleaned(value: object, default: object) -> object | None:
    """The value, if it is of the same kind as the default; else None."""
    match default:
        case bool():
            return value if isinstance(value, bool) else None
        case str():
            is_fit = isinstance(value, str) and len(value) <= MAX_TEXT
            return sanitize.clean_line(value, limit=MAX_TEXT) if isinstance(value, str) and is_fit else None
        case _:
            pairs = value.items() if isinstance(value, dict) else ()
            return {name: size for name, size in pairs if isinstance(size, int) and not isinstance(size, bool)}
