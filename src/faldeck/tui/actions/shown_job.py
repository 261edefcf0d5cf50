"""What is done with the job that the Result pane shows, some of it with the output that is chosen there."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from faldeck.app.session import Session
from faldeck.tui.actions import explaining, outputs
from faldeck.tui.actions.forms import FormActions
from faldeck.tui.actions.jobs import JobActions
from faldeck.tui.actions.ui import Ui, reporting
from faldeck.tui.panes import result_pages
from faldeck.tui.panes.job_keys import JobAction, JobActionRequested
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.result import ResultPane


class ShownJobActions:
    """Carries out the actions on one job."""

    def __init__(
        self,
        session: Session,
        ui: Ui,
        screen: Screen[Any],
        jobs: JobsPane,
        result: ResultPane,
        forms: FormActions,
        job_actions: JobActions,
    ) -> None:
        """`screen` is the deck; its app opens and copies."""
        self._session = session
        self._ui = ui
        self._screen = screen
        self._jobs = jobs
        self._result = result
        self._forms = forms
        self._job_actions = job_actions

    async def act(self, message: JobActionRequested) -> None:
        """Carries out an action on a job."""
        job, output = message.job, self._result.output
        app, open_command = self._screen.app, self._session.config.open_command
        with reporting(self._ui):
            match message.action:
                case JobAction.OPEN:
                    outputs.open_output(app, open_command, job, output)
                case JobAction.COPY:
                    body = await self._session.history.read(lambda store: store.body(job.id))
                    texts = {} if output else result_pages.texts(job, body)
                    outputs.copy(app, job, output, list(texts.values()))
                case JobAction.OPEN_FILE:
                    outputs.open_file(app, open_command, job, output)
                case JobAction.COPY_PATH:
                    outputs.copy_path(app, job, output)
                case JobAction.QR:
                    await outputs.show_qr(app, job, output)
                case JobAction.USE:
                    await self._forms.use_output(job, output)
                case JobAction.WHY:
                    nodes = (self._jobs, self._screen)
                    await explaining.explain(self._ui, app, nodes, job, self._session.config)
                case action:
                    await self._job_actions.act(action, job)

    async def show_kin(self, message: ResultPane.KinWanted) -> None:
        """Shows one of some jobs in the Result pane; the list stays where it is, as it may not reach so far back."""
        from faldeck.app.lineage import name
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        job = message.jobs[0]
        if len(message.jobs) > 1:
            items = [PickerItem(name(one), one) for one in message.jobs]
            if (picked := await self._ui.ask(Picker(message.question, items))) is None:
                return
            job = picked.value
        self._result.show(job)
