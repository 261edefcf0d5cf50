"""What the Form pane reports to its screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faldeck.tui.panes.pane import PaneMessage

if TYPE_CHECKING:
    from faldeck.app.paste import Pasted
    from faldeck.app.requests import FilledRequest
    from faldeck.schema.json_value import JsonValue


@dataclass
class FormSubmitted(PaneMessage):
    """The person has pressed the key that sends the request."""

    request: FilledRequest
    """The request at that moment: the person may type on."""
    was_typing: bool
    """Whether a value was being typed."""


@dataclass
class FormEdited(PaneMessage):
    """The values have changed, and the person has stopped typing for a moment."""

    endpoint_id: str
    values: JsonValue


@dataclass
class RequestPasted(PaneMessage):
    """A request for another model was pasted."""

    request: Pasted


@dataclass
class OutputRequested(PaneMessage):
    """The person wants to pick a job's file; the answer goes to `FieldCommands.add_files`."""

    medium: str
    """`image`, `video` …, or `any`."""


@dataclass
class OptionsRequested(PaneMessage):
    """The person wants to change how the request is run; the answer goes to `RequestCommands.set_options`."""

    endpoint_id: str
    options: dict[str, JsonValue]


@dataclass
class SeedRequested(PaneMessage):
    """The person wants the seed of the last result; the answer goes to `RequestCommands.set_seed`."""

    endpoint_id: str


@dataclass
class ModelPageRequested(PaneMessage):
    """The person wants to see the page of the form's model."""

    endpoint_id: str
