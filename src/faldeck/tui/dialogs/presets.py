"""The dialog of a model's presets: one is taken, kept, renamed or deleted, and any of that can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from faldeck.app import presets
from faldeck.app.presets import BrokenPresets, Presets
from faldeck.job import headline
from faldeck.safety import sanitize
from faldeck.schema.json_value import JsonValue
from faldeck.tui.dialogs.picker import PickerItem, PickerList
from faldeck.tui.dialogs.text import InputDialog
from faldeck.tui.panes.lines import cut

Arguments: TypeAlias = dict[str, JsonValue]

WIDTH, TALLEST = 76, 10
HINT = " Enter takes it · s keeps the form · n renames · d deletes · u undoes"


class PresetsDialog(ModalScreen["Arguments | None"]):
    """The arguments of the preset that is taken; None where none is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "keep", "Keep", id="presets.keep", tooltip="Keep the form's input under a name"),
        Binding("n", "rename", "Rename", id="presets.rename", tooltip="Give the preset another name"),
        Binding("d,delete", "delete", "Delete", id="presets.delete", tooltip="Delete the preset"),
        Binding("u", "undo", "Undo", id="presets.undo", tooltip="Take back the last change"),
        Binding("escape,ctrl+c,q", "dismiss(None)", "Close", id="presets.close", tooltip="Take none"),
    ]

    def __init__(self, endpoint_id: str, kept: Presets, filled: Arguments, examples: Arguments) -> None:
        """`kept` is what is on disk, `filled` what the form holds, `examples` what the schema proposes."""
        super().__init__()
        self._endpoint_id = endpoint_id
        self._filled = filled
        self._examples = examples
        self._presets = kept
        self._before: list[Presets] = []
        self._list: PickerList[Arguments] = PickerList(f"Presets of {endpoint_id}", [], 0, is_searched=False)
        self._list.styles.width, self._list.styles.height = WIDTH, TALLEST

    def compose(self) -> ComposeResult:
        with Vertical(classes="popup"):
            yield self._list
            yield Static(HINT, classes="hint", markup=False)
            file = sanitize.clean_line(str(presets.path(self._endpoint_id)))
            yield Static(f" {cut(file, WIDTH - 2, keep_end=True)}", classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show(self._presets)

    def _show(self, kept: Presets) -> None:
        self._presets = kept
        items = [PickerItem(sanitize.clean_line(name), arguments, _hint(arguments)) for name, arguments in kept.items()]
        if self._examples:
            items.append(PickerItem("(the model's own examples)", self._examples, _hint(self._examples)))
        self._list.show(items)

    @property
    def _here(self) -> str:
        """The name of the preset under the cursor; empty where there is none."""
        names = list(self._presets)
        return names[self._list.cursor] if self._list.cursor < len(names) else ""

    def on_picker_list_picked(self, event: PickerList.Picked) -> None:
        event.stop()
        arguments = event.item.value
        self.dismiss(dict(arguments) if isinstance(arguments, Mapping) else None)

    @work
    async def action_keep(self) -> None:
        if name := await self._asked("Keep the form's input as (the same name is replaced)", self._here):
            await self._change({**self._presets, name: self._filled})

    @work
    async def action_rename(self) -> None:
        if old := self._here:
            name = await self._asked(f"A new name for {old}", old)
            if name and name != old:
                await self._change(_without(self._presets, old) | {name: self._presets[old]})

    @work
    async def action_delete(self) -> None:
        if name := self._here:
            await self._change(_without(self._presets, name))
            self.notify(f"{name} is deleted; u takes that back.", markup=False)

    @work
    async def action_undo(self) -> None:
        if self._before:
            await self._change(self._before.pop(), is_undoing=True)

    async def _asked(self, question: str, name: str) -> str:
        """A preset's name, from the person; empty where none is given."""
        answer = await self.app.push_screen_wait(InputDialog(question, name))
        return presets.named(answer or "")

    async def _change(self, kept: Presets, *, is_undoing: bool = False) -> None:
        """Puts other presets on disk, then shows them."""
        try:
            await asyncio.to_thread(presets.write, self._endpoint_id, kept)
            before, now = self._presets, await asyncio.to_thread(presets.read, self._endpoint_id)
        except BrokenPresets as error:
            self.notify(str(error), title="Nothing was changed", severity="error", markup=False, timeout=10)
            return
        if not is_undoing:
            self._before.append(before)
        self._show(now)


def _without(kept: Presets, name: str) -> Presets:
    return {other: arguments for other, arguments in kept.items() if other != name}


def _hint(arguments: Mapping[str, JsonValue]) -> str:
    return headline(arguments, limit=40)
