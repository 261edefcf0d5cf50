"""The actions on one job and on several, and the messages that ask for one. The Jobs and the Result pane share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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
