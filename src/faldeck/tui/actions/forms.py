"""Actions on forms: open one, save its draft, send its request, fill in a picked file."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from faldeck.app import job_actions
from faldeck.app.session import Session
from faldeck.job import Body, Job, Output
from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.tui.actions import file_models
from faldeck.tui.actions.held_key import HeldKey
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.actions.models import ModelActions
from faldeck.tui.actions.ui import Ui, reporting, reporting_once
from faldeck.tui.form import pasting
from faldeck.tui.form.messages import FormEdited, FormSubmitted, OptionsRequested, OutputRequested
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.lines import width_of
from faldeck.tui.terminal.typing_guard import TypingGuard

if TYPE_CHECKING:
    from faldeck.app.paste import Pasted, RunWords
    from faldeck.app.requests import FilledRequest
    from faldeck.tui.form.state import FormState


class FormActions:
    """Connects the Form pane with the catalogue and the drafts."""

    def __init__(
        self,
        session: Session,
        ui: Ui,
        models: ModelActions,
        form: FormPane,
        jobs: JobActions,
        guard: TypingGuard,
    ) -> None:
        self._session = session
        self._ui = ui
        self._models = models
        self._form = form
        self._jobs = jobs
        self._guard = guard
        self._sending: list[FilledRequest] = []
        """Requests of the form that are not on disk yet."""
        self._held_key = HeldKey()

    # Opening a form

    async def open(self, endpoint_id: str, given: JsonValue, past: tuple[Job, Body] | None) -> None:
        """Shows a model's form: from the schema on disk at once, or from the service.

        `given` replaces the saved draft. `past` is a request to edit: what the service rejected is shown at the fields.
        Text typed before the form appears goes into it.
        """
        from faldeck.app import requests
        from faldeck.tui.form.state import FormState

        session, form = self._session, self._form
        while True:
            catalogue = await session.load()
            await self.save_draft()
            values = await self._saved_draft(endpoint_id) if given is None else given
            earlier = form.state if given is None and not values else None
            model = requests.stored_model(catalogue, endpoint_id, is_fresh=True)
            if model is None:
                form.opening.show_loading(endpoint_id, "Loading the schema…")
                await session.ready()
                model = await requests.load_model(catalogue, endpoint_id)
                if model.fault:
                    model = replace(model, fault=f"There is no form: {model.fault}")
            state = FormState(model, values)
            if catalogue is session.catalogue:
                break
            # The person has switched to another profile: its schema is the one to show.
        if given is None:
            state.mark_as_earlier()
        if earlier and earlier.model.endpoint_id != endpoint_id:
            state.carry_over_from(earlier)
        form.opening.show(state, catalogue.prices().get(endpoint_id))
        if past:
            form.request.show_past_job(*past)
        if not form.is_left:
            self._ui.show_pane("form")
            form.opening.start_typing(is_wanted=given is None or (past is None and form.opening.lacks_value_here))
        await session.ready()
        price = await requests.refresh_price(catalogue, endpoint_id)
        if form.endpoint_id == endpoint_id and catalogue is session.catalogue:
            form.opening.show_price(price)

    async def _saved_draft(self, endpoint_id: str) -> JsonValue:
        """The saved draft of a model; None without one or if it cannot be read."""
        with reporting_once(self._ui, self._session.history):
            return await self._session.history.read(lambda store: store.models.draft(endpoint_id))
        return None

    async def offer_pasted(self, text: str) -> None:
        """Offers to open the form of a request, or of a file's request, that was pasted outside a text input."""
        if files := pasting.file_paths(text):  # Terminals paste the paths of files that are dropped on them.
            await self._offer_origin(files[0])
            return
        from faldeck.app import paste

        try:
            request = paste.request(text, self._session.config.profiles.values())
        except InvalidValue as fault:
            if paste.is_code(text):
                words = pasting.error_message(fault)
                self._ui.notify(words, title=pasting.NOT_CHANGED_TITLE, severity="error", markup=False, timeout=10)
        else:
            await self.offer(request)

    async def _offer_origin(self, file: str) -> None:
        """Asks whether to open the form that made a file, with the values that were sent.

        The settings of another program have no model: they are for the form that is open.
        """
        from faldeck.app import origin
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        with reporting(self._ui):
            made = await self._session.history.read(lambda store: origin.of_file(store, self._session.sources, file))
            endpoint_id, arguments = made.endpoint_id, made.arguments
            question = f"Open {sanitize.clean_line(endpoint_id)} with the input that made this file?"
            answers = [PickerItem("Yes, open it", True), PickerItem("No, stay here", False)]
            if not endpoint_id:
                if not (state := self._form.state):
                    self._ui.notify("Another program made this file. Open the form of a model, and drop it again.")
                    return
                endpoint_id, arguments = state.model.endpoint_id, state.arguments() | made.fitting(state.model)
                question = f"Fill in {sanitize.clean_line(endpoint_id)} with the settings in this file?"
                answers = [PickerItem("Yes, fill it in", True), PickerItem("No, stay here", False)]
            picked = await self._ui.ask(Picker(question, answers, width=max(52, width_of(question) + 2)))
            if picked and picked.value:
                self._ui.open_form(endpoint_id, arguments)

    async def offer(self, request: Pasted) -> None:
        """Asks whether to open the form of a pasted request."""
        from faldeck.app import requests
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        endpoint_id = request.endpoint_id
        if not endpoint_id:
            self._ui.notify(pasting.NO_MODEL_MESSAGE, title=pasting.NOT_CHANGED_TITLE, severity="warning")
            return
        model_name = sanitize.clean_line(endpoint_id)
        question = f"Open {model_name} with this input?"
        answers = [PickerItem("Yes, open it", True), PickerItem("No, stay here", False)]
        if request.request_id:
            question = f"Add this request to {model_name} to your jobs?"
            answers = [PickerItem("Yes, adopt it", True), PickerItem("No, stay here", False)]
        picked = await self._ui.ask(Picker(question, answers, width=max(52, width_of(question) + 2)))
        if not picked or not picked.value:
            return
        if request.request_id:
            with reporting(self._ui):
                adopted = await job_actions.adopt(
                    self._session, endpoint_id, request.request_id, arguments=request.arguments
                )
                self._ui.show_job(adopted.job.id)
            return
        if request.words:
            await self._open_command(endpoint_id, request.words, request.left_out)
            return
        model = requests.stored_model(await self._session.load(), endpoint_id)
        self._ui.open_form(endpoint_id, request.fitting([field.name for field in model.fields] if model else []))

    async def _open_command(self, endpoint_id: str, words: RunWords, left_out: Sequence[str]) -> None:
        """Opens the form with the values that the words of a pasted command set; says what is left out."""
        from faldeck.app import options_form, requests, run_words
        from faldeck.engine import send_modes

        session = self._session
        model = requests.stored_model(await session.load(), endpoint_id)
        if model is None:
            await session.ready()
            model = await requests.load_model(session.catalogue, endpoint_id)
        found = model
        try:
            arguments = await session.history.read(lambda store: run_words.read(found, words, session.sources, store))
        except InvalidValue as fault:
            sentence = f"The pasted command is not understood: {fault}."
            self._ui.notify(
                sanitize.clean_line(sentence),
                title=pasting.NOT_CHANGED_TITLE,
                severity="error",
                markup=False,
                timeout=10,
            )
            return
        options = options_form.to_form(words.options)
        if options.get("mode") not in (None, *send_modes.modes_for(session.profile, endpoint_id)):
            left_out = (*left_out, f"--{options.pop('mode')}")
        self._form.request.keep_options(endpoint_id, options)
        self._ui.open_form(endpoint_id, arguments)
        if left_out:
            self._ui.notify(f"Left out of the command: {sanitize.clean_line(', '.join(left_out))}.", markup=False)

    # Drafts

    async def save_edited(self, message: FormEdited) -> None:
        """Saves what was typed."""
        with reporting_once(self._ui, self._session.history):
            await self._session.history.write(
                lambda store: store.models.save_draft(message.endpoint_id, message.values)
            )

    async def save_draft(self) -> None:
        """Saves what was typed a moment ago. Called before the form is left."""
        if edited := self._form.request.take_unsaved():
            await self.save_edited(edited)

    # Sending

    def submit(self, message: FormSubmitted) -> partial[Coroutine[None, None, None]] | None:
        """Gives the work that sends the form's request; None if it is being sent already."""
        if message.request in self._sending:
            self._ui.notify("This request is being sent already. It is sent once.")
            return None
        if self._held_key.is_held(message.request, self._guard.came_at):
            self._ui.notify("The same request was sent a moment ago. ^J again, after a moment, sends another.")
            return None
        if message.was_typing:
            self._guard.typing_ended()
        if state := self._form.state:
            # At once: what is typed next means the same, however long the request takes to be recorded.
            state.mark_as_earlier()
        # The profile on the screen now: the person may switch to another before the request leaves.
        return partial(self._submit, message.request, self._session.profile.name, state)

    async def _submit(self, request: FilledRequest, profile: str, state: FormState | None) -> None:
        self._sending.append(request)
        job = None
        try:
            if not self._form.request.show_file_problems(await asyncio.to_thread(request.file_problems)):
                job = await self._jobs.send(request, profile)
            if job:
                self._go_to_jobs(request)
            elif state:
                state.mark_as_earlier(False)  # It was not sent, so it is to be continued or corrected.
        finally:
            self._sending.remove(request)
        if job and state:
            await self._show_rejection(request, job, state)

    async def _show_rejection(self, request: FilledRequest, job: Job, state: FormState) -> None:
        """Waits for the end of a job, and shows in the form that sent it what the service rejected (protocol §4.1)."""
        with reporting_once(self._ui, self._session.history):
            ended = await job_actions.ended(self._session, job)
            if ended and ended[0].error and ended[0].error.fields and self._form.state is state:
                self._form.request.show_rejection(request, ended[1])

    def _go_to_jobs(self, request: FilledRequest) -> None:
        """After a submit, shows the jobs on a narrow screen, unless the person has continued in the form."""
        form = self._form
        is_idle = form.request.is_unchanged_since(request) and not form.is_left and not self._guard.has_started
        if is_idle and form.screen.has_class("-narrow"):
            self._ui.show_pane("jobs")
            self._guard.focus_moved()

    # What the form asks for

    async def pick_output(self, message: OutputRequested) -> None:
        """Lets the person pick a job's file for the current field."""
        from faldeck.tui.dialogs.outputs import OutputPicker

        picked = await self._ui.ask(OutputPicker(self._session.history, message.medium))
        if picked:
            self._session.sources.remember(picked.place, picked.job_id)
            self._form.fields.add_files([picked.place])

    async def use_last_seed(self, endpoint_id: str, highlighted: Job | None) -> None:
        """Sets the seed of the highlighted job, or of the model's newest job."""
        with reporting(self._ui):
            seed = await job_actions.last_seed(self._session, endpoint_id, highlighted)
            if self._form.endpoint_id != endpoint_id:
                return  # Another form has been opened.
            if seed is None:
                self._ui.notify("No result of this model says which seed it was made with.")
            else:
                self._form.request.set_seed(seed)

    async def choose_options(self, message: OptionsRequested) -> None:
        """Lets the person choose how the request is run."""
        from faldeck.engine import send_modes
        from faldeck.tui.dialogs.options import OptionsDialog

        modes = send_modes.modes_for(self._session.profile, message.endpoint_id)
        options = await self._ui.ask(OptionsDialog(message.options, modes))
        if options is not None and self._form.endpoint_id == message.endpoint_id:
            self._form.request.set_options(options)

    async def use_output(self, job: Job, output: Output | None) -> None:
        """Puts a job's output into the open form; if that takes no file, into the form of a model that is picked."""
        if output is None or not (place := self._session.sources.use(job, output)):
            self._ui.notify("This job has no output to use.")
        elif self._form.request.use_file(place):
            self._ui.show_pane("form")
        else:
            await file_models.offer(self._session, self._ui, output, place)

    async def profile_switched(self) -> None:
        """Shows the new profile's models. Keeps the form if the profile has its model, and empties it if not."""
        await self._models.show()
        catalogue = self._session.catalogue
        self._form.request.clear_options()
        if self._form.endpoint_id in {model.endpoint_id for model in catalogue.models()}:
            self._form.opening.show_price(catalogue.prices().get(self._form.endpoint_id))
        else:
            self._form.opening.show_loading("", "")
        if catalogue.is_stale:
            self._models.refresh_soon()
