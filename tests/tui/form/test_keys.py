"""Every key of the form has something to do."""

from __future__ import annotations

import pytest
from textual.actions import parse
from textual.binding import Binding

from faldeck.tui.form.keys import FIELD_KEYS, REQUEST_KEYS
from faldeck.tui.form.pane import FormPane


@pytest.mark.parametrize("binding", [*FIELD_KEYS, *REQUEST_KEYS], ids=lambda binding: str(binding.id))
async def test_a_key_names_a_command(binding: Binding) -> None:
    namespace, name, arguments = parse(binding.action)
    if namespace:
        return  # The screen's.
    pane = FormPane()
    commands = {"field": pane.fields.names, "request": pane.request.names}[name]
    assert arguments[0] in commands
