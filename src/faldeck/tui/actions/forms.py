"""What the Models and the Form pane ask for, but for the sending: lists, forms, drafts, what is picked for a field."""

from __future__ import annotations

from textual import events, work

from faldeck.app.paste import Pasted
from faldeck.job import Body, Job
from faldeck.safety import sanitize
from faldeck.schema.json_value import InvalidValue, JsonValue
from faldeck.tui.form import dropped
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.lines import width_of
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.stage import Stage


class FormRequests(Stage):
    """Finds models and fills in forms."""

    async def _show_models(self) -> None:
        catalogue = self._engine.catalogue
        marks = {}
        with self._told():
            marks = await self._engine.model_marks()
        self.models.show_models(catalogue.models(), marks, catalogue.prices(), self._engine.profile)

    def action_search(self) -> None:
        self.action_show_pane("models")
        self.models.action_search()

    def on_models_pane_chosen(self, event: ModelsPane.Chosen) -> None:
        self.open_form(event.endpoint_id)

    def on_models_pane_starred(self, event: ModelsPane.Starred) -> None:
        self._write(lambda store: store.star_model(event.endpoint_id, event.starred))

    @work(exclusive=True, group="catalogue")
    async def on_models_pane_refresh_wanted(self) -> None:
        self.models.say("listing…")
        with self._told():
            await self._engine.refresh_models()
        self.models.say("")
        await self._show_models()

    def open_form(self, endpoint_id: str, values: JsonValue = None, past: tuple[Job, Body] | None = None) -> None:
        """Opens a model's form: from the schema on disk at once, from the service where there is none.

        `values` stand for those entered before. `past` is a request that is to be edited: what the service had
        against it is shown at the fields. What is typed until the form is there goes into it.
        """
        self._bring("form")
        self.form.expect(is_typed=past is None)
        self._open_form(endpoint_id, values, past)

    @work(exclusive=True, group="form")
    async def _open_form(self, endpoint_id: str, given: JsonValue, past: tuple[Job, Body] | None) -> None:
        from faldeck.tui.form import load

        engine = self._engine
        catalogue = await engine.load()
        await self._keep_draft()
        values = await self._drafted(endpoint_id) if given is None else given
        earlier = self.form.state if given is None and not values else None
        state = load.stored(catalogue, endpoint_id, values)
        if state is None:
            self.form.wait_for(endpoint_id, "The schema is on its way…")
            await engine.ready()
            state = await load.fetched(catalogue, endpoint_id, values)
        if catalogue is not engine.catalogue:  # Another profile is worked with by now: its schema is wanted.
            self._open_form(endpoint_id, given, past)
            return
        if given is None:
            state.mark_drafted()
        if earlier and earlier.model.endpoint_id != endpoint_id:
            state.keep(earlier)
        self.form.show(state, catalogue.prices().get(endpoint_id))
        if past:
            self.form.show_past(*past)
        if not self.has_left(self.form):
            self.action_show_pane("form")
            self.form.start(is_typed=given is None or (past is None and self.form.lacks_here))
        await engine.ready()
        price = await load.brought_up_to_date(catalogue, endpoint_id)
        if self.form.endpoint_id == endpoint_id and catalogue is engine.catalogue:
            self.form.show_price(price)

    async def _drafted(self, endpoint_id: str) -> JsonValue:
        """What was entered for a model before; None where that is nothing, or cannot be read."""
        with self._told():
            return await self._engine.draft(endpoint_id)
        return None

    def on_form_pane_edited(self, event: FormPane.Edited) -> None:
        self._write(lambda store: store.save_draft(event.endpoint_id, event.values))

    def on_form_pane_request_pasted(self, event: FormPane.RequestPasted) -> None:
        self._offer(event.request)

    def on_paste(self, event: events.Paste) -> None:
        """A request that is pasted where no text is taken: its form is offered."""
        event.stop()
        text = event.text
        try:
            request = dropped.request(text, self._engine.config.profiles.values())
        except InvalidValue as fault:
            if dropped.is_code(text):
                self.notify(dropped.said(fault), title=dropped.NOT_TAKEN, severity="error", markup=False, timeout=10)
        else:
            self._offer(request)

    @work
    async def _offer(self, request: Pasted) -> None:
        """Asks whether to open the form of a pasted request."""
        from faldeck.tui.dialogs.picker import Picker, PickerItem
        from faldeck.tui.form import load

        endpoint_id = request.endpoint_id
        if not endpoint_id:
            self.notify(dropped.NO_MODEL, title=dropped.NOT_TAKEN, severity="warning")
            return
        question = f"Open {sanitize.clean_line(endpoint_id)} with this input?"
        answers = [PickerItem("Yes, open it", True), PickerItem("No, stay here", False)]
        picked = await self.app.push_screen_wait(Picker(question, answers, width=max(52, width_of(question) + 2)))
        if not picked or not picked.value:
            return
        model = load.stored_model(await self._engine.load(), endpoint_id)
        self.open_form(endpoint_id, request.fitting([field.name for field in model.fields] if model else []))

    async def _keep_draft(self) -> None:
        """Puts on disk what was typed a moment ago, before the form is left."""
        if edited := self.form.take_edited():
            with self._told():
                await self._engine.write(lambda store: store.save_draft(edited.endpoint_id, edited.values))

    @work
    async def on_form_pane_output_requested(self, event: FormPane.OutputRequested) -> None:
        from faldeck.tui.dialogs.outputs import OutputPicker

        picked = await self.app.push_screen_wait(OutputPicker(self._engine.history, event.medium))
        if picked:
            self.form.take_files([picked])

    @work
    async def on_form_pane_seed_requested(self, event: FormPane.SeedRequested) -> None:
        with self._told():
            seed = await self._engine.last_seed(event.endpoint_id, self.jobs.highlighted)
            if self.form.endpoint_id != event.endpoint_id:
                return  # Another form is open by now, and a seed stays in its own.
            if seed is None:
                self.notify("No result of this model says which seed it was made with.")
            else:
                self.form.pin_seed(seed)

    @work
    async def on_form_pane_options_requested(self, event: FormPane.OptionsRequested) -> None:
        from faldeck.tui.dialogs.options import OptionsDialog

        ways = self._engine.ways(event.endpoint_id, self._engine.profile.name)
        options = await self.app.push_screen_wait(OptionsDialog(event.options, ways))
        if options is not None and self.form.endpoint_id == event.endpoint_id:
            self.form.take_options(options)
