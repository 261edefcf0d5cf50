"""The screen that the panes share: which of them is in front, and how the person is told what could not be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import events, work
from textual.screen import Screen

from faldeck.history import Store
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.panes.pane import Pane
from faldeck.tui.panes.result import ResultPane
from faldeck.tui.session import Backstage, Trouble
from faldeck.tui.terminal.typed_on import TypedOn, Verdict, is_text

if TYPE_CHECKING:
    from faldeck.tui.app import DeckApp

PANE_CLASSES = ("-models", "-form", "-jobs", "-result")
"""The screen's class that says which pane a narrow terminal shows."""


class Stage(Screen[None]):
    """Four panes, and what is needed whatever they ask for."""

    app: DeckApp

    def __init__(self, engine: Backstage) -> None:
        super().__init__()
        self._engine = engine
        self.typed_on = TypedOn()
        """What keeps text typed on after a submit from acting as commands."""

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

    def judge(self, event: events.Key, following: events.Key | events.Paste | None) -> Verdict:
        """Whether a key acts, or is text typed on after a submit: the first one of that is answered with a word."""
        next_is_text = is_text(following.key, following.character) if isinstance(following, events.Key) else None
        verdict = self.typed_on.judge(event.key, event.character, next_is_text)
        if verdict is Verdict.DROPPED and self.typed_on.is_first:
            self.notify("^J ended the typing. Esc makes letters commands again; Enter in the form types on.")
        return verdict

    def action_show_pane(self, name: str) -> None:
        self._bring(name)
        self.query_one(f"#{name}", Pane).begin()

    def _bring(self, name: str) -> None:
        """Makes a pane the one that a narrow screen shows, and none the only one that a wide screen shows."""
        others = (*PANE_CLASSES, "-enlarged")
        self.set_classes([*(cls for cls in self.classes if cls not in others), f"-{name}"])

    def has_left(self, pane: Pane) -> bool:
        """Whether another pane has the focus; where the terminal itself has lost it, none has."""
        return any(other.is_active for other in self.query(Pane) if other is not pane)

    @property
    def active_pane(self) -> Pane:
        """The pane with the focus, or the first."""
        return next((pane for pane in self.query(Pane) if pane.is_active), self.models)

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
