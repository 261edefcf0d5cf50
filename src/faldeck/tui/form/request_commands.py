"""What keys and the deck do to a form's whole input: JSON, presets, options, seed, submit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.tui import workers
from faldeck.tui.form import pasting, row_values
from faldeck.tui.form.field_commands import FieldCommands
from faldeck.tui.form.messages import (
    FormEdited,
    FormSubmitted,
    ModelPageRequested,
    OptionsRequested,
    OutputRequested,
    RequestPasted,
    SeedRequested,
)
from faldeck.tui.form.rows_pane import RowsPane
from faldeck.tui.form.type_ahead import TypeAhead
from faldeck.tui.panes.debounce import Debounce

if TYPE_CHECKING:
    from faldeck.app.requests import FilledRequest
    from faldeck.config.settings import Profile
    from faldeck.job import Body, Job
    from faldeck.schema.fields import ValueProblem
    from faldeck.tui.form.state import FormState

PAUSE_SECONDS = 0.5
"""How long typing must pause before the draft is saved."""

JSON_TITLE = "The whole input: JSON, or a pasted curl command or code"


class DraftTimer:
    """Runs from a change until the change is reported."""

    def __init__(self, pane: RowsPane, on_pause: Callable[[], None]) -> None:
        """`on_pause` is called after a report."""
        self._pane = pane
        self._on_pause = on_pause
        self._is_changed = False
        self._pause = Debounce(pane, self.fire, seconds=PAUSE_SECONDS)

    def restart(self) -> None:
        """Starts the pause again. Called after every change."""
        self._is_changed = True
        self._pause.restart()

    def fire(self) -> None:
        """Reports a change now, if there is one."""
        if edited := self.take():
            self._pane.post_message(edited)
            self._on_pause()

    def take(self) -> FormEdited | None:
        """Returns the change that was not reported yet, and marks it as reported."""
        if not self._is_changed or self._pane.state is None:
            return None
        self._is_changed = False
        self._pause.cancel()
        return FormEdited(self._pane.endpoint_id, self._pane.state.values.tree)


class RequestCommands:
    """Changes and sends the form of a pane as a whole."""

    def __init__(self, pane: RowsPane, profiles: Callable[[], Iterable[Profile]], type_ahead: TypeAhead) -> None:
        """`profiles` returns the person's profiles: a pasted request may have a URL of one."""
        self._pane = pane
        self._profiles = profiles
        self._type_ahead = type_ahead
        self._draft = DraftTimer(pane, self.check_files)
        self._options: dict[str, Mapping[str, JsonValue]] = {}
        """Endpoint id → the options chosen for it."""
        self._was_typing = False
        """Whether a value was being typed when the request was submitted."""
        self.fields = FieldCommands(pane, on_change=self._draft.restart, handle_request=self.handle_paste)
        self._commands: dict[str, Callable[[], None]] = {
            "json": self.edit_json,
            "options": self.request_options,
            "output": self.request_output,
            "page": self.request_page,
            "presets": self.open_presets,
            "roll": lambda: self.set_seed(None),
            "same_seed": self.request_seed,
            "submit": self.submit,
        }
        """The name of a key's action, as in the scope `form` of the table of keys, and what it does."""

    @property
    def names(self) -> frozenset[str]:
        """The names that `run` takes."""
        return frozenset(self._commands)

    def run(self, name: str) -> None:
        """Runs the command of a key."""
        self._commands[name]()

    @property
    def _state(self) -> FormState | None:
        return self._pane.state

    # JSON, presets and pastes

    def edit_json(self) -> None:
        """Edits the whole input as JSON in a dialog."""
        if self._state:
            self.fields.stop_typing()
            workers.start(self._pane, partial(self._edit_json, self._state))

    async def _edit_json(self, state: FormState) -> None:
        from faldeck.tui.dialogs.text import TextDialog

        def read(text: str) -> dict[str, JsonValue]:
            return state.parse_input(text, self._profiles())

        text, check = row_values.pretty_json(state.arguments()), row_values.check_with(read)
        dialog = TextDialog(JSON_TITLE, text, check=check, rewrite=lambda text: row_values.pretty_json(read(text)))
        written = await self._pane.app.push_screen_wait(dialog)
        if written is not None:
            self.fields.fill(read(written) if written.strip() else {})

    def open_presets(self) -> None:
        """Opens the dialog of the model's presets."""
        if self._state:
            self.fields.stop_typing()
            workers.start(self._pane, partial(self._open_presets, self._state))

    async def _open_presets(self, state: FormState) -> None:
        from faldeck.app import presets
        from faldeck.tui.dialogs.presets import PresetsDialog

        endpoint_id, arguments, examples = self._pane.endpoint_id, state.arguments(), state.examples()
        try:
            saved = await asyncio.to_thread(presets.read, endpoint_id)
        except presets.BrokenPresets as error:
            title = "The presets are left alone"
            self._pane.notify(str(error), title=title, severity="error", markup=False, timeout=10)
            return
        chosen = await self._pane.app.push_screen_wait(PresetsDialog(endpoint_id, saved, arguments, examples))
        if chosen is not None:
            self.fields.fill(chosen)

    def handle_paste(self, text: str) -> bool:
        """Takes a pasted request: into this form, or as a message if it is for another model.

        While a form is loading every paste waits for it.
        """
        from faldeck.app import paste

        pane = self._pane
        if self._type_ahead.is_waiting:
            if paste.is_code(text):  # A request is the whole input, even if text for the first field was typed.
                self._type_ahead.begin(keeps_text=True)
            self._type_ahead.add(text)
            return True
        try:
            meaning = pasting.interpret(text, self._state, pane.endpoint_id, self._profiles())
        except InvalidValue as error:
            message, title = pasting.error_message(error), pasting.NOT_CHANGED_TITLE
            pane.notify(message, title=title, severity="error", markup=False, timeout=10)
            return True
        if meaning is None:
            return False
        if isinstance(meaning, dict):
            self.fields.fill(meaning)
            pane.notify("The pasted request fills the form; u undoes that.")
        else:
            pane.post_message(RequestPasted(meaning))
        return True

    def request_page(self) -> None:
        """Asks for the page of the model."""
        self.fields.stop_typing()
        self._pane.post_message(ModelPageRequested(self._pane.endpoint_id))

    # Options, files and seeds

    def request_options(self) -> None:
        """Asks for the options."""
        if self._state:
            self.fields.stop_typing()
            self._pane.post_message(OptionsRequested(self._pane.endpoint_id, dict(self._state.options)))

    def set_options(self, options: Mapping[str, JsonValue]) -> None:
        """Sets how this model's requests are run."""
        if self._state:
            self._state.options = self._options[self._pane.endpoint_id] = options
            self.fields.changed()

    def keep_options(self, endpoint_id: str, options: Mapping[str, JsonValue]) -> None:
        """Sets how the requests of a model are run whose form is opened next."""
        self._options[endpoint_id] = options

    def options_of(self, endpoint_id: str) -> Mapping[str, JsonValue]:
        """The options that were set for a model."""
        return self._options.get(endpoint_id, {})

    def clear_options(self) -> None:
        """Forgets the options of every model: another service may offer others."""
        self._options.clear()
        if self._state:
            self._state.options = {}
            self._pane.refresh()

    def request_output(self) -> None:
        """Asks for a job's file for the current row."""
        if self._pane.here and (kind := row_values.file_kind(self._pane.here)):
            self.fields.stop_typing()
            self._pane.post_message(OutputRequested(kind.medium))
        else:
            self._pane.notify("This field takes no file.")

    def use_file(self, url: str) -> bool:
        """Puts a file into the model's main file field; False if it has none."""
        path = self._state.main_file_path() if self._state else None
        if self._state is None or path is None:
            return False
        self._state.set(path, url)
        self.fields.changed()
        self._pane.go_to(path)
        return True

    def request_seed(self) -> None:
        """Asks for the seed of the last result."""
        self._pane.post_message(SeedRequested(self._pane.endpoint_id))

    def set_seed(self, seed: int | None) -> None:
        """Sets the seed field; None sets a random one."""
        self.fields.stop_typing()
        path = self._state.set_seed(seed) if self._state else None
        if path is None:
            self._pane.notify("This model takes no seed.")
            return
        self.fields.changed()
        self._pane.go_to(path)

    # Submitting

    def submit(self) -> None:
        """Sends the request if the form has no problems."""
        pane, state = self._pane, self._state
        if state is None:
            return
        state.end_typing()
        general = state.check()
        if state.problems or general:
            self.fields.show_problems(general)
            return
        self._was_typing = pane.line_editor.is_active
        self.fields.stop_typing()
        self._draft.fire()
        pane.post_message(FormSubmitted(state.request(), self._was_typing))

    def is_unchanged_since(self, request: FilledRequest) -> bool:
        """Whether the form is unchanged since it made this request."""
        is_typing = self._pane.line_editor.is_active
        return not is_typing and self._state is not None and self._state.request() == request

    def show_file_problems(self, problems: Sequence[ValueProblem]) -> bool:
        """Shows problems of the request's files at their fields; False without problems."""
        if self._state and problems:
            self.fields.show_problems(self._state.add_problems(problems))
            if self._was_typing and self._pane.has_focus:  # Nothing was sent, so the person goes on typing.
                self.fields.type_here()
        return bool(problems)

    def show_rejection(self, request: FilledRequest, body: Body) -> None:
        """Shows what the service rejected of a request of this form, at fields that are as they were sent.

        The cursor stays where the person types.
        """
        if self._state is None:
            return
        general = self._state.add_rejected(request.arguments, body.result)
        if self._pane.line_editor.is_active:
            self._pane.refresh_rows()
        else:
            self.fields.show_problems(general)

    def show_past_job(self, job: Job, body: Body) -> None:
        """Shows how a past job was run, and what the service rejected."""
        from faldeck.app import options_form

        if self._state:
            self._state.options = options_form.to_form(job.options)
            if job.error:
                self.fields.show_problems(self._state.add_service_problems(body.result))

    def check_files(self) -> None:
        """Shows problems of the files while the form is filled in. The cursor stays."""
        if self._state:
            workers.start(self._pane, partial(self._check_files, self._state), exclusive=True, group="files")

    async def _check_files(self, state: FormState) -> None:
        request = state.request()
        problems = await asyncio.to_thread(request.file_problems) if request.uploads() else ()
        if problems and self._state is state and state.request() == request:
            state.add_problems(problems)
            self._pane.refresh_rows()

    def take_unsaved(self) -> FormEdited | None:
        """Returns the change that was not reported yet, and marks it as reported."""
        return self._draft.take()
