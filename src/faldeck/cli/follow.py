"""Waits for jobs. However the waiting ends, they go on at the service, and the person learns how to get them back."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple, Protocol

from faldeck.app.exit_status import CommandError, CommandInterrupted, ExitStatus
from faldeck.cli import job_output, output
from faldeck.cli.context import Engine
from faldeck.cli.progress import JobProgress, ProgressCount, StatusLine, TextPrinter, standing
from faldeck.engine import transitions
from faldeck.history import HistoryError, Query, Store
from faldeck.history.export import document
from faldeck.job import FileState, Job, State, id_text

STALL_SECONDS = 30.0
"""For so long a command waits for a file of which no byte comes."""

FILE_CHECK_SECONDS = 0.5
"""How often it is looked whether bytes have come."""


class ResumeHint(NamedTuple):
    """How a person goes on with what is not waited for any more."""

    words: str
    command: str | None = None

    def __str__(self) -> str:
        return f"{self.words}: {self.command}" if self.command else self.words

    def stop(self, why: str, status: ExitStatus) -> CommandError:
        """The end of a command that waited, with the command that goes on."""
        return CommandError(f"{why} {self}", status, hint=self.command)


def is_done(job: Job) -> bool:
    """Whether nothing is left to do: it ended, and its files are here."""
    return not job.is_open


def only_files_left(job: Job) -> bool:
    """Whether nothing is left to do but to fetch its files."""
    return job.is_open and not job.state.is_followed and not job.sought


class StallDetector:
    """Finds the jobs of whose files nothing comes, whichever process fetches them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[object, float]] = {}

    def has_stopped(self, job: Job) -> bool:
        """Whether no byte of the job's files has come for `STALL_SECONDS`; to be asked again and again."""
        if not only_files_left(job):
            return False
        from faldeck.engine import output_files

        come = tuple((one.state, output_files.part_bytes(one.path) if one.path else 0) for one in job.outputs)
        last, since = self._seen.get(job.id, (None, 0.0))
        if come != last:
            self._seen[job.id] = come, time.monotonic()
            return False
        return time.monotonic() - since >= STALL_SECONDS


def missing_files_message(job: Job) -> str:
    """Which files of a job have not come and how to fetch them, as sentences."""
    left = [one.url or one.at for one in job.outputs if one.state in (FileState.WAITING, FileState.FETCHING)]
    why = transitions.lasting(job.notice) or "nothing comes"
    fetch = f"`{faldeck_command(job.profile)} result {job.id} --download`"
    return "\n".join(f"{url} has not been fetched ({why}). {fetch} tries again." for url in left)


def is_sent(job: Job) -> bool:
    """Whether the service has the request, or never will."""
    return job.state is not State.SUBMITTING


async def wait_until(
    wanted: Callable[[Job], bool],
    engine: Engine,
    job: Job,
    *,
    seconds: float | None = None,
    logs: bool = False,
    speech: TextPrinter | None = None,
) -> Job:
    """The job's first snapshot that is `wanted`; `speech` takes the place of the line that tells how far it is.

    A job that has ended is not waited for any longer than something of its files comes; which are missing is told.
    Raises CommandError after `seconds`, and when the key is refused, nothing can be sent or the disk is full.
    """
    shown = job
    async with attach_job(engine, job.id):
        async with (
            _withdrawing(engine, lambda: shown),
            time_limit(engine, seconds, resume_hint(job)),
            StatusLine(is_wanted=speech is None) as line,
        ):
            progress, clock = JobProgress(engine.history, line, logs=logs), StallDetector()
            async for snapshot in _ticking(engine.supervisor.follow(job.id), clock):
                shown = snapshot
                if clock.has_stopped(snapshot):
                    line.clear()
                    output.print_message(missing_files_message(snapshot))
                    return snapshot
                await progress.show(snapshot)
                if speech:
                    await speech.show(snapshot)
                if wanted(snapshot):
                    return snapshot
                if transitions.is_paused(snapshot):
                    raise resume_hint(job).stop(snapshot.notice.removeprefix(transitions.PAUSED), ExitStatus.REFUSED)
                if transitions.is_offline(snapshot) and not is_sent(snapshot):
                    await engine.supervisor.withdraw(snapshot)
                    break
            else:
                raise CommandError(f"The job {job.id} has gone from the history.", ExitStatus.NOT_FOUND)
        raise CommandError("There is no connection to the service, so nothing was sent.", ExitStatus.NO_ANSWER)


