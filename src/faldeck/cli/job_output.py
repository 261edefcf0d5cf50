"""Prints a job for a command, and gives the exit status that the job's state asks for."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output
from faldeck.history.export import document
from faldeck.job import Body, FileState, Job, State

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.cli.progress import TextPrinter
    from faldeck.history import History, Store


async def print_result(
    history: History,
    job: Job,
    *,
    as_json: bool,
    on_line: bool = False,
    printer: TextPrinter | None = None,
    catalogue: Catalogue | None = None,
) -> ExitStatus:
    """Prints the result of a job, or why it has none, and returns the exit status.

    With `on_line`, JSON is one line, for a list of jobs. Text that `printer` has printed is not repeated. For an
    unknown model, `catalogue` gives the nearest name.
    """
    from faldeck.engine import transitions
    from faldeck.engine.purge import forget_told

    body, logs = await history.read(lambda store: (store.body(job.id), store.logs(job.id, newest=2)))
    is_printed = printer is not None and printer.finish(body)
    if as_json:
        print_document(job, body, on_line=on_line)
    elif job.state is State.COMPLETED and (job.outputs or not is_printed):
        lines = result_lines(job, body)
        output.print_text("\n".join(_with_facts(job, lines) if job.outputs and sys.stdout.isatty() else lines))
    _print_other_contents(job)
    if reason := failure_text(job):
        output.print_message(reason)
    if transitions.ANSWERS_DIRECTLY in logs:
        output.print_message(transitions.ANSWERS_DIRECTLY.message)
    if catalogue and (meant := catalogue.suggested_model(job)):
        output.print_message(f"The nearest model of the catalogue is {meant}")
    await forget_told(history, job)
    return exit_status(job)


async def print_stored_job(history: History, job: Job, *, as_json: bool, on_line: bool = False) -> None:
    """Reads the documents of a job from the history and prints the job."""
    print_job(job, await history.read(lambda store: store.body(job.id)), as_json=as_json, on_line=on_line)


def print_with_kin(store: Store, job: Job, *, as_json: bool, on_line: bool = False) -> None:
    """Prints a job as `print_job` does, and the jobs that it was made from and used in."""
    from faldeck.app import lineage

    kin = lineage.of_job(store, job)
    if as_json:
        used_in = {"used_in": [one.id for one in kin.children]} if kin.children else {}
        print_document(job, store.body(job.id), on_line=on_line, **used_in)
        return
    print_job(job, store.body(job.id), as_json=False)
    for words in lineage.lines(kin):
        output.print_text("  ".join(words))
    _print_other_contents(job)


def _print_other_contents(job: Job) -> None:
    from faldeck.app import wording

    for one in job.outputs:
        if problem := wording.other_content(one):
            output.print_message(f"{one.path}: {problem}")


def print_document(job: Job, body: Body, *, on_line: bool = False, **more: object) -> None:
    """Prints a job as one JSON object with `more` members, on several lines or on one."""
    (output.print_json_line if on_line else output.print_json)(document(job, body) | more)


def print_job(job: Job, body: Body, *, as_json: bool, on_line: bool = False) -> None:
    """Prints a job: one line and the reason if it failed, or one JSON object."""
    if as_json:
        print_document(job, body, on_line=on_line)
        return
    from faldeck.cli.progress import summary

    output.print_text(f"{job.id}  {job.endpoint_id}  {summary(job)}")
    if reason := failure_text(job):
        output.print_message(reason)


def result_lines(job: Job, body: Body) -> list[str]:
    """What a completed job made: the paths or URLs of its files, or else its text, or else its JSON."""
    if job.outputs:
        from faldeck.app import sharing

        return [sharing.place_of(one) for one in job.outputs]
    from faldeck.schema import results

    if texts := results.written(body.result, body.arguments):
        return [texts[0].text]
    return [json.dumps(body.result, indent=2)]


def _with_facts(job: Job, places: list[str]) -> list[str]:
    """The places of a job's files, each with its size, the job's time and its cost, for a person at a terminal.

    The cost of several files is that of all.
    """
    from faldeck.app import wording

    took = wording.duration(job.seconds(job.completed_at)) if job.completed_at else ""
    cost = wording.cost(job.cost)
    if cost and cost != "free" and len(places) > 1:
        cost = f"{cost} for all {len(places)}"
    facts = (" · ".join(filter(None, (wording.dimensions(one), took, cost))) for one in job.outputs)
    return [f"{place}  {fact}".rstrip() for place, fact in zip(places, facts, strict=True)]


def failure_text(job: Job) -> str:
    """Why a job has no result, or not all its files, as sentences. Empty if all is well or still under way."""
    match job.state:
        case State.FAILED if job.error:
            return f"The job failed: {job.error.message}"
        case State.EXPIRED if job.error:
            return f"{job.error.message} `faldeck adopt {job.endpoint_id} {job.request_id}` asks for it again."
        case State.DISMISSED:
            return job.notice
        case State.CANCELLED:
            return "The job was cancelled."
        case State.UNCONFIRMED:
            return f"{job.notice} It is not sent again by itself."
    failed = [one for one in job.outputs if one.state is FileState.FAILED]
    if not failed:
        return ""
    from faldeck.app import sharing, wording

    # A problem may be a sentence of ours, or a few words of the service.
    reasons = ((one, (one.problem or "").removesuffix(".")) for one in failed)
    sentences = [f"{sharing.place_of(one)} was not saved: {reason}." for one, reason in reasons]
    sentences.append(f"`{wording.faldeck_command(job.profile)} result {job.id} --download` tries again.")
    return "\n".join(sentences)


_STATUS_BY_STATE = {
    State.COMPLETED: ExitStatus.DONE,
    State.EXPIRED: ExitStatus.NOT_FOUND,
    State.UNCONFIRMED: ExitStatus.NO_ANSWER,
    State.SUBMITTING: ExitStatus.NO_ANSWER,
    State.QUEUED: ExitStatus.NO_ANSWER,
    State.RUNNING: ExitStatus.NO_ANSWER,
}
_STATUS_BY_HTTP_STATUS = {401: ExitStatus.REFUSED, 403: ExitStatus.REFUSED, 404: ExitStatus.NOT_FOUND}


def exit_status(job: Job) -> ExitStatus:
    """The exit status of a command that wanted the result of this job."""
    # Without a time of sending it was refused before the model; a status of the model's own says nothing of the key.
    is_refused = job.state is State.FAILED and job.request_id is None and job.submitted_at is None
    if is_refused and job.error and job.error.status:
        return _STATUS_BY_HTTP_STATUS.get(job.error.status, ExitStatus.FAILED)
    if any(one.state is FileState.FAILED for one in job.outputs):
        return ExitStatus.FAILED
    return _STATUS_BY_STATE.get(job.state, ExitStatus.FAILED)
