"""The dialog of a model's presets: use, save, rename and delete them, and undo that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from faldeck.app import presets
from faldeck.app.presets import BrokenPresets, Presets
from faldeck.job import headline
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue
from faldeck.tui.bindings import bindings
from faldeck.tui.dialogs.picker import PickerItem, PickerList
from faldeck.tui.dialogs.text import InputDialog
from faldeck.tui.panes.lines import cut

Arguments: TypeAlias = dict[str, JsonValue]

WIDTH, HEIGHT = 76, 10
HINT = "Enter uses it · s saves the form · n renames · d deletes · u undoes"


class PresetsDialog(ModalScreen["Arguments | None"]):
    """Returns the arguments of the chosen preset, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("presets")

    def __init__(self, endpoint_id: str, saved: Presets, arguments: Arguments, examples: Arguments) -> None:
        """`saved` are the presets on disk, `arguments` the form's input, `examples` those of the schema."""
        super().__init__()
        self._endpoint_id = endpoint_id
        self._arguments = arguments
        self._examples = examples
        self._presets = saved
        self._undo_stack: list[Presets] = []
        self._list: PickerList[Arguments] = PickerList(
            f"Presets of {endpoint_id}", [], 0, is_searched=False, if_empty="No presets yet. s saves the form as one."
        )
        self._list.styles.width, self._list.styles.height = WIDTH, HEIGHT

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list
            yield Static(HINT, classes="hint", markup=False)
            file = sanitize.clean_line(str(presets.path(self._endpoint_id)))
            yield Static(cut(file, WIDTH - 2, keep_end=True), classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show(self._presets)

    def _show(self, saved: Presets) -> None:
        self._presets = saved
        items = [
            PickerItem(sanitize.clean_line(name), arguments, _hint(arguments)) for name, arguments in saved.items()
        ]
        if self._examples:
            items.append(PickerItem("(the model's own examples)", self._examples, _hint(self._examples)))
        self._list.show(items)

    @property
    def _current_name(self) -> str:
        """The name of the preset under the cursor, or ""."""
        names = list(self._presets)
        return names[self._list.cursor] if self._list.cursor < len(names) else ""

    def on_picker_list_picked(self, event: PickerList.Picked) -> None:
        event.stop()
        arguments = event.item.value
        self.dismiss(dict(arguments) if isinstance(arguments, Mapping) else None)

    @work
    async def action_save(self) -> None:
        if name := await self._ask_name(
            "Save the form's input as (replaces a preset of that name)", self._current_name
        ):
            await self._write({**self._presets, name: self._arguments})

    @work
    async def action_rename(self) -> None:
        if old := self._current_name:
            name = await self._ask_name(f"A new name for {old}", old)
            if name and name != old:
                await self._write(_without(self._presets, old) | {name: self._presets[old]})

    @work
    async def action_delete(self) -> None:
        if name := self._current_name:
            await self._write(_without(self._presets, name))
            self.notify(f"{name} is deleted; u undoes that.", markup=False)

    @work
    async def action_undo(self) -> None:
        if self._undo_stack:
            await self._write(self._undo_stack.pop(), is_undoing=True)

    async def _ask_name(self, question: str, name: str) -> str:
        """Asks for a preset's name. Returns "" if none is given."""
        answer = await self.app.push_screen_wait(InputDialog(question, name))
        return presets.named(answer or "")

    async def _write(self, changed: Presets, *, is_undoing: bool = False) -> None:
        """Writes changed presets to disk, then shows them."""
        if not is_undoing:
            self._undo_stack.append(self._presets)  # Before the write, so that u undoes this change even at once.
        try:
            await asyncio.to_thread(presets.write, self._endpoint_id, changed)
            written = await asyncio.to_thread(presets.read, self._endpoint_id)
        except BrokenPresets as error:
            if not is_undoing:
                self._undo_stack.pop()
            self.notify(str(error), title="Nothing was changed", severity="error", markup=False, timeout=10)
            return
        self._show(written)


def _without(saved: Presets, name: str) -> Presets:
    return {other: arguments for other, arguments in saved.items() if other != name}


def _hint(arguments: Mapping[str, JsonValue]) -> str:
    return headline(arguments, limit=40)
