"""Where the person is in the deck: remembered while it runs, and shown again at the next start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from faldeck.config.deck_state import DeckMemory, DeckState
from faldeck.job_ids import id_number
from faldeck.system import log_file
from faldeck.tui.actions.ui import Ui, reporting

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.tui.actions.forms import FormActions
    from faldeck.tui.form.pane import FormPane
    from faldeck.tui.panes.jobs import JobsPane
    from faldeck.tui.panes.models import ModelsPane
    from faldeck.tui.panes.pane import Pane
    from faldeck.tui.panes.result import ResultPane

KEEP_SECONDS = 5.0
"""How often a changed place is written, for a deck that is killed (seconds)."""


class PanedUi(Ui, Protocol):
    """The screen with its panes."""

    models: ModelsPane
    form: FormPane
    jobs: JobsPane
    result: ResultPane

    @property
    def active_pane(self) -> Pane:
        """The pane with the focus, or the first."""


class Places:
    """Notes where the person is, and goes back there."""

    def __init__(self, memory: DeckMemory, session: Session, panes: PanedUi, forms: FormActions) -> None:
        self.memory = memory
        self._session = session
        self._panes = panes
        self._forms = forms
        self._start = memory.state if session.config.restore else DeckState()
        """The place at the start of this deck."""
        self._is_shown = False
        """Whether the deck shows that place. Until then there is nothing to note."""
        self._form = self._start.form if self._start.profile == session.config.profile else ""
        """The model whose form is still to be opened again. Of another profile it might be another model."""

    @property
    def first_pane(self) -> str:
        """The id of the pane that gets the focus at the start."""
        pane = self._start.pane
        known = {"models": True, "form": bool(self._form), "jobs": True, "result": bool(self._start.job)}
        return pane if known.get(pane) else "models"

    @property
    def watched(self) -> str | None:
        """The id of the job that the person looks at: under the cursor of Jobs, or in the Result pane."""
        job = {"jobs": self._panes.jobs.highlighted, "result": self._panes.result.job}.get(
            self._panes.active_pane.id or ""
        )
        return job.id if job else None

    async def load_jobs(self) -> None:
        """Reads the job list as it was left; raises HistoryError."""
        start = self._start
        try:
            id_number(start.job)
        except ValueError:
            job_id = None
        else:
            job_id = start.job
        await self._panes.jobs.load(start.section, start.filter, job_id)

    async def restore(self) -> None:
        """Puts the cursor of the Models pane back, and opens the form again with its draft. Moves no focus."""
        self._is_shown = True
        self._panes.models.go_to(self._start.model)
        if self._form and not self._panes.form.endpoint_id:
            with reporting(self._panes):
                await self._forms.open(self._form, None, None)
        self._form = ""

    def note(self) -> None:
        """Notes where the person is now."""
        if not self._is_shown:
            return
        panes, choice = self._panes, self._panes.jobs.choice
        job = panes.jobs.highlighted
        self.memory.change(
            profile=self._session.config.profile,
            pane=panes.active_pane.id or "",
            form=panes.form.endpoint_id or self._form,
            model=panes.models.highlighted or "",
            section=choice.section.name,
            filter=choice.text,
            job=job.id if job else "",
        )

    async def keep(self) -> None:
        """Notes the place, and writes it if it has changed."""
        self.note()
        if self.memory.is_changed:
            await asyncio.to_thread(save, self.memory)


def save(memory: DeckMemory) -> None:
    """Writes what is remembered. Waits for the disk. A file that cannot be written is only logged: nothing is lost."""
    try:
        memory.save()
    except OSError as error:
        log_file.record(error, "where the deck was left could not be saved")