async def _ticking(snapshots: AsyncIterator[Job], clock: StallDetector) -> AsyncIterator[Job]:
    """The snapshots of a job; the last one again where nothing comes of its files any more."""
    coming: asyncio.Future[Job | None] | None = None
    last: Job | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(snapshots, None))
            is_timed = last is not None and only_files_left(last)
            await asyncio.wait((coming,), timeout=FILE_CHECK_SECONDS if is_timed else None)
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
async def attach_job(engine: Engine, job_id: str) -> AsyncIterator[None]:
    """Gives every CommandError from inside the job that it is about, as it is by then, for whoever reads JSON."""
    try:
        yield
    except CommandError as stop:
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
    except CommandError as end:
        if end.status is not ExitStatus.NO_ANSWER or is_sent(shown()):
            raise
        await engine.supervisor.withdraw(shown())
        kept = await engine.history.read(lambda store: store.job(shown().id))
        if kept is None or kept.submitted_at is not None:
            raise
        why = f": {transitions.lasting(shown().notice)}" if shown().notice else ""
        raise CommandError(f"It could not be sent in time, so nothing was paid{why}.", ExitStatus.NO_ANSWER) from None


def can_detach(job: Job) -> bool:
    """Whether it goes on without this process, or has nothing left to do; a direct call is lost with its connection."""
    return is_done(job) if job.mode.is_direct else is_sent(job)


@asynccontextmanager
async def time_limit(engine: Engine, seconds: float | None, back: ResumeHint) -> AsyncIterator[None]:
    """Lets what is inside go on for so many `seconds`, and no longer than jobs can be followed here.

    Raises CommandError then, and CommandInterrupted on Ctrl-C; `back` tells how to go on.
    """
    troubles: list[str] = []
    try:
        async with asyncio.timeout(seconds) as limit:

            def give_up(trouble: str) -> None:
                troubles.append(trouble)
                limit.reschedule(0)

            engine.supervisor.on_problem = give_up
            engine.supervisor.on_full = output.print_message  # What was learned is written as soon as there is room.
            engine.supervisor.on_refusal = lambda sentence: None  # The rows say it.
            yield
    except TimeoutError:
        if troubles:
            raise back.stop(troubles[0], ExitStatus.FAILED) from None
        raise back.stop(f"No end in {seconds:g} seconds.", ExitStatus.NO_ANSWER) from None
    except asyncio.CancelledError:
        # At once: a second Ctrl-C leaves no time for it.
        output.print_message(str(back))
        raise CommandInterrupted(back.command) from None


def resume_hint(job: Job) -> ResumeHint:
    """How to get a job back, or that it cannot be had."""
    if job.mode.is_direct and job.request_id is None:
        return ResumeHint("A direct call is lost with its connection; without --sync and --stream it would go on.")
    return ResumeHint("The job goes on; get it back with", f"{faldeck_command(job.profile)} status {job.id} --follow")


def faldeck_command(profile: str) -> str:
    """How faldeck is called to speak to this profile's service."""
    return "faldeck --demo" if profile == "demo" else "faldeck"


LOOK_SECONDS = 0.3
"""How often the history is looked at for jobs that have ended."""


class JobSource(Protocol):
    """Where jobs to be watched come from."""

    async def more(self, under_way: int) -> Collection[str]:
        """Further jobs, while so many are being watched."""

    async def is_replaced(self, job_id: str) -> bool:
        """Whether another job will come in the place of one that has ended, of which nothing is told then."""


async def wait_for_jobs(
    engine: Engine,
    job_ids: Collection[str],
    *,
    seconds: float | None,
    as_json: bool,
    back: ResumeHint,
    first_alone: bool = False,
    only_sent: bool = False,
    source: JobSource | None = None,
    total: int | None = None,
) -> ExitStatus:
    """Prints each of these jobs as it ends, or the first alone, and gives the worst of their exit statuses.

    With `only_sent` a job's end is that it can be left, and its request id is what is printed. `source` gives
    further jobs, again and again; in the end there are `total`. Raises CommandError after `seconds`, or where all that
    are left wait for a key or for a network to be sent; `back` tells how to go on.
    """
    status, watched, clock = ExitStatus.DONE, set(job_ids), StallDetector()
    tally, begun = ProgressCount(total or len(watched)), time.monotonic()
    async with time_limit(engine, seconds, back), StatusLine() as line:
        while True:
            watched |= set(await source.more(len(watched)) if source else ())
            if not watched:
                return status
            line.show(tally.words(len(watched), time.monotonic() - begun))
            # First, so that jobs which waited for a key are asked about once more before they are despaired of.
            await asyncio.sleep(LOOK_SECONDS)
            unfinished = await _unfinished(engine)
            if only_sent:
                unfinished = {name: job for name, job in unfinished.items() if not can_detach(job)}
            stopped = [
                unfinished.pop(name)
                for name in sorted(watched & set(unfinished))
                if clock.has_stopped(unfinished[name])
            ]
            for job in stopped:
                line.clear()
                output.print_message(missing_files_message(job))
            for job_id in sorted(watched - set(unfinished)):
                if source and await source.is_replaced(job_id):
                    continue
                line.clear()
                ending = await _report(engine, job_id, as_json, only_sent)
                tally.count(is_good=ending is ExitStatus.DONE)
                status = max(status, ending)
                if first_alone:
                    return status
            watched &= set(unfinished)
            raise_if_stuck([unfinished[job_id] for job_id in watched], engine.services.usable(), back)


