"""JSON Schemas of all `--json` output. The keys are a contract: none is removed or renamed."""

from __future__ import annotations

from faldeck.app.exit_status import ExitStatus
from faldeck.job import FileState, State

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_ANYTHING: dict[str, object] = {}
_STATE = {"enum": [state.value for state in State]}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL = {"type": ["integer", "null"], "minimum": 0}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_MOMENT_OR_NULL = {"anyOf": [_MOMENT, {"type": "null"}]}


def _printed(title: str, members: dict[str, object]) -> dict[str, object]:
    """The schema of an object that a command prints. All members are required."""
    return {"$schema": _DRAFT, "title": title, **_object(members)}


def _object(members: dict[str, object], *, or_null: bool = False) -> dict[str, object]:
    """The schema of an object. All members are required."""
    kind: object = ["object", "null"] if or_null else "object"
    return {"type": kind, "properties": members, "required": list(members)}


_OUTPUT = _object(
    {
        "url": _TEXT_OR_NULL,
        "path": {**_TEXT_OR_NULL, "description": "The file on this machine, once it is complete."},
        "content_type": _TEXT_OR_NULL,
        "file_name": _TEXT_OR_NULL,
        "size_bytes": _COUNT_OR_NULL,
        "declared_bytes": {**_COUNT_OR_NULL, "description": "The size as the service declares it."},
        "width": _COUNT_OR_NULL,
        "height": _COUNT_OR_NULL,
        "state": {"enum": [state.value for state in FileState]},
        "expires_at": {**_MOMENT_OR_NULL, "description": "When the service deletes it, as asked for at the submit."},
        "gone_at": {**_MOMENT_OR_NULL, "description": "When the service said that the URL has no file any more."},
        "problem": {
            **_TEXT_OR_NULL,
            "description": "Why it was not saved; of a saved file, that its bytes are something else.",
        },
    }
)

_FIELD_PROBLEM = _object({"loc": {"type": "array", "items": {"type": ["string", "integer"]}}, "message": _TEXT})

JOB = _printed(
    "A job: one request and its result",
    {
        "id": {"type": "string", "pattern": "^[0-9a-v]{13}$", "description": "The id of the job; ids sort by time."},
        "request_id": {**_TEXT_OR_NULL, "description": "The id that the service gave the request."},
        "profile": _TEXT,
        "endpoint_id": _TEXT,
        "state": _STATE,
        "created_at": _MOMENT,
        "submitted_at": _MOMENT_OR_NULL,
        "started_at": _MOMENT_OR_NULL,
        "completed_at": _MOMENT_OR_NULL,
        "queue_position": _COUNT_OR_NULL,
        "arguments": {"type": "object"},
        "options": {"type": "object"},
        "error": {
            **_object(
                {"type": _TEXT_OR_NULL, "message": _TEXT, "fields": {"type": "array", "items": _FIELD_PROBLEM}},
                or_null=True,
            ),
            "description": "Why the job failed, or why a command stopped waiting for it, with all members of an error.",
        },
        "result": {"description": "The answer of the model: any JSON."},
        "outputs": {"type": "array", "items": _OUTPUT},
        "cost": _object(
            {
                "units": _NUMBER_OR_NULL,
                "unit": _TEXT_OR_NULL,
                "unit_price_usd": _NUMBER_OR_NULL,
                "total_usd": _NUMBER_OR_NULL,
                "is_estimate": {"type": "boolean"},
            },
            or_null=True,
        ),
        "starred": {"type": "boolean"},
        "tags": {"type": "array", "items": _TEXT},
        "note": _TEXT,
        "group": {**_TEXT_OR_NULL, "description": "What jobs that were made together share: the id of their batch."},
        "parent": {**_TEXT_OR_NULL, "description": "The id of the job whose output is in the arguments."},
    },
)
"""A job. All commands print jobs in this form."""

