"""The deck's one screen: the four panes, the keys that work in all of them, and who answers which message."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from faldeck.app import job_actions
from faldeck.app.job_sections import sections
from faldeck.app.session import Session
from faldeck.config.deck_state import DeckMemory
from faldeck.history import HistoryError
from faldeck.job import Body, Job
from faldeck.schema.json_value import JsonValue
from faldeck.tui import workers
from faldeck.tui.actions import outputs
from faldeck.tui.actions.forms import FormActions
from faldeck.tui.actions.job_list import ListActions
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.actions.models import ModelActions
from faldeck.tui.actions.places import Places
from faldeck.tui.actions.profiles import ProfileActions
from faldeck.tui.actions.screens import ScreenActions
from faldeck.tui.actions.shown_job import ShownJobActions
from faldeck.tui.actions.sizes import PaneSizes
from faldeck.tui.actions.ui import report
from faldeck.tui.arrangement import Panes
from faldeck.tui.bindings import bindings
from faldeck.tui.form.messages import (
    FormEdited,
    FormSubmitted,
    ModelPageRequested,
    OptionsRequested,
    OutputRequested,
    RequestPasted,
    SeedRequested,
)
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.header_footer import Header, KeyBar
from faldeck.tui.panes.job_keys import JobActionRequested, ListActionRequested
from faldeck.tui.panes.job_row import RowTimes
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.kept_lines import KeptLines
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.panes.pane import Pane, PaneMessage
from faldeck.tui.panes.result import ResultPane
from faldeck.tui.pictures.gallery import Gallery
from faldeck.tui.terminal import graphics, notify, plain, textual_private
from faldeck.tui.terminal.typing_guard import KeyDecision, TypingGuard, is_text

if TYPE_CHECKING:
    from faldeck.app.copied_url import RequestAddress

PANE_CLASSES = ("-models", "-form", "-jobs", "-result")
"""The screen has one of these CSS classes: it names the pane that a narrow terminal shows."""

ENLARGED = "-enlarged"
"""The screen has this CSS class while one pane takes the full size."""

Answer = TypeVar("Answer")
Handler: TypeAlias = "Callable[[Any], object]"
"""Answers a pane's message at once, or gives the work to do in the background: a coroutine function and its arguments.

