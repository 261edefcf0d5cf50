"""Help and palette: the commands of the deck as a list to search, made from the table of keys; and typed commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import Any, NamedTuple, TypeAlias

from textual.screen import Screen

from faldeck.keys.action import KeyAction
from faldeck.safety import sanitize
from faldeck.tui.bindings import actions_of, keymap_of
from faldeck.tui.dialogs.picker import TALLEST, Picker, PickerItem
from faldeck.tui.panes.pane import Pane

Command: TypeAlias = "Callable[[], Awaitable[object] | object]"
"""What a picked item does."""


class TypedCommand(NamedTuple):
    """A word of the palette that takes more words: `model flux`."""

    word: str
    says: str
    """The item that it becomes, with the words in place of `{words}`."""
    run: Callable[[str], Awaitable[object] | object]
    """Gets the words."""


class CommandSearch:
    """Finds commands by what is typed: by their words, the best first, or as a word that takes more words."""

    def __init__(self, items: Sequence[PickerItem[Command]], typed: Sequence[TypedCommand] = ()) -> None:
        self.items = items
        self._typed = {command.word: command for command in typed}

    def find(self, text: str) -> Sequence[PickerItem[Command]]:
        """The commands for a text; all of them for an empty one."""
        word, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        words = text.lower().split()
        found = [item for item in self.items if all(word in item.searched for word in words)]
        found.sort(key=lambda item: _rank(item, text.strip().lower()))
        if (number := self._typed.get("#")) and word.isdecimal() and not rest:
            return [_item(number, word), *found]
        command = self._typed.get(word.lower())
        return [_item(command, rest), *found] if command and rest else found


def _item(command: TypedCommand, words: str) -> PickerItem[Command]:
    label = command.says.format(words=sanitize.clean_line(words, limit=60))
    return PickerItem(label, partial(command.run, words))


def _rank(item: PickerItem[Command], text: str) -> int:
    """How well a text names an item; 0 is best. Equal ones keep their order."""
    names = item.words.lower()
    ways = (
        names.startswith(f"{text} ") or text == item.label.lower(),  # The label in the key bar, or the sentence.
        text in names.split(),
        any(word.startswith(text) for word in names.split()),
        any(word.startswith(text) for word in item.label.lower().split()),
    )
    return ways.index(True) if True in ways else len(ways)


def help_of(screen: Screen[Any], here: Pane) -> Picker[Command]:
    """A dialog of the keys of a pane and its screen."""
    # Without the remarks it is as wide as the keys need.
    topics = [replace(topic, hint="", words=f"{topic.words} {topic.hint}") for topic in _topics(screen)]
    items = [*_items(screen, here), *_items(screen), *topics]
    tallest = max(TALLEST, screen.size.height // 2)  # What it covers is sent again when it closes.
    return Picker(f"The keys of {here.NAME}", items, text=here.HELP, tallest=tallest)


def palette(
    screen: Screen[Any],
    here: Pane,
    others: Sequence[Pane],
    go: Callable[[Pane], None],
    further: Sequence[PickerItem[Command]],
    typed: Sequence[TypedCommand],
) -> Picker[Command]:
    """A dialog of every command: of the pane `here`, of the screen, of the other panes, and `further` ones.

    `go` gives a pane the focus.
    """
    items = [*_items(screen, here, here.NAME), *_items(screen), *further, *_topics(screen)]
    items += [item for pane in others for item in _items(screen, pane, pane.NAME, go)]
    return Picker("Commands", items, find=CommandSearch(items, typed).find)


def _items(
    screen: Screen[Any], pane: Pane | None = None, hint: str = "", go: Callable[[Pane], None] | None = None
) -> list[PickerItem[Command]]:
    """The commands of a pane, or of the screen itself, each with all its keys. Those in the key bar come first.

    `go` gives the pane the focus before.
    """
    node = pane or screen
    keymap = keymap_of(node)

    async def run(one: KeyAction) -> None:
        if pane and go:
            go(pane)
        await screen.app.run_action(one.run, node)

    return [
        PickerItem(
            one.sentence,
            partial(run, one),
            hint=hint,
            lead=keymap.shown(one.id),
            words=f"{one.label} {one.words} {one.id.partition('.')[2]}",
        )
        for one in actions_of(node)
    ]


def _topics(screen: Screen[Any]) -> list[PickerItem[Command]]:
    """The tour, and the topics of the help."""
    from faldeck.app import help_topics

    run = screen.app.run_action
    found: list[PickerItem[Command]] = [
        PickerItem("Tour: five steps through the deck", partial(run, "app.tour"), words="tour first help")
    ]
    for topic in help_topics.topics():
        found.append(PickerItem(f"Help: {topic.about}", partial(run, f"app.topic('{topic.name}')"), hint=topic.name))
    return found


async def choose(screen: Screen[Any], picker: Picker[Command]) -> None:
    """Shows help or palette, and runs what is picked. Called from a worker."""
    picked = await screen.app.push_screen_wait(picker)
    if picked and isawaitable(done := picked.value()):
        await done
