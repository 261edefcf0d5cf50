"""Waits for jobs. However the waiting ends, they go on at the service, and the person learns how to get them back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from faldeck.cli import output
from faldeck.cli.exits import Exit, Interrupted, Stop
from faldeck.cli.progress import Progress
from faldeck.cli.reach import Engine
from faldeck.cli.speech import Speech
from faldeck.cli.statusline import StatusLine
from faldeck.engine import verdicts
from faldeck.job import Job, State


class Back(NamedTuple):
    """How a person goes on with what is not waited for any more."""

    words: str
    command: str | None = None

    def __str__(self) -> str:
        return f"{self.words}: {self.command}" if self.command else self.words

    def stop(self, why: str, status: Exit) -> Stop:
        """The end of a command that waited, with the command that goes on."""
        return Stop(f"{why} {self}", status, hint=self.command)


def is_over(job: Job) -> bool:
    """Whether nothing is left to do: it ended, and its files are here."""
    return not job.is_open


def is_sent(job: Job) -> bool:
    """Whether the service has the request, or never will."""
    return job.state is not State.SUBMITTING


async def until(
    wanted: Callable[[Job], bool],
    engine: Engine,
    job: Job,
    *,
    seconds: float | None = None,
    logs: bool = False,
    speech: Speech | None = None,
) -> Job:
    """The job's first snapshot that is `wanted`; `speech` takes the place of the line that tells how far it is.

    Raises Stop where none comes in so many `seconds`, the key is refused, nothing can be sent, or the disk refuses.
    """
    async with patience(engine, seconds, way_back(job)), StatusLine(is_wanted=speech is None) as line:
        progress = Progress(engine.history, line, logs=logs)
        async for snapshot in engine.supervisor.follow(job.id):
            await progress.show(snapshot)
            if speech:
                await speech.show(snapshot)
            if wanted(snapshot):
                return snapshot
            if verdicts.is_paused(snapshot):
                raise way_back(job).stop(snapshot.notice.removeprefix(verdicts.PAUSED), Exit.REFUSED)
            if verdicts.is_offline(snapshot) and not is_sent(snapshot):
                await engine.supervisor.withdraw(snapshot)
                raise Stop("There is no connection to the service, so nothing was sent.", Exit.NO_ANSWER)
    raise Stop(f"The job {job.id} has gone from the history.", Exit.NOT_FOUND)


def can_be_left(job: Job) -> bool:
    """Whether it goes on without this process, or has nothing left to do; a direct call is lost with its connection."""
    return is_over(job) if job.mode.is_direct else is_sent(job)


@asynccontextmanager
async def patience(engine: Engine, seconds: float | None, back: Back) -> AsyncIterator[None]:
    """Lets what is inside go on for so many `seconds`, and no longer than jobs can be followed here.

    Raises Stop then, and Interrupted where it is told to end. However it ends early, `back` tells how to go on.
    """
    troubles: list[str] = []
    try:
        async with asyncio.timeout(seconds) as limit:

            def give_up(trouble: str) -> None:
                troubles.append(trouble)
                limit.reschedule(0)

            engine.supervisor.on_problem = give_up
            engine.supervisor.on_refusal = lambda sentence: None  # The rows say it.
            yield
    except TimeoutError:
        if troubles:
            raise back.stop(troubles[0], Exit.FAILED) from None
        raise back.stop(f"No end in {seconds:g} seconds.", Exit.NO_ANSWER) from None
    except asyncio.CancelledError:
        # At once: a second Ctrl-C leaves no time for it.
        output.note(str(back))
        raise Interrupted(back.command) from None


def way_back(job: Job) -> Back:
    """How to get a job back, or that it cannot be had."""
    if job.mode.is_direct and job.request_id is None:
        return Back("A direct call is lost with its connection; without --sync and --stream it would go on.")
    return Back("The job goes on; get it back with", f"{command(job.profile)} status {job.id} --follow")


def command(profile: str) -> str:
    """How faldeck is called to speak to this profile's service."""
    return "faldeck --demo" if profile == "demo" else "faldeck"
