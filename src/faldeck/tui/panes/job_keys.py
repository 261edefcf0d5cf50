"""The actions on one job: their keys, and the message that asks for one. The Jobs and the Result pane share them."""

from __future__ import annotations

from collections.abc import Sequence
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
    WHY = "why"


class ListAction(StrEnum):
    """Further actions on the marked jobs, or on the one under the cursor."""

    TAG = "tag"
    NOTE = "note"
    DELETE = "delete"
    UNDELETE = "undelete"
    COPY_IDS = "copy-ids"
    EXPORT = "export"
    SAVE_SECTION = "save-section"
    REMOVE_SECTION = "remove-section"


@dataclass
class ListActionRequested(PaneMessage):
    """The person pressed the key of an action on several jobs, or on the list itself."""

    action: JobAction | ListAction
    job_ids: Sequence[str]


@dataclass
class JobActionRequested(PaneMessage):
    """The person pressed the key of an action on a job."""

    action: JobAction
    job: Job


KEYS = (
    ("o", JobAction.OPEN, "Open", True, "Open the output's URL, or else its file"),
    ("O", JobAction.OPEN_FILE, "Open file", False, "Open the output's file on this machine"),
    ("y", JobAction.COPY, "Copy", True, "Copy the URL or text; in Result: the page"),
    ("ctrl+y", JobAction.COPY_PATH, "Copy path", False, "Copy the path of the output's file"),
    ("Q", JobAction.QR, "QR code", False, "Show the URL as a QR code, for a phone"),
    ("c", JobAction.CANCEL, "Cancel", True, "Ask the service to cancel the job"),
    ("r", JobAction.RERUN, "Rerun", True, "Send the same request again"),
    ("e", JobAction.EDIT, "Edit", True, "Put the job's input into the form"),
    ("u", JobAction.USE, "Use", False, "Use the output as the form's file"),
    ("s", JobAction.STAR, "Star", False, "Star the job, or remove its star"),
    ("d", JobAction.DOWNLOAD, "Download", False, "Fetch the files that are not on disk"),
    ("L", JobAction.LOOK_AGAIN, "Look again", False, "Look again for an unconfirmed or expired job"),
    ("S", JobAction.SEND_AGAIN, "Send again", False, "Send an unconfirmed job once more"),
    ("W", JobAction.WHY, "Why", False, "Why it failed or waits, and what to do next"),
    ("x", JobAction.DISMISS, "Dismiss", False, "Dismiss an unconfirmed job; give up lost files"),
)
"""Key, action, label, whether the key bar shows it, help text."""


LIST_KEYS = (
    ("t", ListAction.TAG, "Tag", "Tag the job or all marked; -tag removes a tag"),
    ("n", ListAction.NOTE, "Note", "Write a note on the job"),
    ("D", ListAction.DELETE, "Delete", "Delete the job or all marked; U restores them"),
    ("U", ListAction.UNDELETE, "Undelete", "Restore the jobs deleted last"),
    ("i", ListAction.COPY_IDS, "Copy id", "Copy the request id, or those of all marked"),
    ("E", ListAction.EXPORT, "Export", "Export the job or all marked: JSON lines, CSV"),
    ("plus", ListAction.SAVE_SECTION, "Save section", "Save the search as a section of its own"),
    ("minus", ListAction.REMOVE_SECTION, "Remove section", "Remove the section that was saved"),
)
"""Key, action, label, help text. Only the job list has these."""


def job_bindings(pane: str) -> list[Binding]:
    """The bindings of a pane that has `action_act`; `pane` is the prefix of their ids."""
    return [
        Binding(key, f"act('{action}')", label, show=is_shown, id=f"{pane}.{action.replace('_', '-')}", tooltip=tooltip)
        for key, action, label, is_shown, tooltip in KEYS
    ] + [
        Binding("g", "screen.contact_sheet", "Sheet", show=False, id=f"{pane}.sheet", tooltip="The pictures as a grid"),
        Binding(
            "equals_sign",
            "screen.compare",
            "Compare",
            show=False,
            id=f"{pane}.compare",
            tooltip="Compare the marked jobs side by side",
        ),
    ]


def list_bindings(pane: str) -> list[Binding]:
    """The bindings of a pane with marks and sections: `action_list_act`, `action_mark` and the like."""
    return [
        Binding("space", "mark", "Mark", show=False, id=f"{pane}.mark", tooltip="Mark the job; keys act on all marked"),
        Binding("asterisk", "mark_all", "Mark all", show=False, id=f"{pane}.mark-all", tooltip="Mark all that match"),
        Binding("I", "invert_marks", "Invert", show=False, id=f"{pane}.invert", tooltip="Mark the others that match"),
        *(
            Binding(key, f"list_act('{action}')", label, show=False, id=f"{pane}.{action}", tooltip=tooltip)
            for key, action, label, tooltip in LIST_KEYS
        ),
        Binding("f", "section(1)", "Section", id=f"{pane}.filter", tooltip="The next section: all, live, failed …"),
        Binding("F", "section(-1)", "Section", show=False, id=f"{pane}.filter-before", tooltip="The section before"),
        Binding("a", "sort", "Sort", show=False, id=f"{pane}.sort", tooltip="Sort by time, cost or duration"),
        Binding("m", "only_model", "This model", show=False, id=f"{pane}.model", tooltip="Show this model's jobs only"),
        Binding(
            "slash",
            "search",
            "Search",
            id=f"{pane}.search",
            tooltip="Search: words, ids, state: tag: cost:>1 …",
        ),
        Binding(
            "escape", "leave", "Back", show=False, id=f"{pane}.leave", tooltip="Leave the search, unmark, show all"
        ),
    ]
