"""The keys that act on a job, the same wherever one is shown."""

from __future__ import annotations

from textual.binding import Binding

JOB_KEYS = (
    ("o", "open_url", "Open", True, "Open the output's URL or file"),
    ("y", "copy_url", "Copy URL", True, "Copy the output's URL, or its text"),
    ("c", "cancel", "Cancel", True, "Ask the service to cancel the job"),
    ("r", "rerun", "Rerun", True, "Send the same request again"),
    ("e", "edit", "Edit", True, "Put the job's input into the form"),
    ("u", "use", "Use", False, "Use the output as the form's file"),
    ("s", "star", "Star", False, "Star the job, or take its star"),
    ("d", "download", "Download", False, "Fetch the files that are not on disk"),
    ("L", "look_again", "Look again", False, "Look again for an unsure or an expired job"),
    ("S", "send_again", "Send again", False, "Send an unsure job once more"),
    ("x", "dismiss", "Dismiss", False, "Put an unsure job aside; give up files that do not come"),
)
"""Key, what is done, label, whether the key bar shows it, and what is said of it."""


def job_bindings(pane: str) -> list[Binding]:
    """The bindings of a pane that has an action `act`; `pane` begins their ids."""
    return [
        Binding(key, f"act('{action}')", label, show=is_shown, id=f"{pane}.{action.replace('_', '-')}", tooltip=tooltip)
        for key, action, label, is_shown, tooltip in JOB_KEYS
    ]
