"""The Form pane: the input of one model, on its way from a draft to a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.timer import Timer

from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.tui.form import dropped, row_values
from faldeck.tui.form.fields_pane import FieldsPane
from faldeck.tui.form.keys import FIELD_KEYS, REQUEST_KEYS
from faldeck.tui.form.type_ahead import TypeAhead
from faldeck.tui.panes.pane import PaneMessage
from faldeck.tui.terminal.textual_private import bindings_of

if TYPE_CHECKING:
    from faldeck.app.paste import Pasted
    from faldeck.app.requests import FilledRequest
    from faldeck.config.settings import Profile
    from faldeck.fal.values import Price
    from faldeck.job import Body, Job
    from faldeck.schema.fields import ValueProblem
    from faldeck.tui.form.rows import FormRow
    from faldeck.tui.form.state import FormState

DRAFT_SECONDS = 0.5
"""How long typing must rest before the draft is put on disk."""

KEY_REPEAT_SECONDS = 1.0
"""For so long after a submit the same request is taken for a key that is held down: every submit costs."""

DECK_KEYS = ("1", "2", "3", "4", "question_mark")
"""The keys of the deck that no JSON begins with."""

WHOLE_INPUT = "The whole input: JSON, or a pasted curl command or code"


class FormPane(FieldsPane):
    """The input of one model."""

    HELP = "One row a field. What is dim is the model's own default and is not sent."
    NUMBER, NAME = "2", "Form"

    BINDINGS: ClassVar[list[BindingType]] = [*REQUEST_KEYS, *FIELD_KEYS]

    @dataclass
    class Submitted(PaneMessage):
        """The request is to be sent, as it was when the key was pressed: typing goes on."""

        request: FilledRequest
        was_typing: bool
        """Whether the key was pressed inside a text, which may be typed on."""

    @dataclass
    class Edited(PaneMessage):
        """The values have changed and typing has rested."""

        endpoint_id: str
        values: JsonValue

    @dataclass
    class RequestPasted(PaneMessage):
        """A request to another model than the open one was pasted: whether to open its form is to be asked."""

        request: Pasted

    @dataclass
    class OutputRequested(PaneMessage):
        """A file that a job has made is to be picked; the answer goes to `take_files`."""

        medium: str

    @dataclass
    class OptionsRequested(PaneMessage):
        """How the request is run is to be chosen; the answer goes to `take_options`."""

        endpoint_id: str
        options: dict[str, JsonValue]

    @dataclass
    class SeedRequested(PaneMessage):
        """The seed that the model used last is wanted; the answer goes to `pin_seed`."""

        endpoint_id: str

    def __init__(self, profiles: Callable[[], Iterable[Profile]] = tuple) -> None:
        """`profiles` gives those that the person has, whose addresses may stand in a pasted request."""
        super().__init__(id="form")
        self._profiles = profiles
        self._draft_timer: Timer | None = None
        self._ahead = TypeAhead()
        self._chosen: dict[str, Mapping[str, JsonValue]] = {}
        """Endpoint id → the options that were chosen for it."""
        self._submitted: FilledRequest | None = None
        self._submitted_at = 0.0
        self._was_typing = False
        """Whether a text was being typed when the request was sent."""

    # What the form is for

    def expect(self, *, is_typed: bool) -> None:
        """Takes the focus for a form that is about to come.

        What is typed until then goes into its first field, or nowhere where `is_typed` is False.
        """
        self.stop_editing()
        self._ahead.begin(keeps_text=is_typed)
        self.screen.set_focus(self)

    def wait_for(self, endpoint_id: str, notice: str) -> None:
        """Shows that the form of a model is on its way."""
        self.stop_editing()
        self.endpoint_id, self.state, self.rows, self.price = endpoint_id, None, [], None
        self.notice = notice
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        text = event.character if event.is_printable and event.character else ""
        # What acts on a form is for the one that is coming; what acts on the deck is for the deck.
        if self._ahead.is_waiting and (text or event.key in bindings_of(self).key_to_bindings):
            event.stop()
            if event.key == "escape":
                self._ahead.cancel()
            else:
                self._ahead.add(text)
        elif text and self.state and self._opens_text(event.key):
            event.stop()
            self.edit_long(None if self.state.is_set(()) else text)

    def _opens_text(self, key: str) -> bool:
        """Whether a key begins the text of a form without a schema: each that does nothing in the form itself.

        Elsewhere it would be the deck's: `q` leaves it.
        """
        is_text = self.here is not None and self.here.is_text and not self.here.path
        return is_text and key not in DECK_KEYS and key not in bindings_of(self).key_to_bindings

    def paste(self, text: str) -> None:
        if not self._ahead.is_waiting:
            super().paste(text)
            return
        if dropped.is_code(text):  # A request is all of the form, whatever was typed for its first field.
            self._ahead.begin(keeps_text=True)
        self._ahead.add(text)

    def was_left(self) -> None:
        """Ends the typing, also into a form that is about to come: the person has gone to another pane."""
        self._ahead.cancel()
        self.stop_editing()

    def show(self, state: FormState, price: Price | None) -> None:
        """Shows a model's form, the cursor on the first thing to fill in."""
        self.stop_editing()
        self.state, self.price = state, price
        state.options = self._chosen.get(state.model.endpoint_id, {})
        self.endpoint_id, self.notice = state.model.endpoint_id, state.model.fault
        self.cursor = self.scrolled = 0
        self.build()
        unfilled = (place for place, row in enumerate(self.rows) if row.is_required and not state.is_set(row.path))
        self.move_to(next(unfilled, 0))

    def start(self, *, is_typed: bool) -> None:
        """Begins to type into the row at hand, unless the person has said no, and puts in what was typed ahead.

        Where `is_typed` is False nothing is typed: the values are a past request's.
        """
        ahead = self._ahead.end()
        if ahead is None or not is_typed:
            return
        self.type_here()
        if ahead:
            self.paste(ahead)

    @property
    def lacks_here(self) -> bool:
        """Whether the row at hand must be filled in and is not."""
        row = self.here
        return row is not None and row.is_required and self.state is not None and not self.state.is_set(row.path)

    def is_left_with(self, request: FilledRequest) -> bool:
        """Whether nothing was done in the form since it gave this request."""
        return not self.is_typing and self.state is not None and self.state.request() == request

    def show_past(self, job: Job, body: Body) -> None:
        """Shows how a past request was run, and what the service found wrong with its input, each at its field."""
        from faldeck.app import send_options

        if self.state:
            self.state.options = send_options.to_form(job.options)
            if job.error:
                self.show_problems(self.state.take_answer(body.result))

    def show_file_problems(self, problems: Sequence[ValueProblem]) -> bool:
        """Shows what the disk has against the files, each at its field; False where that is nothing."""
        if self.state and problems:
            self.show_problems(self.state.take_problems(problems))
            if self._was_typing and self.has_focus:  # Nothing was sent, so the typing has not ended.
                self.type_here()
        return bool(problems)

    @work(exclusive=True, group="files")
    async def _look_at_files(self, state: FormState) -> None:
        """Shows what the disk has against the files while the form is filled in; the cursor stays where it is."""
        request = state.request()
        problems = await asyncio.to_thread(request.file_problems) if request.uploads() else ()
        if problems and self.state is state and state.request() == request:
            state.take_problems(problems)
            self.rebuild()

    def show_price(self, price: Price | None) -> None:
        """Shows what the model costs."""
        self.price = price
        self.refresh()

    # Changing

    def use_file(self, url: str) -> bool:
        """Puts a file into the field that is meant for one; False where the model takes none."""
        path = self.state.file_place() if self.state else None
        if self.state is None or path is None:
            return False
        self.state.set(path, url)
        self.changed()
        self.move_to_path(path)
        return True

    def changed(self, typed: FormRow | None = None) -> None:
        super().changed(typed)
        if self._draft_timer:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_SECONDS, self._tell_edited)

    def _tell_edited(self) -> None:
        if edited := self.take_edited():
            self.post_message(edited)
            if self.state:
                self._look_at_files(self.state)

    def take_edited(self) -> Edited | None:
        """What was changed a moment ago and has not been told; from now on it has."""
        if self._draft_timer is None or self.state is None:
            return None
        self._draft_timer.stop()
        self._draft_timer = None
        return self.Edited(self.endpoint_id, self.state.values.tree)

    def takes_pasted(self, text: str) -> bool:
        """A request that was written elsewhere fills the form of its model; see `FieldsPane.takes_pasted`."""
        is_meant = dropped.is_code(text) or self._is_input(text)
        try:
            request = dropped.request(text, self._profiles())
        except InvalidValue as fault:
            if is_meant:
                self.notify(dropped.said(fault), title=dropped.NOT_TAKEN, severity="error", markup=False, timeout=10)
            return is_meant or super().takes_pasted(text)
        is_other = request.endpoint_id and not dropped.is_same(request.endpoint_id, self.endpoint_id)
        fields = self.state.model.fields if self.state else ()
        arguments = request.fitting([field.name for field in fields])
        is_known = any(field.name in arguments or not field.name for field in fields)
        if is_other or (self.state is None and is_meant):
            self.post_message(self.RequestPasted(request))
        elif is_meant or request.endpoint_id or is_known:
            self.fill(arguments)
            self.notify("The pasted request fills the form; u takes that back.")
        else:
            return super().takes_pasted(text)
        return True

    def _is_input(self, text: str) -> bool:
        """Whether a text looks like an object with fields of the form, whole or not."""
        names = [field.name for field in self.state.model.fields if field.name] if self.state else []
        named = rf"""[{{,\s]["']?(?:{"|".join(map(re.escape, names))})["']?\s{{0,5}}[:,}}]"""
        return bool(names) and text.lstrip().startswith("{") and bool(re.search(named, text))

    def fill(self, arguments: JsonValue) -> None:
        """Puts a whole input in place of what the form holds."""
        if self.state:
            self.stop_editing()
            self.state.set((), arguments)
            self.changed()

    # Actions

    @work
    async def action_json(self) -> None:
        from faldeck.tui.dialogs.text import TextDialog

        state = self.state
        if state is None:
            return

        def read(text: str) -> dict[str, JsonValue]:
            return state.read_all(text, self._profiles())

        self.stop_editing()
        text, check = row_values.pretty(state.arguments()), row_values.fault_of(read)
        dialog = TextDialog(WHOLE_INPUT, text, check=check, rewrite=lambda text: row_values.pretty(read(text)))
        written = await self.app.push_screen_wait(dialog)
        if written is not None:
            self.fill(read(written) if written.strip() else {})

    @work
    async def action_presets(self) -> None:
        from faldeck.app import presets
        from faldeck.tui.dialogs.presets import PresetsDialog

        if self.state is None:
            return
        self.stop_editing()
        filled, examples = self.state.arguments(), self.state.examples()
        try:
            kept = await asyncio.to_thread(presets.read, self.endpoint_id)
        except presets.BrokenPresets as error:
            self.notify(str(error), title="The presets are left alone", severity="error", markup=False, timeout=10)
            return
        taken = await self.app.push_screen_wait(PresetsDialog(self.endpoint_id, kept, filled, examples))
        if taken is not None:
            self.fill(taken)

    def action_options(self) -> None:
        if self.state:
            self.stop_editing()
            self.post_message(self.OptionsRequested(self.endpoint_id, dict(self.state.options)))

    def take_options(self, options: Mapping[str, JsonValue]) -> None:
        """Takes how the request is to be run."""
        if self.state:
            self.state.options = self._chosen[self.endpoint_id] = options
            self.changed()

    def forget_options(self) -> None:
        """Runs every model as it is usually run: another service may have other ways."""
        self._chosen.clear()
        if self.state:
            self.state.options = {}
            self.refresh()

    def action_output(self) -> None:
        if self.here and (kind := row_values.file_kind(self.here)):
            self.stop_editing()
            self.post_message(self.OutputRequested(kind.medium))
        else:
            self.notify("This field takes no file.")

    def action_roll(self) -> None:
        self.pin_seed(None)

    def action_same_seed(self) -> None:
        self.post_message(self.SeedRequested(self.endpoint_id))

    def pin_seed(self, seed: int | None) -> None:
        """Sets the field of the seed, to any where None is given."""
        self.stop_editing()
        path = self.state.pin_seed(seed) if self.state else None
        if path is None:
            self.notify("This model takes no seed.")
            return
        self.changed()
        self.move_to_path(path)

    def action_submit(self) -> None:
        state = self.state
        if state is None:
            return
        state.pause()
        loose = state.check()
        if state.problems or loose:
            self.show_problems(loose)
            return
        self._was_typing = self.is_typing
        self.stop_editing()
        self._tell_edited()
        request, at = state.request(), monotonic()
        is_held = request == self._submitted and at - self._submitted_at < KEY_REPEAT_SECONDS
        self._submitted, self._submitted_at = request, at
        if is_held:
            self.notify("The same request was sent a moment ago. ^J again, after a moment, sends another.")
        else:
            self.post_message(self.Submitted(request, self._was_typing))
