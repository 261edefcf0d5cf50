"""The table of keys: every action can be run, every binding comes from it, no key means two things."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key

import faldeck.tui
from faldeck.keys import names
from faldeck.keys.table import ACTIONS, SCOPES, actions
from faldeck.tui.form.pane import FormPane

SOURCES = Path(faldeck.tui.__file__).parent

SHARED = {frozenset({"result.copy-path", "result.enlarge"})}
"""Actions on one key, of which one at a time can be run."""


def bound_classes() -> list[type[DOMNode]]:
    """Every class of the deck that has bindings of its own."""
    for module in pkgutil.walk_packages(faldeck.tui.__path__, "faldeck.tui."):
        importlib.import_module(module.name)
    waiting, found = [DOMNode], []
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith("faldeck.") and "BINDINGS" in vars(one):
            found.append(one)
    return found


def test_every_binding_comes_from_the_table() -> None:
    classes = bound_classes()
    assert len(classes) > 20
    bound = [binding for one in classes for binding in one.BINDINGS]
    assert all(isinstance(one, Binding) and ",".join(ACTIONS[one.id or ""].keys) == one.key for one in bound)
    assert {one.id for one in bound if isinstance(one, Binding)} == set(ACTIONS)
    makers = {path.name for path in SOURCES.rglob("*.py") if re.search(r"\bBinding\(", path.read_text("utf-8"))}
    assert makers == {"bindings.py"}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=lambda scope: scope.name)
def test_a_key_means_one_thing_in_one_place(scope: object) -> None:
    name = getattr(scope, "name", "")
    own = Counter(key for one in SCOPES[name].actions if not one.id.startswith("result.enlarge") for key in one.keys)
    assert [key for key, count in own.items() if count > 1] == []
    for one, other in combinations(actions((name, *SCOPES[name].within)), 2):
        overlap = set(one.keys) & set(other.keys)
        # What stands in the pane's own scope wins over what several panes share.
        assert not overlap or one.scope != other.scope or frozenset({one.id, other.id}) in SHARED


def test_every_action_says_what_it_does_in_one_short_sentence() -> None:
    for one in ACTIONS.values():
        assert one.label and one.sentence and len(one.sentence) <= 52 and not one.sentence.endswith("."), one.id
        assert one.sentence[0].isupper() and len(one.label) <= 14, one.id


@pytest.mark.parametrize("one", actions(("form", "field")), ids=lambda one: one.id)
async def test_a_key_of_the_form_names_a_command(one: object) -> None:
    namespace, name, arguments = parse(getattr(one, "run", ""))
    if namespace:
        return  # The screen's.
    pane = FormPane()
    commands = {"field": pane.fields.names, "request": pane.request.names}[name]
    assert arguments[0] in commands


def test_keys_have_the_names_that_textual_gives_them() -> None:
    assert all(_character_to_key(sign) == name for sign, name in names.PUNCTUATION.items())
    known = {*names.PUNCTUATION.values(), *names.SPECIAL}
    for one in ACTIONS.values():
        for key in (part for whole in one.keys for part in whole.split()):
            name = key.rpartition("+")[2]
            assert len(name) == 1 or name in known, one.id


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x", "x"),
        ("X", "X"),
        ("/", "slash"),
        ("slash", "slash"),
        (",", "comma"),
        (" ", "space"),
        ("Space", "space"),
        ("ctrl+J", "ctrl+j"),
        ("^j", "ctrl+j"),
        ("Ctrl+/", "ctrl+slash"),
        ("ctrl++", "ctrl+plus"),
        ("+", "plus"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("shift+tab", "shift+tab"),
        ("F5", "f5"),
        ("gg", "g g"),
        ("g c", "g c"),
        ("^W h", "ctrl+w h"),
        ("ш", "ш"),
    ],
)
def test_a_key_is_read_as_people_write_it(text: str, key: str) -> None:
    assert names.parse(text) == key
    assert names.parse(names.written(key)) == key
    if "+" not in text:
        assert names.parse(names.shown(key).replace("↑", "up")) == key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "No key is named."),
        ("entr", "`entr` is not a key. Did you mean `enter`?"),
        ("strg+j", "`strg+j` is not a key. Did you mean `ctrl+j`?"),
        ("shift+a", "`shift+a` is written as the character that it types."),
        ("a b c", "A key is one key, or two after each other."),
        ("\x1b", "'\\x1b' is not a key."),
    ],
)
def test_what_is_no_key_is_told(text: str, reason: str) -> None:
    with pytest.raises(names.UnknownKey) as told:
        names.parse(text)
    assert str(told.value) == reason
