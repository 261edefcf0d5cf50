"""What is known about each kind of failure and wait, as tables: the meaning, the bill, what to change, what to do next.

`FAILURES` goes by the service's machine names (protocol §4.2, §4.3), `STATUSES` by HTTP status (protocol §4.4), `WAITS`
by what a job waits for, `STATES` by its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from faldeck.job import NOT_SENT, State, WaitingKind


class Billed(StrEnum):
    """Whether a request was paid."""

    NO = "no"
    YES = "yes"
    NOT_YET = "not yet"
    NOT_KNOWN = "not known"


class Step(NamedTuple):
    """Something that a person can do next."""

    does: str
    """What it does, as a verb and its object."""
    command: str = ""
    """The command for it, complete; empty if only the deck does it."""
    action: str = ""
    """The id of the deck's key for it: `job.edit`; empty if only a command does it."""
    key: str = ""
    """The key that has this id by default."""

    @property
    def way(self) -> str:
        """How it is done: a command, a key of the deck, or either."""
        command = f"`{self.command}`" if self.command else ""
        key = f"{self.key} in the deck" if self.key else ""
        return f"{command} ({key})" if command and key else command or key


class Case(NamedTuple):
    """One kind of failure or wait."""

    means: str
    change: str = ""
    steps: tuple[str, ...] = ()
    """Names in `STEPS`."""
    billed: Billed = Billed.NOT_KNOWN
    """Unless the service has said what it bills."""
    because: str = "The service has not said what it bills."


STEPS: Mapping[str, Step] = {
    "edit": Step(
        "change the input and send it",
        "{faldeck} show {id} --as json | {faldeck} run {model} --input -",
        "job.edit",
        "e",
    ),
    "rerun": Step(
        "send the same input again",
        "{faldeck} show {id} --as json | {faldeck} run {model} --input -",
        "job.rerun",
        "r",
    ),
    "wait": Step("follow it", "{faldeck} status {id} --follow"),
    "cancel": Step("ask the service to stop it", "{faldeck} cancel {id}", "job.cancel", "c"),
    "download": Step("fetch the missing files", "{faldeck} result {id} --download", "job.download", "d"),
    "give_up_files": Step("give up the missing files", action="job.dismiss", key="x"),
    "result": Step("see the result", "{faldeck} result {id}", "jobs.open", "Enter"),
    "adopt": Step("ask the service for it again", "{faldeck} adopt {model} {request}", "job.look-again", "L"),
    "look_again": Step("look for it in the account's list again", action="job.look-again", key="L"),
    "sync": Step("list the account's requests that are unknown here", "{faldeck} sync --dry-run"),
    "send_again": Step("send it once more, and pay again if it was accepted", action="job.send-again", key="S"),
    "dismiss": Step("put it aside", action="job.dismiss", key="x"),
    "key": Step("give the profile another key", "{key_add}", "deck.profiles", "P"),
    "doctor": Step("check the config and the service", "{faldeck} doctor"),
    "schema": Step("see the fields and their limits", "{faldeck} schema {model}"),
    "models": Step("find the model's id", "{faldeck} models {word}", "deck.models", "1"),
    "logs": Step("read what the model printed", "{faldeck} logs {id}"),
}

_FIX = ("edit", "schema")
_AGAIN = ("rerun", "logs")

_GPU = "A refused input may be billed if the model had begun to work (fal.ai's error pages)."
NEVER_5XX = "fal.ai does not bill answers of 500 and more."