async def _unfinished(engine: Engine) -> dict[str, Job]:
    jobs = await engine.history.read(lambda store: store.page(Query(live=True), limit=-1))
    return {job.id: job for job in jobs}


async def print_job(engine: Engine, job: Job, *, as_json: bool) -> None:
    """Prints a job as it is now: on a line, or one for each of its files once it is done."""
    body = await engine.history.read(lambda store: store.body(job.id))
    if as_json:
        output.print_json_line(document(job, body))
    elif job.is_open:
        output.print_text(f"{job.id}  {standing(job)}")
    else:
        made = job_output.result_lines(job, body) if job.state is State.COMPLETED else [job_output.failure_text(job)]
        output.print_text("\n".join(f"{job.id}  {job.state}  {line}" for line in made))
    sys.stdout.flush()  # Whoever reads along wants each when it happens.


async def _report(engine: Engine, job_id: str, as_json: bool, only_sent: bool) -> ExitStatus:
    """Prints one job that has ended, or has been sent, and gives the exit status it asks for."""
    job = await engine.history.read(lambda store: store.job(job_id))
    if job is None:
        return ExitStatus.DONE
    is_request = only_sent and job.request_id is not None
    if is_request and not as_json:
        output.print_text(str(job.request_id))
        sys.stdout.flush()
    else:
        await print_job(engine, job, as_json=as_json)
    return ExitStatus.DONE if is_request else job_output.exit_status(job)


def raise_if_stuck(jobs: Sequence[Job], usable: Collection[str], back: ResumeHint) -> None:
    """Raises CommandError if every job waits for a key, or for a network to be sent or looked for."""
    if jobs and all(transitions.is_paused(job) or job.profile not in usable for job in jobs):
        profiles = sorted({job.profile for job in jobs})
        raise back.stop(
            f"{len(jobs)} unfinished jobs wait for a good key of {', '.join(profiles)}.", ExitStatus.REFUSED
        )
    to_send = [job for job in jobs if not job.sought]
    if to_send and all(transitions.is_offline(job) and not is_sent(job) for job in to_send):
        raise back.stop("There is no connection to the service, so nothing more is sent.", ExitStatus.NO_ANSWER)


LOOK_SECONDS = 0.3
"""Changes that come within this time are told together."""


class JobUpdates(NamedTuple):
    """What has changed since the last time, and what is left."""

    changed: list[Job]
    """Oldest first; one that has ended is told of once."""
    unfinished: list[Job]


async def job_updates(engine: Engine) -> AsyncGenerator[JobUpdates, None]:
    """The unfinished jobs, and then, whenever one changes or comes, that one as it is now.

    While files are waited for there is news twice a second, with no change in it.
    """
    may_have_come = asyncio.Event()
    engine.supervisor.on_change = may_have_come.set
    newest = await engine.history.read(_newest)
    shown: dict[str, str] = {}
    while True:
        may_have_come.clear()
        jobs = await engine.history.read(partial(_of_interest, shown=set(shown), newest=newest))
        newest = max([newest, *(job.id for job in jobs)])
        unfinished = [job for job in jobs if job.is_open]
        changed = [job for job in jobs if not job.is_open or shown.get(job.id) != standing(job)]
        shown = {job.id: standing(job) for job in unfinished}
        yield JobUpdates(changed, unfinished)
        # What has come of a file is not in the history.
        patience = FILE_CHECK_SECONDS if any(map(only_files_left, unfinished)) else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await may_have_come.wait()
        await asyncio.sleep(LOOK_SECONDS)


def _newest(store: Store) -> str:
    newest = store.page(Query(), limit=1)
    return newest[0].id if newest else id_text(0)


def _of_interest(store: Store, *, shown: set[str], newest: str) -> list[Job]:
    """What is unfinished, what was so the last time, and what has come since: some jobs are done in no time."""
    live = store.page(Query(live=True), limit=-1)
    come = store.page(Query(), limit=-1, after=newest)
    jobs = {job.id: job for job in (*live, *come)}
    ended = (store.job(job_id) for job_id in shown - jobs.keys())
    return sorted([*jobs.values(), *(job for job in ended if job)], key=lambda job: job.id)
