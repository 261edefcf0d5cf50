"""Opens the screens over the deck: profiles, stats, contact sheet, comparison."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from faldeck.app.session import Session
from faldeck.config.settings import THEMES
from faldeck.job import Job
from faldeck.safety import sanitize
from faldeck.tui.actions.job_list import ListActions
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.actions.profiles import ProfileActions
from faldeck.tui.actions.ui import Ui
from faldeck.tui.dialogs.picker import PickerItem
from faldeck.tui.panes.job_keys import JobAction, ListAction
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.pane import Pane
from faldeck.tui.panes.result import ResultPane
from faldeck.tui.pictures.gallery import Gallery

if TYPE_CHECKING:
    from faldeck.tui.commands import Command, TypedCommand


class ScreenActions:
    """What opens over the deck, by name."""

    def __init__(
        self,
        session: Session,
        ui: Ui,
        screen: Screen[Any],
        models: ModelsPane,
        jobs: JobsPane,
        result: ResultPane,
        gallery: Gallery,
        *,
        job_actions: JobActions,
        list_actions: ListActions,
        profile_actions: ProfileActions,
        endpoint_id: Callable[[], str],
        show_result: Callable[[str], None],
        choose_theme: Callable[[str], Awaitable[object]],
    ) -> None:
        """`screen` is the deck. `endpoint_id` returns the model of the form.

        `show_result` shows a job's result at full height. `choose_theme` shows and keeps a theme.
        """
        self._choose_theme = choose_theme
        self._session = session
        self._ui = ui
        self._screen = screen
        self._models = models
        self._jobs = jobs
        self._result = result
        self._gallery = gallery
        self._job_actions = job_actions
        self._list_actions = list_actions
        self._show_result = show_result
        self._openers: Mapping[str, Callable[[], Awaitable[object]]] = {
            "adopt": lambda: job_actions.adopt(endpoint_id()),
            "compare": self._compare,
            "contact_sheet": self._contact_sheet,
            "help": self._help,
            "palette": self._palette,
            "next_profile": profile_actions.switch_to_next,
            "profiles": profile_actions.choose,
            "stats": self._stats,
        }

    @property
    def names(self) -> frozenset[str]:
        """The names that `open` takes."""
        return frozenset(self._openers)

    async def open(self, name: str) -> None:
        """Opens a screen, and returns when it is closed."""
        await self._openers[name]()

    async def _help(self) -> None:
        """Shows the keys of the focused pane, and runs the one that is picked."""
        from faldeck.tui import commands

        await commands.choose(self._screen, commands.help_of(self._screen, self._here))

    async def _palette(self) -> None:
        """Shows the commands of all panes, and runs the one that is picked."""
        from faldeck.tui import commands

        here = self._here
        others = [pane for pane in self._screen.query(Pane) if pane is not here]
        picker = commands.palette(
            self._screen,
            here,
            others,
            lambda pane: self._ui.show_pane(pane.id or ""),
            self.further(),
            self.typed(here),
        )
        await commands.choose(self._screen, picker)

    @property
    def _here(self) -> Pane:
        """The pane with the focus, or the first."""
        return next((pane for pane in self._screen.query(Pane) if pane.is_active), self._models)

    # What the palette lists beside the keys

    def further(self) -> Sequence[PickerItem[Command]]:
        """The sections of the job list, and the themes."""
        found: list[PickerItem[Command]] = []
        for name in (section.name for section in self._jobs.choice.sections):
            label, words = f"Show the jobs: {sanitize.clean_line(name, limit=40)}", f"section filter {name}"
            found.append(PickerItem(label, partial(self._open_section, name), hint="Jobs", words=words))
        for name in THEMES:
            label, words = f"Theme {name}", f"theme colours {name}"
            found.append(PickerItem(label, partial(self._choose_theme, name), words=words))
        return found

    def typed(self, here: Pane) -> Sequence[TypedCommand]:
        """The words that take more words. `here` is the pane with the focus."""
        from faldeck.tui.commands import TypedCommand

        commands = [
            TypedCommand("model", "Search the models: {words}", self._search_models),
            TypedCommand("filter", "Filter the jobs: {words}", self._filter_jobs),
        ]
        if isinstance(here, Moves):
            commands.append(TypedCommand("#", "Go to row {words}", lambda words: here.action_row(int(words))))
        return commands

    def _search_models(self, words: str) -> None:
        self._ui.show_pane("models")
        self._models.search_for(words)

    def _filter_jobs(self, words: str) -> None:
        self._ui.show_pane("jobs")
        self._jobs.choice.text = words
        self._jobs.show_text()

    def _open_section(self, name: str) -> None:
        self._ui.show_pane("jobs")
        self._jobs.open_section(name)

    async def _stats(self) -> None:
        from faldeck.tui.dialogs.stats import StatsScreen

        await self._ui.ask(StatsScreen(self._session.history))

    async def _contact_sheet(self) -> None:
        """Shows the pictures of the job in the Result pane, of the marked jobs, or of the listed jobs."""
        from faldeck.tui.dialogs.contact_sheet import ContactSheet
        from faldeck.tui.panes.contact_sheet import MOST_JOBS

        query, job, marked = self._jobs.choice.query, self._result.job, self._jobs.choice.marked
        is_one_job = self._result.is_active

        async def read() -> Sequence[Job]:
            history = self._session.history
            if is_one_job and job:
                return [job]
            if marked:
                found = await history.read(lambda store: [store.job(one) for one in marked[:MOST_JOBS]])
                return [one for one in found if one]
            return await history.read(lambda store: store.page(query, limit=MOST_JOBS))

        await self._ui.ask(ContactSheet(self._session.history, read, self._gallery))

    async def _compare(self) -> None:
        """Shows the marked jobs next to each other."""
        from faldeck.tui.dialogs.compare import CompareScreen
        from faldeck.tui.panes.compare import MOST_JOBS

        marked = self._jobs.choice.marked
        if not 2 <= len(marked) <= MOST_JOBS:
            self._ui.notify(f"Space in the Jobs pane marks a job. Mark two to {MOST_JOBS} jobs, then = compares them.")
            return
        screen = CompareScreen(
            self._session.history,
            marked,
            self._gallery,
            star=partial(self._job_actions.act, JobAction.STAR),
            delete=lambda job: self._list_actions.act(ListAction.DELETE, [job.id]),
            undelete=lambda: self._list_actions.act(ListAction.UNDELETE, ()),
        )
        if job := await self._ui.ask(screen):
            self._show_result(job.id)
