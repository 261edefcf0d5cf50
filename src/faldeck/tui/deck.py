"""The deck's one screen: the four panes, the keys that are always there, and what the panes ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from faldeck import hostile
from faldeck.fal.errors import FalError
from faldeck.job import Body, Cost, Job, Upload
from faldeck.schema import arguments, document, jsonvalue
from faldeck.schema.document import BrokenSchema, Model
from faldeck.tui import commands
from faldeck.tui.bar import Header, KeyBar
from faldeck.tui.filling import choices, is_structured, json_fault
from faldeck.tui.form import FormPane
from faldeck.tui.jobs import JobsPane
from faldeck.tui.models import ModelsPane
from faldeck.tui.opening import copy, open_output
from faldeck.tui.pane import Pane
from faldeck.tui.popups import Item, Picker, TextDialog
from faldeck.tui.result import ResultPane

if TYPE_CHECKING:
    from faldeck.tui.app import DeckApp


class Deck(Screen[None]):
    """Models, form, jobs and result, beside each other or, where it is narrow, one at a time."""

    app: DeckApp

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "Next pane", show=False, id="deck.next", tooltip="The next pane"),
        Binding("shift+tab", "turn(-1)", "Previous pane", show=False, id="deck.previous", tooltip="The pane before"),
        Binding("1", "show_pane('models')", "Models", show=False, id="deck.models", tooltip="Go to the models"),
        Binding("2", "show_pane('form')", "Form", show=False, id="deck.form", tooltip="Go to the form"),
        Binding("3", "show_pane('jobs')", "Jobs", show=False, id="deck.jobs", tooltip="Go to the jobs"),
        Binding("4", "show_pane('result')", "Result", show=False, id="deck.result", tooltip="Go to the result"),
        Binding("question_mark,f1", "help", "Help", id="deck.help", tooltip="The keys of the focused pane"),
        Binding("ctrl+p", "palette", "Commands", id="deck.palette", tooltip="Every command, by name"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, id="deck.redraw", tooltip="Draw the screen anew"),
        Binding("ctrl+c", "how_to_quit", "Quit", show=False, id="deck.interrupt"),
        Binding("q", "quit", "Quit", id="deck.quit", tooltip="Leave; jobs go on, the next start shows them"),
    ]

    def compose(self) -> ComposeResult:
        yield Header(self.app.profile.name)
        with Container(id="upper"):
            yield ModelsPane()
            yield FormPane()
        with Container(id="lower"):
            yield JobsPane(self.app.history)
            yield ResultPane(self.app.history)
        yield KeyBar(id="keys")

    @property
    def models(self) -> ModelsPane:
        return self.query_one(ModelsPane)

    @property
    def form(self) -> FormPane:
        return self.query_one(FormPane)

    @property
    def jobs(self) -> JobsPane:
        return self.query_one(JobsPane)

    @property
    def result(self) -> ResultPane:
        return self.query_one(ResultPane)

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self.query_one(KeyBar).refresh())
        self.action_show_pane("models")
        self.call_after_refresh(self.load)

    async def load(self) -> None:
        """Fills the panes from disk, behind the first frame."""
        await self.jobs.load()
        await self.show_models()

    async def show_models(self) -> None:
        """Shows the catalogue as it is on disk."""
        catalogue = self.app.catalogue
        marks = await self.app.history.read(lambda store: store.model_marks())
        self.models.show_models(catalogue.models(), marks, catalogue.prices())

    # Panes

    def action_show_pane(self, name: str) -> None:
        self.set_class(False, "-enlarged")
        self._bring(name)
        self.query_one(f"#{name}", Pane).begin()

    def _bring(self, name: str) -> None:
        """Makes a pane the one that a narrow screen shows."""
        self.set_classes([*(cls for cls in self.classes if cls not in PANE_CLASSES), f"-{name}"])

    def action_turn(self, step: int) -> None:
        panes = list(self.query(Pane))
        self.action_show_pane(panes[(panes.index(self.active_pane) + step) % len(panes)].id or "")

    @property
    def active_pane(self) -> Pane:
        """The pane with the focus, or the first."""
        return next((pane for pane in self.query(Pane) if pane.is_active), self.models)

    def watch_focused(self, focused: Widget | None) -> None:
        """Tells each pane whether the focus is in it."""
        within = focused.ancestors_with_self if focused else []
        for pane in self.query(Pane):
            pane.is_active = pane in within
        self.query_one(Header).refresh()

    def action_redraw(self) -> None:
        self.app.redraw()

    def action_quit(self) -> None:
        self.app.exit()

    def action_how_to_quit(self) -> None:
        self.notify("q leaves the deck; Esc first, inside a text field. Jobs go on without it.")

    # Models and forms

    def on_models_pane_chosen(self, event: ModelsPane.Chosen) -> None:
        self.open_form(event.endpoint_id)

    def on_models_pane_starred(self, event: ModelsPane.Starred) -> None:
        self.app.write(lambda store: store.star_model(event.endpoint_id, event.starred))

    def on_models_pane_refresh_wanted(self) -> None:
        self.app.refresh_models()

    @work(exclusive=True, group="form")
    async def open_form(self, endpoint_id: str, values: jsonvalue.JsonValue = None, problems: object = None) -> None:
        """Opens a model's form: from the schema on disk at once, from the service where there is none."""
        catalogue, history = self.app.catalogue, self.app.history
        stored = catalogue.stored_schema(endpoint_id)
        if values is None:
            values = await history.read(lambda store: store.draft(endpoint_id))
        if stored is None:
            self.form.wait_for(endpoint_id, "The schema is on its way…")
            self.action_show_pane("form")
            try:
                await self.app.engine_started()
                stored = await catalogue.fetch_schema(endpoint_id)
            except (FalError, OSError) as error:
                model = document.unknown(endpoint_id, f"There is no form: {hostile.clean_line(str(error))}")
                self._show_form(model, values, problems)
                return
        self._show_form(_read(stored, endpoint_id), values, problems)
        await self.app.engine_started()
        try:
            if catalogue.schema_is_stale(endpoint_id):
                await catalogue.fetch_schema(endpoint_id)
            price = await catalogue.fetch_price(endpoint_id)
        except (FalError, OSError, self.app.no_key):
            return  # The form works without: what is stored is shown.
        if self.form.endpoint_id == endpoint_id:
            self.form.show_price(price)

    def _show_form(self, model: Model, values: jsonvalue.JsonValue, problems: object) -> None:
        self.form.show_model(model, values, self.app.catalogue.prices().get(model.endpoint_id))
        if problems is not None:
            self.form.show_answer(problems)
        self.action_show_pane("form")

    def on_form_pane_edited(self, event: FormPane.Edited) -> None:
        self.app.write(lambda store: store.save_draft(event.endpoint_id, event.values))

    @work
    async def on_form_pane_choice_wanted(self, event: FormPane.ChoiceWanted) -> None:
        field = event.field
        items = [Item(hostile.clean_line(field.show(value)) or "(empty)", value) for value in choices(field)]
        current = next((place for place, item in enumerate(items) if item.label == event.current), 0)
        picked = await self.app.push_screen_wait(Picker(field.name, items, current=current))
        if picked:
            self.form.choose(field, picked.value)

    @work
    async def on_form_pane_text_wanted(self, event: FormPane.TextWanted) -> None:
        field = event.field
        name = field.name or "input" if field else "The whole input, as JSON"
        is_json = field is None or is_structured(field)
        dialog = TextDialog(name, event.text, check=json_fault) if is_json else TextDialog(name, event.text)
        text = await self.app.push_screen_wait(dialog)
        if text is not None:
            self.form.enter(field, text)

    # Jobs

    @work
    async def on_form_pane_submitted(self, event: FormPane.Submitted) -> None:
        files = arguments.local_files(event.model, event.arguments)
        uploads = [Upload(loc=loc, path=str(arguments.Values(event.arguments).get(loc))) for loc in files]
        endpoint_id = event.model.endpoint_id
        job = await self.app.submit(endpoint_id, event.arguments, uploads, self._estimate(endpoint_id))
        if job:
            self.jobs.show_job(job.id)
            if self.has_class("-narrow"):
                self.action_show_pane("jobs")

    def _estimate(self, endpoint_id: str) -> Cost | None:
        price = self.app.catalogue.prices().get(endpoint_id)
        return Cost(unit=price.unit, unit_price_usd=price.unit_price) if price else None

    def on_jobs_pane_highlighted(self, event: JobsPane.Highlighted) -> None:
        self.result.show(event.job)

    def on_jobs_pane_opened(self) -> None:
        self._enlarge(True)

    def on_result_pane_enlarge(self) -> None:
        self._enlarge(not self.has_class("-enlarged"))

    def on_result_pane_left(self) -> None:
        self._enlarge(False)
        self.action_show_pane("jobs")

    def _enlarge(self, is_large: bool) -> None:
        self._bring("result")
        self.set_class(is_large, "-enlarged")
        self.result.begin()

    @work
    async def on_jobs_pane_wanted(self, event: JobsPane.Wanted) -> None:
        job = event.job
        match event.action:
            case "open_url":
                open_output(self.app, self.result.output)
            case "copy_url":
                copy(self.app, self.result.output)
            case "star":
                self.app.write(lambda store: store.mark(job.id, starred=not job.starred))
                self.jobs.changed()
            case "rerun":
                await self._rerun(job)
            case "edit":
                body = await self._body(job)
                self.open_form(job.endpoint_id, dict(body.arguments), body.result if job.error else None)
            case _:
                await self.app.act(event.action, job)

    async def _body(self, job: Job) -> Body:
        return await self.app.history.read(lambda store: store.body(job.id))

    async def _rerun(self, job: Job) -> None:
        body = await self._body(job)
        again = await self.app.submit(job.endpoint_id, body.arguments, (), self._estimate(job.endpoint_id))
        if again:
            self.jobs.show_job(again.id)

    # Help and commands

    @work
    async def action_help(self) -> None:
        pane = self.active_pane
        await self._run_picked(f"The keys of {pane.NAME}", everywhere=False)

    @work
    async def action_palette(self) -> None:
        await self._run_picked("Commands", everywhere=True)

    async def _run_picked(self, name: str, *, everywhere: bool) -> None:
        """Shows the commands that can be given, and gives the one that is picked."""
        here = self.active_pane
        items = [*commands.items(here, here.NAME if everywhere else ""), *commands.items(self)]
        if everywhere:
            others = (pane for pane in self.query(Pane) if pane is not here)
            items += [item for pane in others for item in commands.items(pane, pane.NAME)]
        picked = await self.app.push_screen_wait(Picker(name, items, width=66))
        if picked:
            node, action = picked.value
            if isinstance(node, Pane) and not node.is_active:
                self.action_show_pane(node.id or "")
            await self.app.run_action(action, node)


PANE_CLASSES = ("-models", "-form", "-jobs", "-result")


def _read(stored: object, endpoint_id: str) -> Model:
    try:
        return document.read(stored, endpoint_id)
    except BrokenSchema as error:
        return document.unknown(endpoint_id, str(error))
