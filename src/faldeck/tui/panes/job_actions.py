"""The actions on one job: their keys, and the message that asks for one. The Jobs and the Result pane share them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from faldeck.job import Job
from faldeck.tui.panes.pane import PaneMessage


class JobAction(StrEnum):
    """What can be done with a job."""

    OPEN = "open_url"
    OPEN_FILE = "open_file"
    COPY = "copy_url"
    COPY_PATH = "copy_path_of_file"
    QR = "qr_code"
    CANCEL = "cancel"
    RERUN = "rerun"
    EDIT = "edit"
    USE = "use"
    STAR = "star"
    DOWNLOAD = "download"
    LOOK_AGAIN = "look_again"
    SEND_AGAIN = "send_again"
    DISMISS = "dismiss"


@dataclass
class JobActionRequested(PaneMessage):
    """The person pressed the key of an action on a job."""

    action: JobAction
    job: Job


KEYS = (
    ("o", JobAction.OPEN, "Open", True, "Open the output's URL, or its file if it has none"),
    ("O", JobAction.OPEN_FILE, "Open file", False, "Open the output's file on this machine"),
    ("y", JobAction.COPY, "Copy", True, "Copy the output's URL or text; in the result what the page shows"),
    ("Y", JobAction.COPY_PATH, "Copy path", False, "Copy the path of the output's file"),
    ("Q", JobAction.QR, "QR code", False, "Show the output's URL as a QR code, for a phone"),
    ("c", JobAction.CANCEL, "Cancel", True, "Ask the service to cancel the job"),
    ("r", JobAction.RERUN, "Rerun", True, "Send the same request again"),
    ("e", JobAction.EDIT, "Edit", True, "Put the job's input into the form"),
    ("u", JobAction.USE, "Use", False, "Use the output as the form's file"),
    ("s", JobAction.STAR, "Star", False, "Star the job, or take its star"),
    ("d", JobAction.DOWNLOAD, "Download", False, "Fetch the files that are not on disk"),
    ("L", JobAction.LOOK_AGAIN, "Look again", False, "Look again for an unconfirmed or an expired job"),
    ("S", JobAction.SEND_AGAIN, "Send again", False, "Send an unconfirmed job once more"),
    ("x", JobAction.DISMISS, "Dismiss", False, "Put an unconfirmed job aside; give up lost files"),
)
"""Key, action, label, whether the key bar shows it, help text."""


def job_bindings(pane: str) -> list[Binding]:
    """The bindings of a pane that has `action_act`; `pane` is the prefix of their ids."""
    return [
        Binding(key, f"act('{action}')", label, show=is_shown, id=f"{pane}.{action.replace('_', '-')}", tooltip=tooltip)
        for key, action, label, is_shown, tooltip in KEYS
    ] + [
        Binding("g", "screen.contact_sheet", "Sheet", show=False, id=f"{pane}.sheet", tooltip="The pictures as a grid"),
    ]
