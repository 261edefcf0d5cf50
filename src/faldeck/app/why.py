"""Why a job failed or waits: what the service said, whether it was billed, what to change, and what to do next."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from faldeck.app import wording
from faldeck.app.why_cases import (
    ANY_4XX,
    ANY_5XX,
    ANY_FAILURE,
    FAILURES,
    FETCHING,
    LOOKING,
    LOST_FILES,
    NEVER_5XX,
    NEVER_LEFT,
    STATES,
    STATUSES,
    STEPS,
    VALUE,
    WAITS,
    Billed,
    Case,
    Step,
)
from faldeck.config import credentials
from faldeck.config.profile import DEMO, OFFICIAL
from faldeck.job import FileState, Job, State
from faldeck.safety import sanitize
from faldeck.schema import json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from faldeck.config.settings import Config


_BILLED_WORDS = {
    Billed.NO: "It was not billed.",
    Billed.YES: "It was billed.",
    Billed.NOT_YET: "It is not billed yet.",
    Billed.NOT_KNOWN: "Whether it was billed is not known.",
}


class FieldAdvice(NamedTuple):
    """A field that the service named."""

    path: str
    """Where it stands in the arguments: `loras[0].path`."""
    message: str


class Explanation(NamedTuple):
    """Everything there is to say about the state of one job."""

    job: Job
    means: str
    """What it means, as sentences."""
    said: str
    """The service's own words, or ours; may be empty."""
    billed: Billed
    billed_because: str
    """How that is known, as a sentence."""
    change: str
    """What to change before it is sent again, as a sentence; empty if nothing is wrong with the input."""
    fields: tuple[FieldAdvice, ...]
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """What happened and what it cost, as one paragraph of plain text."""
        error = self.job.error
        words = [sanitize.clean_line(str(word)) for word in (error and error.type, error and error.status) if word]
        kind = f" ({', '.join(words)})" if words else ""
        head = f"{sanitize.clean_line(self.job.endpoint_id)}: {wording.state_with_place(self.job)}{kind}."
        named = "; ".join(f"{one.path}: “{one.message.rstrip('.')}”" for one in self.fields)
        reason = f"At the field {named}." if named else f"“{self.said}.”" if self.said else ""
        parts = (head, reason, self.means, _BILLED_WORDS[self.billed], self.billed_because, self.change)
        return " ".join(part for part in parts if part)

    @property
    def paragraph(self) -> str:
        """The same, and the steps with their commands and keys."""
        ways = [f"{step.does}: {step.way}" for step in self.steps]
        return f"{self.text} Next: {'; '.join(ways)}."

    def document(self) -> dict[str, object]:
        """The explanation as `faldeck why --json` prints it."""
        return {
            "id": self.job.id,
            "endpoint_id": self.job.endpoint_id,
            "state": self.job.state.value,
            "waiting": self.job.waiting.kind.value if self.job.waiting else None,
            "type": self.job.error.type if self.job.error else None,
            "status": self.job.error.status if self.job.error else None,
            "means": self.means,
            "said": self.said,
            "billed": self.billed.value,
            "billed_because": self.billed_because,
            "change": self.change,
            "fields": [{"path": one.path, "message": one.message} for one in self.fields],
            "next": [
                {"does": step.does, "command": step.command or None, "key": step.key or None} for step in self.steps
            ],
        }


def explanation(job: Job, config: Config) -> Explanation:
    """Why the job is as it is."""
    case = _case(job)
    billed, because = _billed(job, case, is_official=_is_official(job.profile, config))
    steps = tuple(_filled(STEPS[name], job) for name in case.steps if name != "adopt" or job.request_id)
    return Explanation(
        job=job,
        means=case.means,
        said=_said(job),
        billed=billed,
        billed_because=because,
        change=case.change,
        fields=tuple(
            FieldAdvice(_path(one.loc), sanitize.clean_line(one.message, limit=300))
            for one in (job.error.fields if job.error else ())
        ),
        steps=steps,
    )