JOB_WITH_KIN = {
    **JOB,
    "title": "A job, and the jobs that it was used in (show, status)",
    "properties": {
        **JOB["properties"],  # type: ignore[dict-item]
        "used_in": {
            "type": "array",
            "items": _TEXT,
            "minItems": 1,
            "description": "The ids of the jobs that have an output of this one as input, the newest first, at most 50."
            " Left out if there are none.",
        },
    },
}

ERROR = _printed(
    "Why a command ended",
    {
        "error": _object(
            {
                "type": {**_TEXT, "pattern": "^[a-z_]+$"},
                "message": _TEXT,
                "hint": {**_TEXT_OR_NULL, "description": "A command that helps."},
                "exit_status": {"enum": [status.value for status in ExitStatus if status]},
            }
        )
    },
)
"""The line that a command prints if it fails, instead of data or after it."""

_SUMS: dict[str, object] = {
    **dict.fromkeys(("jobs", "completed", "failed"), _COUNT),
    "success_rate": {**_NUMBER_OR_NULL, "description": "Of the completed and failed jobs, from 0 to 1."},
    "spent_usd": {"type": "number"},
    "median_seconds": {**_NUMBER_OR_NULL, "description": "Of the completed jobs, at most 1.6 % off."},
    "p95_seconds": _NUMBER_OR_NULL,
    "size_bytes": _COUNT,
}

_COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
_LIST = {"type": "array"}


def _counts(*names: str) -> dict[str, object]:
    """Members that are counts."""
    return dict.fromkeys(names, _COUNT)


_TEXTS = {"type": "array", "items": _TEXT}

_MODEL: dict[str, object] = {
    **dict.fromkeys(("endpoint_id", "name", "category", "description"), _TEXT),
    "tags": _TEXTS,
    "is_deprecated": _FLAG,
    **dict.fromkeys(
        ("published_at", "kind", "license_type", "license_url", "group_key", "group_label"),
        _TEXT,
    ),
    "duration_minutes": _NUMBER_OR_NULL,
}

_MARKS: dict[str, object] = {
    "is_starred": _FLAG,
    "note": _TEXT,
    "used_at": _MOMENT_OR_NULL,
    "aliases": {**_TEXTS, "description": "Its short names in the config."},
    "price": {
        **_object({"unit_price": {"type": "number"}, "unit": _TEXT, "currency": _TEXT}, or_null=True),
        "description": "Of one unit; null if it is not known, or was not asked for yet.",
    },
}

_FIELD_ROW = _object(dict.fromkeys(("name", "type", "words"), _TEXT))

