"""What is done with models: listed, starred, noted, opened as a page here or on the web; their prices are fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.app import App

from faldeck.history import ModelMark
from faldeck.tui.actions import outputs
from faldeck.tui.actions.ui import REPORT_SECONDS, reporting, reporting_once

if TYPE_CHECKING:
    from faldeck.app.model_card import ModelCard
    from faldeck.app.model_list import ModelList
    from faldeck.app.session import Session
    from faldeck.tui.actions.ui import Ui
    from faldeck.tui.panes.models import ModelsPane


class ModelActions:
    """Connects the Models pane with the catalogue, the person's marks and the pages of models."""

    def __init__(self, session: Session, ui: Ui, pane: ModelsPane) -> None:
        self._session = session
        self._ui = ui
        self._pane = pane
        self._told = False
        """True once the person was told what is wrong with the aliases."""

    async def show(self) -> None:
        """Shows the profile's models with the person's stars and notes."""
        catalogue = self._session.catalogue
        marks: Mapping[str, ModelMark] = {}
        with reporting_once(self._ui, self._session.history):
            marks = await self._session.history.read(lambda store: store.models.all())
        aliases = self._session.config.aliases

        def make() -> ModelList:
            from faldeck.app.model_list import ModelList  # Imported after the first frame.

            return ModelList(catalogue.models(), marks, catalogue.prices(), aliases)

        models = await asyncio.to_thread(make)
        self._pane.show_models(models, self._session.profile, aliases)
        if len(models) and aliases and not self._told:
            self._told = True
            await self._tell_aliases()

    async def _tell_aliases(self) -> None:
        """Says which aliases lead nowhere, once."""
        from faldeck.app import aliases

        with reporting(self._ui):
            for problem in await asyncio.to_thread(aliases.problems, self._session.config, self._session.catalogue):
                self._ui.notify(
                    problem, title="An alias leads nowhere", severity="warning", markup=False, timeout=REPORT_SECONDS
                )

    def refresh_soon(self) -> None:
        """Has the models listed again, in the background."""
        self._pane.action_refresh()

    async def refresh(self) -> None:
        """Lists the service's models again."""
        self._pane.say("listing…")
        await self._session.ready()
        with reporting(self._ui, "The models could not be listed."):
            await self._session.catalogue.refresh()
        self._pane.say("")
        await self.show()

    async def fetch_prices(self) -> None:
        """Fetches the prices that were not asked for today; a filter or an order needs them."""
        catalogue = self._session.catalogue
        ids = [model.endpoint_id for model in await asyncio.to_thread(catalogue.models)]
        if not (unasked := catalogue.unasked_prices(ids)):
            if not catalogue.prices():
                self._ui.notify("This service gives no prices.")
            return
        await self._session.ready()
        self._pane.say(f"getting {len(unasked):,} prices…")
        with reporting(self._ui, "The prices could not be fetched."):
            await catalogue.fetch_prices(unasked)
        self._pane.say("")
        if catalogue is self._session.catalogue:
            await self.show()

    async def do(self, what: str, endpoint_id: str, app: App[Any]) -> None:
        """Does what a key of the Models pane asks for: `note`, `page` or `web`."""
        match what:
            case "note":
                await self.note(endpoint_id)
            case "page":
                await self.show_page(endpoint_id, app)
            case "web":
                await self.open_web(endpoint_id, app)

    async def star(self, endpoint_id: str, is_starred: bool) -> None:
        """Saves a model's star."""
        with reporting(self._ui):
            await self._session.history.write(lambda store: store.models.star(endpoint_id, is_starred))

    async def note(self, endpoint_id: str) -> str | None:
        """Asks for the note of a model and saves it; returns it, or None if the person left it as it was."""
        from faldeck.tui.dialogs.text import InputDialog

        with reporting(self._ui):
            mark = await self._session.history.read(lambda store: store.models.of(endpoint_id))
            written = await self._ui.ask(InputDialog(f"Note on {endpoint_id} (empty: none)", mark.note))
            if written is not None:
                await self._session.history.write(lambda store: store.models.note(endpoint_id, written))
                mark = await self._session.history.read(lambda store: store.models.of(endpoint_id))
                self._pane.show_mark(endpoint_id, mark)
                return mark.note
        return None

    # Pages

    async def card(self, endpoint_id: str, *, asks: bool = True) -> ModelCard:
        """Everything about a model; see `model_card.load`."""
        from faldeck.app import model_card

        if asks:
            await self._session.ready()
        return await model_card.load(self._session, endpoint_id, asks=asks)

    async def show_page(self, endpoint_id: str, app: App[Any]) -> None:
        """Shows the page of a model, and of its family; opens the form if the person asks for it there."""
        from faldeck.tui.dialogs.model_page import ModelPageScreen

        if not endpoint_id:
            self._ui.notify("Choose a model first: its page says all about it.")
            return
        open_command = self._session.config.open_command
        screen = ModelPageScreen(
            endpoint_id,
            self,
            open_url=lambda url: outputs.open_url(app, open_command, url),
            copy=lambda text: outputs.copy_text(app, text),
        )
        if chosen := await self._ui.ask(screen):
            self._ui.open_form(chosen)

    async def open_web(self, endpoint_id: str, app: App[Any]) -> None:
        """Opens one of a model's pages on the web."""
        from faldeck.tui.dialogs.model_page import web_picker

        with reporting(self._ui):
            picked = await self._ui.ask(web_picker(await self.card(endpoint_id, asks=False)))
            if picked:
                outputs.open_url(app, self._session.config.open_command, picked.value)
