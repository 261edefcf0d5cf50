"""What a job came to, as a command's data and exit status."""

from __future__ import annotations

import json

from faldeck.cli import endings, output
from faldeck.cli.exits import Exit
from faldeck.cli.speech import Speech
from faldeck.history import History
from faldeck.history.transfer import document
from faldeck.job import Body, Job, Keeping, Output, State
from faldeck.schema import results


async def report(history: History, job: Job, *, as_json: bool, speech: Speech | None = None) -> Exit:
    """Prints what a command that wanted the job done has to say, and gives its exit status.

    What `speech` has said already is not printed again.
    """
    body = await history.read(lambda store: store.body(job.id))
    is_said = speech is not None and speech.end(body)
    if as_json:
        output.document(document(job, body))
    elif job.state is State.COMPLETED and (job.outputs or not is_said):
        output.text("\n".join(made(job, body)))
    if reason := why_not(job):
        output.note(reason)
    return endings.of(job)


async def show(history: History, job: Job, *, as_json: bool) -> None:
    """Prints a job as it is, for a command that only asks."""
    if as_json:
        output.document(document(job, await history.read(lambda store: store.body(job.id))))
        return
    from faldeck.cli.progress import summary

    output.text(f"{job.id}  {job.endpoint_id}  {summary(job)}")
    if reason := why_not(job):
        output.note(reason)


def made(job: Job, body: Body) -> list[str]:
    """What a completed job made: its files' paths (URLs where they are not here), else its text, else its JSON."""
    if job.outputs:
        return [place(one) for one in job.outputs]
    if texts := results.texts(body.result):
        return [texts[0].text]
    return [json.dumps(body.result, indent=2)]


def why_not(job: Job) -> str:
    """Why a job has not come to what was wanted, as sentences; empty where it has, or may yet."""
    lost = [f"{place(one)} was not saved: {one.problem}" for one in job.outputs if one.state is Keeping.FAILED]
    match job.state:
        case State.FAILED | State.EXPIRED if job.error:
            return f"The job failed: {job.error.message}"
        case State.CANCELLED:
            return "The job was cancelled."
        case State.UNCONFIRMED:
            return f"{job.notice} Nothing is sent again by itself."
    return "\n".join(lost)


def place(one: Output) -> str:
    """Where an output is: its path on this machine, else its URL, else where in the result its bytes are."""
    if one.state is Keeping.SAVED and one.path:
        return one.path
    return one.url or f"{one.at} in the result"