def _case(job: Job) -> Case:
    if job.waiting and job.is_open:
        wait = WAITS[job.waiting.kind]
        state = STATES.get(job.state, ANY_FAILURE)
        return wait if job.state.is_followed else wait._replace(billed=state.billed, because=state.because)
    if job.state is State.FAILED:
        return _failure_case(job)
    states = {one.state for one in job.outputs}
    special = (
        (job.state is State.UNCONFIRMED and job.looking_up, LOOKING),
        (job.state is State.CANCELLED and job.submitted_at is None and job.request_id is None, NEVER_LEFT),
        (job.state is State.COMPLETED and job.is_open, FETCHING),
        (job.state is State.COMPLETED and FileState.FAILED in states, LOST_FILES),
    )
    return next((case for is_so, case in special if is_so), None) or STATES[job.state]


def _failure_case(job: Job) -> Case:
    error = job.error
    if error is None:
        return ANY_FAILURE
    status = error.status or 0
    by_class = {4: ANY_4XX, 5: ANY_5XX}.get(status // 100, ANY_FAILURE)
    by_type = FAILURES.get(error.type or "") or (VALUE if error.fields and status == 422 else None)
    return by_type or STATUSES.get(status, by_class)


def _billed(job: Job, case: Case, *, is_official: bool) -> tuple[Billed, str]:
    """Whether it was billed, and how that is known. What the service said counts more than what is usual."""
    cost, error = job.cost, job.error
    if job.profile == DEMO:
        return Billed.NO, "The demo costs nothing."
    if cost and not cost.is_estimate and cost.units is not None:
        unit = sanitize.clean_line(cost.unit or "units")
        units = f"The service counted {cost.units:f} {unit.removesuffix('s') if cost.units == 1 else unit}"
        total = f", {wording.usd(cost.total_usd)}" if cost.total_usd else ""
        return (Billed.YES, f"{units}{total}.") if cost.units else (Billed.NO, f"{units}.")
    if case.billed is Billed.NO and case.because == NEVER_5XX and not is_official:
        return Billed.NOT_KNOWN, "fal.ai does not bill such a failure; whether this gateway does is not known."
    if job.state is State.FAILED and job.request_id is None and job.submitted_at is None and error:
        return Billed.NO, "The service did not accept the request."
    if case.billed is Billed.YES and cost and cost.total_usd is not None:
        return Billed.YES, f"It has a result; about {wording.usd(cost.total_usd)} by the model's price."
    return case.billed, case.because


def _is_official(profile: str, config: Config) -> bool:
    known = config.profiles.get(profile)
    return known is not None and known.queue_url == OFFICIAL.queue_url


def _said(job: Job) -> str:
    """What the service said, or what is known about the state, as one line without a full stop."""
    lost = next((one.problem for one in job.outputs if one.state is FileState.FAILED and one.problem), "")
    progress = job.progress if job.state.is_followed else ""
    words = job.waiting.reason if job.waiting else job.error.message if job.error else job.notice or lost or progress
    return sanitize.clean_line(words, limit=600).rstrip(".")


def _path(loc: tuple[str | int, ...]) -> str:
    """A place in the input, as the form and the flags name it; the whole input is `input`."""
    path = loc[1:] if loc[:1] == ("body",) else loc
    return sanitize.clean_line(json_value.spell(path), limit=200) or "input"


def _filled(step: Step, job: Job) -> Step:
    """The step with the command for this job."""
    words = {
        "faldeck": wording.faldeck_command(job.profile),
        "key_add": credentials.key_add_command(job.profile),
        "id": job.id,
        "model": shlex.quote(sanitize.clean_line(job.endpoint_id)),
        "request": shlex.quote(sanitize.clean_line(job.request_id or "")),
        "word": shlex.quote(sanitize.clean_line(job.endpoint_id).rpartition("/")[2]),
    }
    return Step(step.does, step.command.format_map(words), step.action, step.key)
