"""The screen of one model's page: the page, its keys below it, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from faldeck.history import HistoryError
from faldeck.tui.bindings import bindings
from faldeck.tui.dialogs.picker import Picker, PickerItem
from faldeck.tui.panes.header_footer import KeyBar
from faldeck.tui.panes.model_page import ModelPagePane

if TYPE_CHECKING:
    from faldeck.app.model_card import ModelCard


class ModelSource(Protocol):
    """Reads and marks models; see `ModelActions`."""

    async def card(self, endpoint_id: str, *, asks: bool = True) -> ModelCard:
        """Everything about a model; without `asks` only what is on disk."""

    async def star(self, endpoint_id: str, is_starred: bool) -> None:
        """Saves a model's star."""

    async def note(self, endpoint_id: str) -> str | None:
        """Asks for a note and saves it."""


def web_picker(card: ModelCard) -> Picker[str]:
    """A dialog of a model's pages on the web; each item's value is the address."""
    items = [PickerItem(page.value, url, hint=url.removeprefix("https://")) for page, url in card.pages().items()]
    return Picker("Open on the web", items, width=76)


class ModelPageScreen(Screen["str | None"]):
    """Covers the deck until it is closed. Returns the model whose form is to be opened, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(
        self, endpoint_id: str, source: ModelSource, *, open_url: Callable[[str], None], copy: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._source = source
        self._open_url = open_url
        self._copy = copy
        self.page = ModelPagePane(endpoint_id)

    def compose(self) -> ComposeResult:
        yield self.page
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        self._read(self.page.endpoint_id)

    @work(exclusive=True, group="card")
    async def _read(self, endpoint_id: str) -> None:
        """Shows what is on disk at once, then what the service says."""
        try:
            self.page.show(await self._source.card(endpoint_id, asks=False), notice="reading…")
            self.page.show(await self._source.card(endpoint_id))
        except HistoryError as error:
            self.page.notice = ""
            self.notify(f"The history cannot be read: {error}", severity="error", markup=False)

    @on(ModelPagePane.PageAsked)
    @work
    async def _do(self, message: ModelPagePane.PageAsked) -> None:
        """Does what a key of the page asks for."""
        if (card := self.page.card) is None:
            return
        endpoint_id = card.model.endpoint_id
        match message.what:
            case "form":
                self.dismiss(endpoint_id)
            case "web":
                if picked := await self.app.push_screen_wait(web_picker(card)):
                    self._open_url(picked.value)
            case "family":
                await self._show_sibling(card)
            case "star":
                mark = card.mark._replace(starred=not card.mark.starred)
                await self._source.star(endpoint_id, mark.starred)
                self.page.show(card._replace(mark=mark))
            case "note":
                if (note := await self._source.note(endpoint_id)) is not None:
                    self.page.show(card._replace(mark=card.mark._replace(note=note)))
            case "copy":
                self._copy(endpoint_id)

    async def _show_sibling(self, card: ModelCard) -> None:
        """Lets the person pick another model of the family, and shows it."""
        if not card.siblings:
            self.notify("The catalogue lists no other model of this family.")
            return
        items = [PickerItem(endpoint_id, endpoint_id, hint=what) for endpoint_id, what in card.family()]
        if picked := await self.app.push_screen_wait(Picker("The family", items, width=76)):
            self._read(picked.value)

    @work
    async def action_commands(self) -> None:
        """Shows the keys, and runs the picked one."""
        from faldeck.tui import commands

        await commands.choose(self, commands.help_of(self, self.page))