VALUE = Case("The value of a field is wrong.", "Change the value.", _FIX, because=_GPU)
_PICTURE = Case("An input picture does not fit the model.", "Use another picture, or resize it.", _FIX, because=_GPU)
_LENGTH = Case("A text or list has the wrong length.", "Make it shorter or longer.", _FIX, because=_GPU)
_LOAD = Case(
    "The service could not load an input file.",
    "Use a URL that opens without a login, or a file of this machine, which faldeck uploads.",
    _FIX,
    because=_GPU,
)
_DURATION = Case("An input has the wrong length in time.", "Cut it, or use a longer one.", _FIX, because=_GPU)
_FORMAT = Case("The model does not read files of this kind.", "Convert the file, or use another.", _FIX, because=_GPU)
_ARCHIVE = Case("The archive does not fit the model.", "Change what is in the archive.", _FIX, because=_GPU)
_TRY_AGAIN = Case(
    "The model or what it depends on failed; the input may be fine.",
    "Send it again; if that fails, too, change the input.",
    _AGAIN,
    Billed.NO,
    NEVER_5XX,
)
_RUNNER = Case("The service had no machine for it, or lost it; the input is fine.", "", _AGAIN, Billed.NO, NEVER_5XX)
_STOPPED = Case("The request was stopped before it was done.", "", ("rerun",))

FAILURES: Mapping[str, Case] = {
    NOT_SENT: Case(
        "It failed on this machine and never left it.", "", ("edit", "rerun"), Billed.NO, "Nothing was sent."
    ),
    "content_policy_violation": Case(
        "The content checker refused the input or the output.",
        "Word it differently, or use another input file.",
        ("edit",),
        because=_GPU,
    ),
    "no_media_generated": Case(
        "The model ran and made nothing.", "Word the prompt differently, or set another seed.", ("edit",), because=_GPU
    ),
    "feature_not_supported": Case(
        "The model cannot do what a field asks for.", "Choose another value.", _FIX, because=_GPU
    ),
    "face_detection_error": Case(
        "The model found no face it can use.", "Use a picture with one clear face.", _FIX, because=_GPU
    ),
    **dict.fromkeys(("image_too_small", "image_too_large"), _PICTURE),
    **dict.fromkeys(("image_load_error", "file_download_error"), _LOAD),
    "file_too_large": Case("An input file is too large.", "Use a smaller file.", _FIX, because=_GPU),
    **dict.fromkeys(("sequence_too_short", "sequence_too_long"), _LENGTH),
    **dict.fromkeys(("audio_duration_too_long", "audio_duration_too_short"), _DURATION),
    **dict.fromkeys(("video_duration_too_long", "video_duration_too_short"), _DURATION),
    **dict.fromkeys(("unsupported_audio_format", "unsupported_image_format", "unsupported_video_format"), _FORMAT),
    **dict.fromkeys(
        ("invalid_archive", "archive_file_count_below_minimum", "archive_file_count_exceeds_maximum"), _ARCHIVE
    ),
    **dict.fromkeys(("missing", "value_error.missing"), Case("A required field is missing.", "Fill it in.", _FIX)),
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of"), VALUE),
    **dict.fromkeys(("one_of", "enum", "literal_error", "value_error"), VALUE),
    **dict.fromkeys(("internal_server_error", "downstream_service_unavailable", "generation_timeout"), _TRY_AGAIN),
    "downstream_service_error": Case(
        "A service that the model calls refused or failed.", "Send it again, or change the input.", ("rerun", "edit")
    ),
    **dict.fromkeys(
        ("request_timeout", "startup_timeout"),
        Case(
            "It did not start in the time allowed.", "Send it again, or allow more time.", _AGAIN, Billed.NO, NEVER_5XX
        ),
    ),
    **dict.fromkeys(("runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected"), _RUNNER),
    **dict.fromkeys(("runner_connection_refused", "runner_connection_error", "runner_incomplete_response"), _RUNNER),
    **dict.fromkeys(("runner_server_error", "internal_error"), _TRY_AGAIN),
    **dict.fromkeys(("client_disconnected", "client_cancelled"), _STOPPED),
    "concurrent_requests_limit": Case(
        "Too many direct calls ran at once.", "Send it through the queue, or later.", ("rerun",)
    ),
    "bad_request": Case("The service could not read the request.", "Check the input.", _FIX),
}
"""Machine name of an error → what is known about it (protocol §4.2, §4.3)."""

