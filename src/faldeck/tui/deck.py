"""The deck's one screen: the four panes and the keys that are always there."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from faldeck.history import HistoryError
from faldeck.tui.actions.jobs import JobRequests
from faldeck.tui.actions.leaving import Leaving
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.bars import Header, KeyBar
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.panes.pane import Pane
from faldeck.tui.panes.result import ResultPane


class Deck(JobRequests, Leaving):
    """Models, form, jobs and result, beside each other or, where it is narrow, one at a time."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "Next pane", show=False, id="deck.next", tooltip="The next pane"),
        Binding("shift+tab", "turn(-1)", "Previous pane", show=False, id="deck.previous", tooltip="The pane before"),
        Binding("1,alt+1", "show_pane('models')", "Models", show=False, id="deck.models", tooltip="Go to the models"),
        Binding("2,alt+2", "show_pane('form')", "Form", show=False, id="deck.form", tooltip="Go to the form"),
        Binding("3,alt+3", "show_pane('jobs')", "Jobs", show=False, id="deck.jobs", tooltip="Go to the jobs"),
        Binding("4,alt+4", "show_pane('result')", "Result", show=False, id="deck.result", tooltip="Go to the result"),
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

    def compose(self) -> ComposeResult:
        yield Header(self._engine.profile.name, self._engine.colour)
        with Container(id="upper"):
            yield ModelsPane()
            yield FormPane(lambda: self._engine.config.profiles.values())
        with Container(id="lower"):
            yield JobsPane(self._engine.history)
            yield ResultPane(self._engine.history, self._engine.meant_by)
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self.query_one(KeyBar).refresh())
        self.action_show_pane("models")

    def on_screen_resume(self) -> None:
        # Textual remembers colours by the widget they were for: without this every dialog that ever was is kept.
        StylesCache.get_inner_outer.cache_clear()

    async def load(self) -> None:
        """Fills the panes from disk."""
        try:
            await self.jobs.load()
        except HistoryError as error:
            self.app.say_trouble(f"The history cannot be read: {error}. Nothing can be submitted until it can.")
        await self._engine.load()
        await self._show_models()

    def action_turn(self, step: int) -> None:
        panes = list(self.query(Pane))
        self.action_show_pane(panes[(panes.index(self.active_pane) + step) % len(panes)].id or "")

    def watch_focused(self, focused: Widget | None) -> None:
        """Tells each pane whether the focus is in it."""
        within = focused.ancestors_with_self if focused else []
        for pane in self.query(Pane):
            pane.is_active = pane in within
        if self.has_left(self.form):
            self.form.was_left()
        self.query_one(Header).refresh()

    def on_resize(self) -> None:
        # Only now is it known whether one pane is shown at a time, which the header tells.
        self.query_one(Header).refresh()

    def action_redraw(self) -> None:
        self.app.redraw()

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
        from faldeck.tui.dialogs.picker import Picker

        here = self.active_pane
        items = [*commands.items(here, here.NAME if everywhere else ""), *commands.items(self)]
        if everywhere:
            others = (pane for pane in self.query(Pane) if pane is not here)
            items += [item for pane in others for item in commands.items(pane, pane.NAME)]
        said = "" if everywhere else here.HELP
        picked = await self.app.push_screen_wait(Picker(name, items, width=66, said=said))
        if picked:
            node, action = picked.value
            if isinstance(node, Pane) and not node.is_active:
                self.action_show_pane(node.id or "")
            await self.app.run_action(action, node)
