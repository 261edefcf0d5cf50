"""The deck's one screen: the four panes, the keys that are always there, and what the panes ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from faldeck.history import HistoryError, Store
from faldeck.job import Body, Job, Output
from faldeck.schema.jsonvalue import JsonValue
from faldeck.tui import words
from faldeck.tui.backstage import Backstage, Trouble
from faldeck.tui.bar import Header, KeyBar
from faldeck.tui.form import FormPane
from faldeck.tui.jobs import JobsPane
from faldeck.tui.models import ModelsPane
from faldeck.tui.opening import copy, open_output
from faldeck.tui.pane import Pane
from faldeck.tui.result import ResultPane

if TYPE_CHECKING:
    from faldeck.tui.app import DeckApp

PANE_CLASSES = ("-models", "-form", "-jobs", "-result")
"""The screen's class that says which pane a narrow terminal shows."""


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
        Binding(
            "P", "profiles", "Profiles", show=False, id="deck.profiles", tooltip="The profiles: use, add, edit, test"
        ),
        Binding("w", "next_profile", "Switch", show=False, id="deck.switch", tooltip="Switch to the next profile"),
        Binding("A", "adopt", "Adopt", show=False, id="deck.adopt", tooltip="Follow a request made elsewhere"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, id="deck.redraw", tooltip="Draw the screen anew"),
        Binding("ctrl+c", "how_to_quit", "Quit", show=False, id="deck.interrupt"),
        Binding("q", "quit", "Quit", id="deck.quit", tooltip="Leave; jobs go on, the next start shows them"),
    ]

    def __init__(self, engine: Backstage) -> None:
        super().__init__()
        self._engine = engine

    def compose(self) -> ComposeResult:
        yield Header(self._engine.profile.name, self._engine.colour)
        with Container(id="upper"):
            yield ModelsPane()
            yield FormPane()
        with Container(id="lower"):
            yield JobsPane(self._engine.history)
            yield ResultPane(self._engine.history)
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

    async def load(self) -> None:
        """Fills the panes from disk."""
        try:
            await self.jobs.load()
        except HistoryError as error:
            self.app.say_trouble(f"The history cannot be read: {error}. Nothing can be submitted until it can.")
        await self._engine.load()
        await self._show_models()

    async def _show_models(self) -> None:
        catalogue = self._engine.catalogue
        marks = {}
        with self._told():
            marks = await self._engine.model_marks()
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

    def on_resize(self) -> None:
        # Only now is it known whether one pane is shown at a time, which the header tells.
        self.query_one(Header).refresh()

    def action_redraw(self) -> None:
        self.app.redraw()

    @work
    async def action_quit(self) -> None:
        if await self._may_end():
            await self.leave()

    async def _may_end(self) -> bool:
        """Asks before what cannot be gone on with is lost."""
        calls = self._engine.direct_calls()
        if not calls:
            return True
        from faldeck.tui.popups import Item, Picker

        what = f"{len(calls)} direct calls end" if len(calls) > 1 else "A direct call ends"
        answers = [Item("No, stay", False), Item("Yes, leave; what it makes may be paid and is lost", True)]
        picked = await self.app.push_screen_wait(Picker(f"{what} with the deck. Leave now?", answers))
        return bool(picked and picked.value)

    async def leave(self, profile: str | None = None, *, status: int = 0) -> None:
        """Leaves the deck, or goes on with another profile, once what was typed is on disk."""
        await self._keep_draft()
        self.app.exit(profile, status)

    def action_how_to_quit(self) -> None:
        self.notify("q leaves the deck; Esc first, inside a text field. Jobs go on without it.")

    # Profiles

    @work
    async def action_profiles(self) -> None:
        from faldeck.tui.profiles import Profiles

        chosen = await self.app.push_screen_wait(Profiles(self._engine.config, self._engine.open_jobs))
        if chosen and (chosen.has_changed or chosen.profile != self._engine.config.profile):
            await self.go_on_with(chosen.profile)

    @work
    async def action_next_profile(self) -> None:
        here = self._engine.config.profile
        with self._told():
            names = self._engine.usable_profiles()
            following = names[(names.index(here) + 1) % len(names)] if here in names else here
            if following == here:
                self.notify("There is no other profile with a key. P adds one.", title="Switch", markup=False)
            else:
                await self.go_on_with(following)

    async def go_on_with(self, profile: str) -> None:
        """Works with a profile from now on; every job goes on with its own."""
        if not self._engine.can_become(profile):
            await self.leave(profile)
            return
        await self._keep_draft()
        with self._told():
            await self._engine.become(profile)
            self.query_one(Header).show_profile(profile, self._engine.colour)
            await self._show_models()
            self._show_form_of_profile()
            if self._engine.catalogue.is_stale:
                self.models.action_refresh()

    def _show_form_of_profile(self) -> None:
        """Goes on with the form where the profile has its model, too, and empties it where not."""
        catalogue = self._engine.catalogue
        self.form.forget_options()
        if self.form.endpoint_id in {model.endpoint_id for model in catalogue.models()}:
            self.form.show_price(catalogue.prices().get(self.form.endpoint_id))
        else:
            self.form.wait_for("", "")

    # Models and forms

    def action_search(self) -> None:
        self.action_show_pane("models")
        self.models.action_search()

    def on_models_pane_chosen(self, event: ModelsPane.Chosen) -> None:
        self.form.expect()
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

    @work(exclusive=True, group="form")
    async def open_form(self, endpoint_id: str, values: JsonValue = None, past: tuple[Job, Body] | None = None) -> None:
        """Opens a model's form: from the schema on disk at once, from the service where there is none.

        `values` stand for those entered before. `past` is a request that is to be edited: what the service had
        against it is shown at the fields.
        """
        from faldeck.tui import forms

        engine = self._engine
        catalogue = await engine.load()
        await self._keep_draft()
        if values is None:
            values = await engine.history.read(lambda store: store.draft(endpoint_id))
        earlier = self.form.filling if not values else None
        filling = forms.stored(catalogue, endpoint_id, values)
        if filling is None:
            self.form.wait_for(endpoint_id, "The schema is on its way…")
            self._bring("form")
            await engine.ready()
            filling = await forms.fetched(catalogue, endpoint_id, values)
        if earlier and earlier.model.endpoint_id != endpoint_id:
            filling.keep(earlier)
        self.form.show(filling, catalogue.prices().get(endpoint_id))
        if past:
            self.form.show_past(*past)
        self.action_show_pane("form")
        await engine.ready()
        price = await forms.brought_up_to_date(catalogue, endpoint_id)
        if self.form.endpoint_id == endpoint_id:
            self.form.show_price(price)

    def on_form_pane_edited(self, event: FormPane.Edited) -> None:
        self._write(lambda store: store.save_draft(event.endpoint_id, event.values))

    def on_form_pane_request_pasted(self, event: FormPane.RequestPasted) -> None:
        self.open_form(event.endpoint_id, event.arguments)

    async def _keep_draft(self) -> None:
        """Puts on disk what was typed a moment ago, before the form is left."""
        if edited := self.form.take_edited():
            with self._told():
                await self._engine.write(lambda store: store.save_draft(edited.endpoint_id, edited.values))

    @work
    async def on_form_pane_output_wanted(self, event: FormPane.OutputWanted) -> None:
        from faldeck.tui.output_picker import OutputPicker

        picked = await self.app.push_screen_wait(OutputPicker(self._engine.history, event.medium))
        if picked:
            self.form.take_files([picked])

    @work
    async def on_form_pane_seed_wanted(self, event: FormPane.SeedWanted) -> None:
        with self._told():
            seed = await self._engine.last_seed(event.endpoint_id, self.jobs.highlighted)
            if seed is None:
                self.notify("No result of this model says which seed it was made with.")
            else:
                self.form.pin_seed(seed)

    @work
    async def on_form_pane_options_wanted(self, event: FormPane.OptionsWanted) -> None:
        from faldeck.tui.options_dialog import OptionsDialog

        ways = self._engine.ways(event.endpoint_id)
        options = await self.app.push_screen_wait(OptionsDialog(event.options, ways))
        if options is not None and self.form.endpoint_id == event.endpoint_id:
            self.form.take_options(options)

    # Jobs

    @work
    async def on_form_pane_submitted(self, event: FormPane.Submitted) -> None:
        request = event.request
        if self.form.show_file_problems(await asyncio.to_thread(request.file_problems)):
            return
        if not await self._is_worth_it(request.model.endpoint_id, request.arguments):
            return
        from faldeck.tui import run_options

        with self._told():
            usual = self._engine.ways(request.model.endpoint_id)[0]
            options = run_options.options(request.options, usual)
            job = await self._engine.submit(request.model.endpoint_id, request.arguments, request.uploads(), options)
            self.jobs.show_job(job.id)
            if self.has_class("-narrow"):
                self.action_show_pane("jobs")

    async def _rerun(self, job: Job) -> None:
        body = await self._engine.body(job)
        if await self._is_worth_it(job.endpoint_id, body.arguments):
            again = await self._engine.submit(
                job.endpoint_id, body.arguments, job.uploads, job.options, profile=job.profile
            )
            self.jobs.show_job(again.id)

    async def _is_worth_it(self, endpoint_id: str, arguments: Mapping[str, JsonValue]) -> bool:
        """Asks before a request that costs more than the person's limit is sent."""
        about_usd = await self._engine.estimate_usd(endpoint_id, arguments)
        if about_usd is None or about_usd <= self._engine.config.confirm_above_usd:
            return True
        from faldeck.tui.popups import Item, Picker

        answers = [Item("No, leave it", False), Item("Yes, send it", True)]
        question = f"This costs about {words.usd(about_usd)}. Send it?"
        picked = await self.app.push_screen_wait(Picker(question, answers))
        return bool(picked and picked.value)

    @work
    async def action_adopt(self) -> None:
        from faldeck.tui.text_dialog import TextDialog

        name = "A request made elsewhere: its model and its request id"
        text = await self.app.push_screen_wait(TextDialog(name, f"{self.form.endpoint_id} "))
        named = (text or "").split()
        if len(named) == 2:
            with self._told():
                self.jobs.show_job((await self._engine.adopt(*named)).id)
        elif named:
            self.notify("Two words are needed: the model's id and the request's id.", severity="error")

    def on_jobs_pane_highlighted(self, event: JobsPane.Highlighted) -> None:
        self._engine.select(event.job)
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
        job, engine = event.job, self._engine
        with self._told():
            match event.action:
                case "open_url":
                    open_output(self.app, engine.config.open_command, self.result.output)
                case "copy_url":
                    copy(self.app, self.result.output)
                case "star":
                    await engine.write(lambda store: store.mark(job.id, starred=not job.starred))
                    self.jobs.changed()
                case "rerun":
                    await self._rerun(job)
                case "edit":
                    job, body = await engine.entry(job)
                    self.open_form(job.endpoint_id, body.arguments, (job, body))
                case "use":
                    self._use(self.result.output)
                case "cancel":
                    self.notify(await engine.cancel(job), title="Cancel", markup=False)
                case "download":
                    await engine.download(job)
                case "look_again":
                    await engine.look_again(job)
                case "send_again":
                    self.jobs.show_job((await engine.send_again(job)).id)
                case "dismiss":
                    await engine.dismiss(job)

    def _use(self, output: Output | None) -> None:
        """Puts a job's output into the form at hand."""
        if output is None or not (place := output.url or output.path):
            self.notify("This job has no output to use.")
        elif self.form.use_file(place):
            self.action_show_pane("form")
        else:
            self.notify("Open the form of a model that takes a file first.", title="Use as input")

    @work
    async def _write(self, change: Callable[[Store], object]) -> None:
        with self._told():
            await self._engine.write(change)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells the person what could not be done."""
        try:
            yield
        except Trouble as trouble:
            self.app.say_trouble(str(trouble))

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
        from faldeck.tui import commands
        from faldeck.tui.popups import Picker

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
