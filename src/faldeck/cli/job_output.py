"""What a job came to, as a command's data and exit status."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output
from faldeck.engine import transitions
from faldeck.history.export import document
from faldeck.job import Body, FileState, Job, Output, State

if TYPE_CHECKING:
    from faldeck.app.catalogue import Catalogue
    from faldeck.cli.progress import TextPrinter
    from faldeck.history import History


async def print_result(
    history: History, job: Job, *, as_json: bool, speech: TextPrinter | None = None, catalogue: Catalogue | None = None
) -> ExitStatus:
    """Prints what a command that wanted the job done has to say, and gives its exit status.

    What `speech` has said already is not printed again. Where there was no such model, `catalogue` names the nearest.
    """
    body, logs = await history.read(lambda store: (store.body(job.id), store.logs(job.id, newest=2)))
    is_said = speech is not None and speech.end(body)
    if as_json:
        output.print_json(document(job, body))
    elif job.state is State.COMPLETED and (job.outputs or not is_said):
        output.print_text("\n".join(result_lines(job, body)))
    if reason := failure_text(job):
        output.print_message(reason)
    if transitions.ANSWERS_DIRECTLY in logs:
        output.print_message(transitions.ANSWERS_DIRECTLY.message)
    if catalogue and (meant := catalogue.meant_by(job)):
        output.print_message(f"The nearest model of the catalogue is {meant}")
    return exit_status(job)


async def print_stored_job(history: History, job: Job, *, as_json: bool) -> None:
    """Prints a job as it is, for a command that only asks."""
    print_job(job, await history.read(lambda store: store.body(job.id)), as_json=as_json)


def print_job(job: Job, body: Body, *, as_json: bool) -> None:
    """The same with the job's documents at hand."""
    if as_json:
        output.print_json(document(job, body))
        return
    from faldeck.cli.progress import summary

    output.print_text(f"{job.id}  {job.endpoint_id}  {summary(job)}")
    if reason := failure_text(job):
        output.print_message(reason)


def result_lines(job: Job, body: Body) -> list[str]:
    """What a completed job made: its files' paths (URLs where they are not here), else its text, else its JSON."""
    if job.outputs:
        return [output_location(one) for one in job.outputs]
    from faldeck.schema import results

    if texts := results.written(body.result, body.arguments):
        return [texts[0].text]
    return [json.dumps(body.result, indent=2)]


def failure_text(job: Job) -> str:
    """Why a job has not come to what was wanted, as sentences; empty where it has, or may yet."""
    lost = [
        f"{output_location(one)} was not saved: {one.problem}" for one in job.outputs if one.state is FileState.FAILED
    ]
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
            return f"{job.notice} Nothing is sent again by itself."
    if lost:
        from faldeck.cli import follow

        lost.append(f"`{follow.faldeck_command(job.profile)} result {job.id} --download` tries again.")
    return "\n".join(lost)


def output_location(one: Output) -> str:
    """Where an output is: its path on this machine, else its URL, else where in the result its bytes are."""
    if one.state is FileState.SAVED and one.path and os.path.exists(one.path):
        return one.path
    return one.url or f"{one.at} in the result"


_BY_STATE = {
    State.COMPLETED: ExitStatus.DONE,
    State.EXPIRED: ExitStatus.NOT_FOUND,
    State.UNCONFIRMED: ExitStatus.NO_ANSWER,
    State.SUBMITTING: ExitStatus.NO_ANSWER,
    State.QUEUED: ExitStatus.NO_ANSWER,
    State.RUNNING: ExitStatus.NO_ANSWER,
}
_BY_HTTP_STATUS = {401: ExitStatus.REFUSED, 403: ExitStatus.REFUSED, 404: ExitStatus.NOT_FOUND}


def exit_status(job: Job) -> ExitStatus:
    """The exit status of a command that wanted this job done."""
    if job.state is State.FAILED and job.request_id is None and job.error and job.error.status:
        return _BY_HTTP_STATUS.get(job.error.status, ExitStatus.FAILED)
    if any(one.state is FileState.FAILED for one in job.outputs):
        return ExitStatus.FAILED
    return _BY_STATE.get(job.state, ExitStatus.FAILED)
