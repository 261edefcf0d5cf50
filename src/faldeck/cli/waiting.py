"""Waits for jobs. However the waiting ends, they go on at the service, and the person learns how to get them back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from faldeck.cli import output
from faldeck.cli.exits import Exit, Interrupted, Stop
from faldeck.cli.progress import Progress
from faldeck.cli.reach import Engine
from faldeck.cli.speech import Speech
from faldeck.cli.statusline import StatusLine
from faldeck.engine import verdicts
from faldeck.history import HistoryError, Store
from faldeck.history.transfer import document
from faldeck.job import Job, Keeping, State

FILES_SECONDS = 30.0
"""For so long a command waits for a file of which no byte comes."""

GLANCE_SECONDS = 0.5
"""How often it is looked whether bytes have come."""


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


def waits_for_files(job: Job) -> bool:
    """Whether nothing is left to do but to fetch its files."""
    return job.is_open and not job.state.is_followed and not job.sought


class FileClock:
    """Finds the jobs of whose files nothing comes, whichever process fetches them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[object, float]] = {}

    def has_stopped(self, job: Job) -> bool:
        """Whether no byte of the job's files has come for `FILES_SECONDS`; to be asked again and again."""
        if not waits_for_files(job):
            return False
        from faldeck.engine import outputs

        come = tuple((one.state, outputs.part_bytes(one.path) if one.path else 0) for one in job.outputs)
        last, since = self._seen.get(job.id, (None, 0.0))
        if come != last:
            self._seen[job.id] = come, time.monotonic()
            return False
        return time.monotonic() - since >= FILES_SECONDS


def missing(job: Job) -> str:
    """Which files of a job have not come and how to fetch them, as sentences."""
    left = [one.url or one.at for one in job.outputs if one.state in (Keeping.WAITING, Keeping.FETCHING)]
    why = verdicts.lasting(job.notice) or "nothing comes"
    fetch = f"`{command(job.profile)} result {job.id} --download`"
    return "\n".join(f"{url} has not been fetched ({why}). {fetch} tries again." for url in left)


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

    A job that has ended is not waited for any longer than something of its files comes; which are missing is told.
    Raises Stop where none comes in so many `seconds`, the key is refused, nothing can be sent, or the disk refuses.
    """
    shown = job
    async with (
        about(engine, job.id),
        _withdrawing(engine, lambda: shown),
        patience(engine, seconds, way_back(job)),
        StatusLine(is_wanted=speech is None) as line,
    ):
        progress, clock = Progress(engine.history, line, logs=logs), FileClock()
        async for snapshot in _ticking(engine.supervisor.follow(job.id), clock):
            shown = snapshot
            if clock.has_stopped(snapshot):
                line.clear()
                output.note(missing(snapshot))
                return snapshot
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


async def _ticking(snapshots: AsyncIterator[Job], clock: FileClock) -> AsyncIterator[Job]:
    """The snapshots of a job; the last one again where nothing comes of its files any more."""
    coming: asyncio.Future[Job | None] | None = None
    last: Job | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(snapshots, None))
            is_timed = last is not None and waits_for_files(last)
            await asyncio.wait((coming,), timeout=GLANCE_SECONDS if is_timed else None)
            if coming.done():
                last, coming = coming.result(), None
                if last is None:
                    return
                yield last
            elif last is not None and clock.has_stopped(last):
                yield last
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming


@asynccontextmanager
async def about(engine: Engine, job_id: str) -> AsyncIterator[None]:
    """Gives every Stop from inside the job that it is about, as it is by then, for whoever reads JSON."""
    try:
        yield
    except Stop as stop:
        with suppress(HistoryError):  # Where the history is the trouble, the sentence alone has to do.
            stop.job = await engine.history.read(lambda store: _document(store, job_id))
        raise


def _document(store: Store, job_id: str) -> dict[str, object] | None:
    job = store.job(job_id)
    return document(job, store.body(job_id)) if job else None


@asynccontextmanager
async def _withdrawing(engine: Engine, shown: Callable[[], Job]) -> AsyncIterator[None]:
    """Where a command gives up on a job that waits to be sent, it is not sent by another one later, unseen."""
    try:
        yield
    except Stop as end:
        if end.status is not Exit.NO_ANSWER or is_sent(shown()):
            raise
        await engine.supervisor.withdraw(shown())
        kept = await engine.history.read(lambda store: store.job(shown().id))
        if kept is None or kept.submitted_at is not None:
            raise
        why = f": {verdicts.lasting(shown().notice)}" if shown().notice else ""
        raise Stop(f"It could not be sent in time, so nothing was paid{why}.", Exit.NO_ANSWER) from None


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
            engine.supervisor.on_full = output.note  # What was learned is written as soon as there is room.
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
