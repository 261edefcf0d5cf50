"""Explains a job: why it failed or waits, with what can be done next as a list to pick from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.dom import DOMNode

from faldeck.config.settings import Config
from faldeck.job import Job
from faldeck.keys.keymap import Keymap
from faldeck.tui.actions import outputs
from faldeck.tui.actions.ui import Ui
from faldeck.tui.bindings import actions_of
from faldeck.tui.panes.job_keys import JobAction, JobActionRequested

if TYPE_CHECKING:
    from faldeck.app.why_cases import Step
    from faldeck.tui.dialogs.picker import PickerItem

WIDTH = 76
"""Cells of the text and the list; 80 columns are the narrowest screen."""


async def explain(ui: Ui, app: App[Any], nodes: Sequence[DOMNode], job: Job, config: Config) -> None:
    """Shows why the job is as it is, and does what the person picks. `nodes` have the keys of the steps."""
    from faldeck.app.why import explanation
    from faldeck.tui.dialogs.picker import Picker, PickerItem

    why = explanation(job, config)
    found = {one.id: (node, one) for node in nodes for one in actions_of(node)}
    keymap = Keymap(config.keys)

    def item(step: Step) -> PickerItem[Step]:
        key = keymap.shown(step.action).partition(" ")[0] if step.action in found else ""
        return PickerItem(step.does.capitalize(), step, lead=key, hint="" if key else "copies the command")

    title = "Why, and what to do next" if why.steps else "Why; there is nothing to do"
    picked = await ui.ask(Picker(title, [item(step) for step in why.steps], width=WIDTH, text=why.text))
    if picked is None:
        return
    step = picked.value
    if step.action not in found:
        outputs.copy_text(app, step.command)
        return
    node, one = found[step.action]
    if one.run.startswith("act("):
        # Straight to the job: the pane's own action would act on the marked jobs.
        node.post_message(JobActionRequested(JobAction(one.run.split("'")[1]), job))
    else:
        await app.run_action(one.run, node)