STATUSES: Mapping[int, Case] = {
    401: Case("The key is missing or wrong.", "Use another key.", ("key", "doctor")),
    402: Case("The account has no credit.", "Top it up at the service, or use another key.", ("key", "rerun")),
    403: Case(
        "The key may not use this model, or the account is locked: the words say which.",
        "Top the account up at the service, or use another key.",
        ("key", "rerun"),
    ),
    404: Case("The service does not know this model or this path.", "Check the model's id.", ("models", "edit")),
    413: Case("The request is too large.", "Give files by path or URL instead of in the text.", _FIX),
    422: Case("The model refused the input.", "Change the input.", _FIX, because=_GPU),
    429: Case("The service was asked too often, or its queue is full.", "Send it again later.", ("rerun",)),
    499: _STOPPED,
}
"""HTTP status of an error → the same, where its machine name says nothing (protocol §4.4)."""

ANY_4XX = Case("The service refused the request.", "Change the input.", _FIX, because=_GPU)
ANY_5XX = _TRY_AGAIN
ANY_FAILURE = Case("It ended without a result.", "", (*_AGAIN, "edit"))

_NOT_YET = "A request is billed when it has a result."

WAITS: Mapping[WaitingKind, Case] = {
    WaitingKind.OFFLINE: Case(
        "The service cannot be reached from here. A request that it has goes on there, and nothing is lost.",
        "",
        ("wait", "doctor", "cancel"),
        Billed.NOT_YET,
        _NOT_YET,
    ),
    WaitingKind.KEY_REFUSED: Case(
        "The service refuses the key. The job goes on by itself when the profile has a good one.",
        "",
        ("key", "doctor", "cancel"),
        Billed.NOT_YET,
        _NOT_YET,
    ),
    WaitingKind.RETRY: Case(
        "The service answered with a fault that may pass. faldeck asks again by itself, as long as it takes.",
        "",
        ("wait", "doctor", "cancel"),
        Billed.NOT_YET,
        _NOT_YET,
    ),
}

STATES: Mapping[State, Case] = {
    State.SUBMITTING: Case(
        "It is being sent, or its files are being uploaded.", "", ("wait", "cancel"), Billed.NOT_YET, _NOT_YET
    ),
    State.QUEUED: Case(
        "Nothing is wrong: the service has it and works on the requests before it.",
        "",
        ("wait", "cancel"),
        Billed.NOT_YET,
        _NOT_YET,
    ),
    State.RUNNING: Case(
        "Nothing is wrong: the model works on it.", "", ("wait", "logs", "cancel"), Billed.NOT_YET, _NOT_YET
    ),
    State.COMPLETED: Case("Nothing is wrong: it has a result.", "", ("result",), Billed.YES, "It has a result."),
    State.CANCELLED: Case("It was cancelled.", "", ("rerun", "edit")),
    State.UNCONFIRMED: Case(
        "The answer to the submit was lost, so the service may or may not have it. It is never sent again by itself.",
        "",
        ("look_again", "sync", "send_again", "dismiss"),
    ),
    State.DISMISSED: Case("You put it aside, or its request is followed as another job.", "", ("sync",)),
    State.EXPIRED: Case(
        "The service no longer has the request or its result, or refuses to give it.", "", ("adopt", "rerun")
    ),
}

LOOKING = Case(
    "The answer to the submit was lost. The request is being looked for in the account's list.",
    "",
    ("wait", "sync", "dismiss"),
)
FETCHING = Case(
    "It has a result, and its files are being fetched.", "", ("result", "give_up_files"), Billed.YES, "It has a result."
)
LOST_FILES = Case(
    "It has a result, but not all of its files could be fetched.",
    "",
    ("download", "result"),
    Billed.YES,
    "It has a result.",
)
NEVER_LEFT = Case("It was cancelled before it was sent.", "", ("rerun", "edit"), Billed.NO, "Nothing was sent.")
