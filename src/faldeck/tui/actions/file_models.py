"""Offers the models that take a file, and opens the form of the one that is picked with the file in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app import output_as_input
from faldeck.safety import sanitize
from faldeck.tui.actions.ui import reporting

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.job import Output
    from faldeck.tui.actions.ui import Ui

TITLE = "Use as input"


async def offer(session: Session, ui: Ui, output: Output, place: str) -> None:
    """Lets the person pick a model that takes an output, which is at `place` (a URL or a path), and opens its form."""
    from faldeck.tui.dialogs.picker import Picker, PickerItem

    with reporting(ui):
        catalogue, medium = await session.load(), output_as_input.medium_of(output)
        marks = await session.history.read(lambda store: store.models.all())
        models = output_as_input.takers(catalogue.models(), medium, marks)
        if not models:
            ui.notify("Open the form of a model that takes a file first.", title=TITLE)
            return
        items = [
            PickerItem(sanitize.clean_line(model.endpoint_id), model.endpoint_id, sanitize.clean_line(model.category))
            for model in models
        ]
        if picked := await ui.ask(Picker(f"Use this {medium} with …", items, width=72)):
            await _open(session, ui, picked.value, medium, place)


async def _open(session: Session, ui: Ui, endpoint_id: str, medium: str, place: str) -> None:
    """Opens the form of a model with a file in its main field for this medium."""
    from faldeck.app import requests
    from faldeck.schema import arguments, json_value
    from faldeck.schema.fields import Items

    catalogue = await session.load()
    model = requests.stored_model(catalogue, endpoint_id)
    if model is None:
        await session.ready()
        model = await requests.load_model(catalogue, endpoint_id)
    if (field := arguments.main_file(model, medium)) is None:
        ui.notify(f"{sanitize.clean_line(endpoint_id)} has no field for this {medium}.", title=TITLE)
        return
    path = (*field.place, 0) if isinstance(field.kind, Items) else field.place
    ui.open_form(endpoint_id, json_value.put({}, path, place))