SCHEMAS = {
    "job": JOB,
    "job_with_kin": JOB_WITH_KIN,
    "error": ERROR,
    "request": _printed(
        "A request that would be sent (run --dry-run)",
        {
            "endpoint_id": _TEXT,
            "arguments": {"type": "object"},
            "options": {"type": "object"},
            "uploads": {"type": "array", "items": _object({"field": _TEXT, "path": _TEXT})},
            "estimate_usd": _NUMBER_OR_NULL,
        },
    ),
    "batch": _printed(
        "A batch, with the number of its jobs in each state",
        {"id": _TEXT, "created_at": _MOMENT, "profile": _TEXT, "jobs": _COUNTS},
    ),
    "batch_job": _printed(
        "One job of a batch (batch status)",
        {
            "id": _TEXT,
            "state": {"enum": [*_STATE["enum"], "unsent", "deleted"]},
            "endpoint_id": _TEXT,
            "arguments": {"type": "object"},
        },
    ),
    "log_line": _printed(
        "A line that a job printed", dict.fromkeys(("timestamp", "level", "message", "job_id"), _TEXT)
    ),
    "model": _printed("A model of the catalogue", {**_MODEL, **_MARKS}),
    "model_card": _printed(
        "All about one model (model)",
        {
            **_MODEL,
            "is_listed": _FLAG,
            **_MARKS,
            "typical_seconds": {**_NUMBER_OR_NULL, "description": "Of the person's jobs, or as the catalogue says."},
            "jobs": _COUNT,
            "siblings": _TEXTS,
            **{part: {"type": "array", "items": _FIELD_ROW} for part in ("inputs", "outputs")},
            "pages": _object(dict.fromkeys(("playground", "docs", "api", "licence"), _TEXT)),
        },
    ),
    "field": _printed(
        "A field of a model (schema)",
        {
            **dict.fromkeys(("name", "type", "label", "help"), _TEXT),
            "required": _FLAG,
            "nullable": _FLAG,
            "default": _ANYTHING,
            "limits": _TEXT,
            "examples": _LIST,
            "schema": {"type": "object"},
        },
    ),
    "price": _printed(
        "What one unit of a model costs",
        {"endpoint_id": _TEXT, "unit_price": {"type": "number"}, "unit": _TEXT, "currency": _TEXT},
    ),
    "stats": _printed(
        "Sums of jobs, by group (stats)",
        {
            "by": {"enum": ["day", "month", "model", "profile", "tag"]},
            "first_day": {**_TEXT_OR_NULL, "description": "Null: from the first job on."},
            "last_day": _TEXT_OR_NULL,
            "groups": {"type": "array", "items": _object({"key": _TEXT, **_SUMS})},
            "total": _object(_SUMS),
        },
    ),
    "upload": _printed("A file that was uploaded", {"path": _TEXT, "url": _TEXT}),
    "finding": _printed("One finding of doctor", {"subject": _TEXT, "words": _TEXT, "is_well": _FLAG}),
    "intake": _printed(
        "The counts of an import: new jobs, known jobs that it changed, other known jobs, and what is no job",
        dict.fromkeys(("new", "updated", "known", "problems"), _COUNT),
    ),
    "sent_input": _printed(
        "The input in a line of `send` that was not sent yet (adopt)",
        {"endpoint_id": _TEXT, "arguments": {"type": "object"}},
    ),
    "job_line": _printed("A job as one line that opens it elsewhere (send)", {"line": _TEXT}),
    "past_request": _printed(
        "A request of the account that is not known here (sync --dry-run)",
        {"endpoint_id": _TEXT, "request_id": _TEXT, "arguments": _ANYTHING},
    ),
    "opened": _printed(
        "An output of a job, and whether a program was started to show it, or its place was copied",
        {"place": _TEXT, "is_opened": _FLAG, "is_copied": _FLAG},
    ),
    "selected": _printed("Values of a result, by path (result --select)", {"id": _TEXT, "values": {"type": "object"}}),
    "explanation": _printed(
        "Why a job failed or waits (why)",
        {
            **dict.fromkeys(("id", "endpoint_id"), _TEXT),
            "state": _STATE,
            "waiting": {"enum": ["offline", "key_refused", "retry", None]},
            "type": _TEXT_OR_NULL,
            "status": {"type": ["integer", "null"], "description": "The HTTP status of the error."},
            **dict.fromkeys(("means", "said"), _TEXT),
            "billed": {"enum": ["no", "yes", "not yet", "not known"]},
            **dict.fromkeys(("billed_because", "change"), _TEXT),
            "fields": {"type": "array", "items": _object({"path": _TEXT, "message": _TEXT})},
            "next": {
                "type": "array",
                "items": _object({"does": _TEXT, "command": _TEXT_OR_NULL, "key": _TEXT_OR_NULL}),
            },
        },
    ),
    "comparison": _printed(
        "How the arguments of jobs differ (diff)",
        {
            "jobs": {
                "type": "array",
                "items": _object(
                    {
                        "id": _TEXT,
                        "endpoint_id": _TEXT,
                        "state": _STATE,
                        "seconds": _NUMBER_OR_NULL,
                        "cost_usd": _NUMBER_OR_NULL,
                        "input_known": _FLAG,
                    }
                ),
            },
            "differences": {
                "type": "array",
                "items": _object(
                    {
                        "path": _TEXT,
                        "values": {
                            "type": "array",
                            "items": _object({"is_set": _FLAG, "value": _ANYTHING}),
                            "description": "One for each job, in the order of the jobs.",
                        },
                    }
                ),
            },
            "same": {**_COUNT, "description": "How many arguments are the same in all jobs."},
        },
    ),
    "marked": _printed("The number of named jobs, and of those that changed (tag)", _counts("jobs", "changed")),
    "starred": _printed("The same for jobs and models (star, unstar, note)", _counts("jobs", "models", "changed")),
    "deleted": _printed(
        "What was deleted (delete)",
        {
            **_counts("jobs", "files", "size_bytes"),
            "kept_files": {"type": "array", "items": _object({"path": _TEXT, "reason": _TEXT})},
        },
    ),
    "history": _printed(
        "What the history file holds (history stats)",
        {
            "path": _TEXT,
            **_counts("jobs", "live", "starred", "tagged", "deleted", "size_bytes", "free_bytes"),
            "by_state": _COUNTS,
            "oldest_at": _MOMENT_OR_NULL,
            "newest_at": _MOMENT_OR_NULL,
        },
    ),
    "prunable": _printed(
        "What would be pruned (history prune without --yes)",
        {**_counts("jobs", "files", "size_bytes"), "oldest_at": _MOMENT_OR_NULL, "newest_at": _MOMENT_OR_NULL},
    ),
    "vacuumed": _printed("Bytes of the file (history vacuum)", _counts("before_bytes", "after_bytes")),
    "backup": _printed("A copy of the history (history backup)", {"path": _TEXT, **_counts("size_bytes")}),
    "key": _printed(
        "The masked key of a profile, and where it comes from",
        {"profile": _TEXT, **dict.fromkeys(("key", "origin"), _TEXT_OR_NULL)},
    ),
    "key_action": _printed(
        "An action of the deck and its keys (keys)",
        {
            "id": _TEXT,
            **{key: {"type": "array", "items": _TEXT} for key in ("keys", "default_keys")},
            **dict.fromkeys(("pane", "label", "does"), _TEXT),
        },
    ),
    "settings": _printed(
        "The current settings, without those that are not set (config show)",
        {
            **dict.fromkeys(("profile", "output_dir", "output_name", "download"), _TEXT),
            **dict.fromkeys(("sidecar", "embed"), _FLAG),
            **dict.fromkeys(("pictures", "notify", "theme"), _TEXT),
            **dict.fromkeys(("motion", "title", "mouse", "restore"), _FLAG),
            "confirm_above_usd": {"type": "number"},
            "debug": _FLAG,
            "aliases": {"type": "object"},
            "sections": {"type": "object"},
            "keys": {"type": "object"},
            "profiles": {"type": "object"},
        },
    ),
    "settings_file": _printed("The path of the config file (config path)", {"path": _TEXT}),
}
"""Name → schema, for everything that `--json` prints."""

PRINTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("cancel", "export", "jobs", "wait", "watch"), ("job",)),
    "show": ("job_with_kin",),
    "status": ("job_with_kin", "job"),
    "result": ("job", "selected"),
    "sync": ("job", "past_request"),
    "run": ("job", "request"),
    "batch": ("batch", "batch_job", "job"),
    "logs": ("log_line",),
    "models": ("model",),
    "model": ("model_card", "opened"),
    "schema": ("field",),
    "price": ("price",),
    "stats": ("stats",),
    "upload": ("upload",),
    "doctor": ("finding",),
    "import": ("intake",),
    "send": ("job_line",),
    "adopt": ("job", "sent_input"),
    "why": ("explanation",),
    "diff": ("comparison",),
    "open": ("opened",),
    "tag": ("marked",),
    **dict.fromkeys(("star", "unstar", "note"), ("starred",)),
    "delete": ("deleted",),
    "history": ("history", "prunable", "deleted", "finding", "vacuumed", "backup"),
    "key": ("key",),
    "keys": ("key_action",),
    "config": ("settings", "settings_file"),
}
"""Command → the names in `SCHEMAS` of what its `--json` prints. A command that fails also prints an error."""