Not a coroutine: a worker that is ended before it starts would leave it without an end.
"""


class Deck(KeptLines, Screen[None]):
    """Models, form, jobs and result: side by side, or one at a time on a narrow terminal.

    The screen shows and moves the focus. What happens with models, forms, jobs and profiles is in `tui/actions/`, which
    sees this class as a `Ui`.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = bindings("deck")

    def __init__(self, session: Session, memory: DeckMemory) -> None:
        super().__init__()
        self._session = session
        self._header = Header(session.profile.name, session.colour)
        self.models = ModelsPane()
        self.form = FormPane(lambda: session.config.profiles.values())
        times = RowTimes(has_motion=plain.has_motion(session.config.motion))
        self.jobs = JobsPane(session.history, sections(session.config.sections), partial(_request_of, session), times)
        pictures = graphics.usable(session.config.pictures, os.environ)
        self._gallery = Gallery(pictures, lambda: textual_private.graphics_of(self.app, pictures))
        self.result = ResultPane(
            session.history, partial(job_actions.suggested_model, session), self._gallery, session.select
        )
        self.notices = notify.EndNotices(session.config.notify)
        self.guard = TypingGuard()
        """Drops text that is still typed after a submit, so that it does not act as commands."""
        self._job_actions = JobActions(session, self, self.guard, self.jobs.changed)
        self._list_actions = ListActions(session, self, self.jobs, copy=lambda text: outputs.copy_text(self.app, text))
        models = self.model_actions = ModelActions(session, self, self.models)
        self.form_actions = FormActions(session, self, models, self.form, self._job_actions, self.guard)
        self.profile_actions = ProfileActions(
            session,
            self,
            save_draft=self.form_actions.save_draft,
            show_profile=self._header.show_profile,
            show_models=self.form_actions.profile_switched,
            exit=lambda profile, status: self.app.exit(profile, status),
        )
        self._sizes = PaneSizes(memory, is_restored=session.config.restore)
        self.places = Places(memory, session, self, self.form_actions)
        # Before any style is computed: when the screen is mounted, it would be computed again for every widget.
        self.add_class(f"-{self.places.first_pane}", update=False)
        self._screens = ScreenActions(
            session,
            self,
            self,
            self.models,
            self.jobs,
            self.result,
            self._gallery,
            job_actions=self._job_actions,
            list_actions=self._list_actions,
            profile_actions=self.profile_actions,
            endpoint_id=lambda: self.form.endpoint_id,
            show_result=self._show_result,
            choose_theme=lambda name: self.app.run_action(f"theme('{name}')"),
        )
        forms = self.form_actions
        shown_job = ShownJobActions(session, self, self, self.jobs, self.result, forms, self._job_actions)

        async def tell_of_ends(message: JobsPane.JobsEnded) -> None:
            await self.notices.tell(self.app, message.jobs, self.places.watched)

        self._handlers: Mapping[type[Message], Handler] = {
            ModelsPane.ModelChosen: lambda message: self.open_form(message.endpoint_id),
            ModelsPane.ModelStarred: lambda message: partial(models.star, message.endpoint_id, message.starred),
            ModelsPane.ModelAsked: lambda message: partial(models.do, message.what, message.endpoint_id, self.app),
            ModelsPane.RefreshRequested: lambda _: workers.start(
                self, models.refresh, exclusive=True, group="catalogue"
            ),
            ModelsPane.PricesWanted: lambda _: workers.start(self, models.fetch_prices, exclusive=True, group="prices"),
            ModelPageRequested: lambda message: partial(models.show_page, message.endpoint_id, self.app),
            FormEdited: forms.save_edited,
            FormSubmitted: forms.submit,
            RequestPasted: lambda message: partial(forms.offer, message.request),
            OutputRequested: forms.pick_output,
            OptionsRequested: forms.choose_options,
            SeedRequested: lambda message: partial(forms.use_last_seed, message.endpoint_id, self.jobs.highlighted),
            JobsPane.Highlighted: lambda message: self.result.show(message.job),
            JobsPane.AdoptionRequested: lambda message: partial(
                self._job_actions.adopt,
                message.request.endpoint_id or self.form.endpoint_id,
                message.request.request_id,
            ),
            JobsPane.JobsEnded: tell_of_ends,
            JobsPane.ResultOpened: lambda _: self._enlarge(True),
            ResultPane.SizeToggled: lambda _: self._enlarge(not self.has_class(ENLARGED)),
            ResultPane.TextCopied: lambda message: outputs.copy_text(
                self.app, message.text, what=message.what, then=message.then
            ),
            ResultPane.LinkOpened: lambda message: outputs.open_link(
                self.app, self._session.config.open_command, message.url
            ),
            ResultPane.KinWanted: shown_job.show_kin,
            ResultPane.Left: lambda _: self.show_pane("jobs"),
            JobActionRequested: shown_job.act,
            Panes.BorderMoved: lambda message: self._sizes.remember(message.shares),
            ListActionRequested: lambda message: partial(self._list_actions.act, message.action, message.job_ids),
        }

    def compose(self) -> ComposeResult:
        yield self._header
        with Panes(id="panes"):
            yield self.models
            yield self.form
            yield self.jobs
            yield self.result
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self.query_one(KeyBar).refresh())
        self._sizes.restore(self.query_one(Panes))
        self.show_pane(self.places.first_pane)

    def on_screen_resume(self) -> None:
        textual_private.forget_closed_dialogs()

    async def load(self) -> None:
        """Fills the panes from disk."""
        try:
            await self.places.load_jobs()
        except HistoryError as error:
            if self._session.history.is_news(error):
                report(self, f"The history cannot be read: {error}. Nothing can be submitted until it can.")
        await self._session.load()
        await self.model_actions.show()

    # What panes ask for

    @on(PaneMessage)
    def answer(self, message: PaneMessage) -> None:
        """Hands a pane's message to its handler."""
        handler = self._handlers[type(message)]
        work = partial(handler, message) if asyncio.iscoroutinefunction(handler) else handler(message)
        if isinstance(work, partial):
            workers.start(self, work)

    @work
    async def on_paste(self, event: events.Paste) -> None:
        event.stop()
        await self.form_actions.offer_pasted(event.text)

    # What actions ask for: this class is their `Ui`

    async def ask(self, dialog: Screen[Answer]) -> Answer:
        """Shows a dialog and returns its answer; called from a worker."""
        return await self.app.push_screen_wait(dialog)

    def show_pane(self, name: str) -> None:
        """Gives the focus to the pane with this id."""
        self._bring(name)
        self.query_one(f"#{name}", Pane).begin()

    action_show_pane = show_pane

    def show_job(self, job_id: str) -> None:
        """Puts the cursor of the job list on a new job."""
        self.jobs.show_job(job_id)

    def open_form(self, endpoint_id: str, values: JsonValue = None, past: tuple[Job, Body] | None = None) -> None:
        """Opens a model's form; see `FormActions.open`. It takes the focus at once."""
        self._bring("form")
        self.form.opening.expect(keeps_text=past is None)
        workers.start(self, partial(self.form_actions.open, endpoint_id, values, past), exclusive=True, group="form")

    # Focus and size

    def decide(self, event: events.Key, following: events.Key | events.Paste | None) -> KeyDecision:
        """Whether a key acts, or is text still typed after a submit. A notice explains the first key of such text."""
        next_is_text = is_text(following.key, following.character) if isinstance(following, events.Key) else None
        decision = self.guard.decide(event.key, event.character, next_is_text, came_at=event.time)
        if decision is KeyDecision.DROP and self.guard.is_first:
            self.notify("^J ended the typing. Esc makes letters commands again; Enter in the form continues to type.")
        return decision

    def _bring(self, name: str) -> None:
        """Makes a pane the one that a narrow screen shows, and ends the full height of the result."""
        others = (*PANE_CLASSES, ENLARGED)
        self.set_classes([*(cls for cls in self.classes if cls not in others), f"-{name}"])
        self.result.is_enlarged = False

    def _show_result(self, job_id: str) -> None:
        """Shows a job's result at full height."""
        self.show_job(job_id)
        self._enlarge(True)

    def _enlarge(self, is_large: bool, name: str = "result") -> None:
        """Gives a pane the full size, or its own again; the result shows its picture large then."""
        self._bring(name)
        self.set_class(is_large, ENLARGED)
        self.result.is_enlarged = is_large and name == "result"
        self.query_one(f"#{name}", Pane).begin()

    def action_zoom(self) -> None:
        self._enlarge(not self.has_class(ENLARGED), self.active_pane.id or "")

    def action_resize(self, way: str) -> None:
        if self.has_class("-wide") and not self.has_class(ENLARGED):
            self._sizes.move(self.query_one(Panes), self.active_pane.id or "", way)

    def watch_focused(self, focused: Widget | None) -> None:
        """Tells each pane whether the focus is in it."""
        within = focused.ancestors_with_self if focused else []
        for pane in self.query(Pane):
            pane.is_active = pane in within
        if self.form.is_left:
            self.form.opening.leave()
        self._header.refresh()

    def on_resize(self) -> None:
        # The header shows the panes' names on a narrow screen, which is known only now.
        self._header.refresh()

    @property
    def active_pane(self) -> Pane:
        """The pane with the focus, or the first."""
        return next((pane for pane in self.query(Pane) if pane.is_active), self.models)

    # Keys

    def action_turn(self, step: int) -> None:
        panes = list(self.query(Pane))
        self.show_pane(panes[(panes.index(self.active_pane) + step) % len(panes)].id or "")

    def action_search(self) -> None:
        self.show_pane("models")
        self.models.action_search()

    @work
    async def action_open(self, name: str) -> None:
        await self._screens.open(name)

    def action_say_how_to_quit(self) -> None:
        self.notify("q leaves the deck; Esc first, inside a text field. Jobs go on without it.")

    @work
    async def action_quit(self) -> None:
        if self.has_class(ENLARGED) and self.has_class("-wide"):
            self.action_zoom()  # As in the result at full height: q leads back first.
            return
        await self.profile_actions.quit()


def _request_of(session: Session, text: str) -> RequestAddress | None:
    """The request whose URL a text is."""
    if "/" not in text:
        return None
    from faldeck.app.copied_url import request_of  # Few filters are URLs, so it is imported when one may be.

    return request_of(text, session.config.profiles.values())
