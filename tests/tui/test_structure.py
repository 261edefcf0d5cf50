"""How the files of the deck depend on one another and on Textual."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import faldeck

SOURCES = Path(faldeck.__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SOURCES / "faldeck" / "tui").rglob("*.py")
}
PRIVATE_FILE = "faldeck.tui.terminal.textual_private"
PRIVATE_NAMES = re.compile(
    r"textual\._|from textual import _|"
    r"\.(?:_handle_exception|_fatal_error|_driver|_bindings|_sequence_to_key_events)\b|\bStylesCache\b"
)


def imported(path: Path) -> set[str]:
    """The files of the deck that a file names, also for type checkers only and inside functions."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return named & MODULES.keys()


def test_no_circle_of_imports_runs_through_the_deck() -> None:
    try:
        order = list(TopologicalSorter({name: imported(path) for name, path in MODULES.items()}).static_order())
    except CycleError as error:
        raise AssertionError(" → ".join(error.args[1])) from None
    assert order.index("faldeck.tui.panes.pane") < order.index("faldeck.tui.deck") < order.index("faldeck.tui.app")


def test_private_parts_of_textual_are_used_in_one_file() -> None:
    users = {name for name, path in MODULES.items() if PRIVATE_NAMES.search(path.read_text("utf-8"))}
    assert users == {PRIVATE_FILE}
