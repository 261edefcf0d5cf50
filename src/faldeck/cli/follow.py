"""Waits for jobs and prints them. If the waiting ends early, the jobs go on, and the person is told how to return.

`wait_until` follows one job, `wait_for_jobs` prints several as they end.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple, Protocol

from faldeck.app import wording
from faldeck.app.exit_status import CommandError, CommandInterrupted, ExitStatus
from faldeck.app.session import Session
from faldeck.cli import job_output, output
from faldeck.cli.progress import JobProgress, ProgressCount, StatusLine, TextPrinter, stable_summary
from faldeck.engine.events import Event, Trouble, WriteFailed
from faldeck.engine.purge import forget_told
from faldeck.history import HistoryError, Store
from faldeck.history.export import document
from faldeck.job import FileState, Job, State
from faldeck.query import LIVE

STALL_SECONDS = 30.0
"""How long a command waits for a file that receives no data."""

FILE_CHECK_SECONDS = 0.5
"""How often the files are checked for new data."""

HISTORY_CHECK_SECONDS = 0.3
"""How often the history is read for changed jobs."""


class ResumeHint(NamedTuple):
    """Tells the person how to go on after a command stops waiting."""

    text: str
    command: str | None = None

    def __str__(self) -> str:
        return f"{self.text}: {self.command}" if self.command else self.text

    def error(self, reason: str, status: ExitStatus) -> CommandError:
        """The error that ends the command, with this hint behind the reason."""
        return CommandError(f"{reason} {self}", status, hint=self.command)


def resume_hint(job: Job) -> ResumeHint:
    """How to return to one job. A direct call that has no request id cannot be found again."""
    if job.mode.is_direct and job.request_id is None:
        return ResumeHint("A direct call is lost with its connection; without --sync and --stream it would go on.")
    return ResumeHint(
        "The job goes on; get it back with", f"{wording.faldeck_command(job.profile)} status {job.id} --follow"
    )


def is_done(job: Job) -> bool:
    """True if the job has ended and its files are saved."""
    return not job.is_open


def is_sent(job: Job) -> bool:
    """True if the service has the request, or will never get it."""
    return job.state is not State.SUBMITTING


def can_detach(job: Job) -> bool:
    """True if the job needs this process no more. A direct call is lost with its connection, so it must end first."""
    return is_done(job) if job.mode.is_direct else is_sent(job)


def only_files_left(job: Job) -> bool:
    """True if the job has ended and some of its files are still to be fetched."""
    return job.is_open and not job.state.is_followed and not job.looking_up


class StallDetector:
    """Finds jobs whose files receive no data, no matter which process fetches them."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[object, float]] = {}

    def is_stalled(self, job: Job) -> bool:
        """True if the job's files have received no data for `STALL_SECONDS`. Must be called repeatedly."""
        if not only_files_left(job):
            return False
        from faldeck.engine import output_files

        received = tuple((one.state, output_files.part_bytes(one.path) if one.path else 0) for one in job.outputs)
        last, since = self._seen.get(job.id, (None, 0.0))
        if received != last:
            self._seen[job.id] = received, time.monotonic()
            return False
        return time.monotonic() - since >= STALL_SECONDS


def missing_files_message(job: Job) -> str:
    """Which files of a job are missing and how to fetch them, as sentences."""
    missing = [one.url or one.at for one in job.outputs if one.state in (FileState.WAITING, FileState.FETCHING)]
    reason = wording.notice(job, with_next_try=False) or "no data arrives"
    fetch = f"`{wording.faldeck_command(job.profile)} result {job.id} --download`"
    return "\n".join(f"{url} has not been fetched ({reason}). {fetch} tries again." for url in missing)


async def wait_until(
    condition: Callable[[Job], bool],
    session: Session,
    job: Job,
    *,
    seconds: float | None = None,
    logs: bool = False,
    printer: TextPrinter | None = None,
) -> Job:
    """Follows a job until the condition is true, and returns it. With a `printer` no status line is shown.

    After the job has ended, it returns as soon as no file receives data any more; missing files are reported.
    Raises CommandError after `seconds`, and if the key is refused, nothing can be sent or the disk is full.
    """
    shown = job
    async with attach_job(session, job.id):
        async with (
            _withdrawing_unsent(session, lambda: shown),
            time_limit(session, seconds, resume_hint(job), lambda: _withdraw(session, job)),
            StatusLine(is_wanted=printer is None) as line,
        ):
            progress, stall = JobProgress(session.history, line, logs=logs), StallDetector()
            async for snapshot in _until_stalled(session.supervisor.follow(job.id), stall):
                shown = snapshot
                if stall.is_stalled(snapshot):
                    line.clear()
                    output.print_message(missing_files_message(snapshot))
                    return snapshot
                await progress.show(snapshot)
                if printer:
                    await printer.show(snapshot)
                if condition(snapshot):
                    return snapshot
                if snapshot.waiting and snapshot.waits_for_key:
                    raise resume_hint(job).error(snapshot.waiting.reason, ExitStatus.REFUSED)
                if snapshot.is_offline and not is_sent(snapshot):
                    await session.supervisor.withdraw(snapshot)
                    break
            else:
                raise CommandError(f"The job {job.id} was deleted from the history.", ExitStatus.NOT_FOUND)
        raise CommandError("There is no connection to the service, so nothing was sent.", ExitStatus.NO_ANSWER)


async def _until_stalled(snapshots: AsyncIterator[Job], stall: StallDetector) -> AsyncIterator[Job]:
    """The snapshots of a job. Repeats the last one when its files have stalled."""
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
            elif last is not None and stall.is_stalled(last):
                yield last
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming


@asynccontextmanager
async def attach_job(session: Session, job_id: str) -> AsyncIterator[None]:
    """Adds the job to every CommandError raised inside, so that `--json` can print it."""
    try:
        yield
    except CommandError as error:
        with suppress(HistoryError):  # If the history itself fails, the sentence alone must do.
            error.job = await session.history.read(lambda store: _document(store, job_id))
        raise


def _document(store: Store, job_id: str) -> dict[str, object] | None:
    job = store.job(job_id)
    return document(job, store.body(job_id)) if job else None


async def _withdraw(session: Session, job: Job) -> ResumeHint:
    """Withdraws a job that was not sent yet and tells it; else tells how to return to the job."""
    if await session.supervisor.withdraw(job):
        return ResumeHint("It was not sent, so nothing was paid.")
    return resume_hint(job)


@asynccontextmanager
async def _withdrawing_unsent(session: Session, shown: Callable[[], Job]) -> AsyncIterator[None]:
    """When the time is up before the request was sent, withdraws it, so that no other process sends it later."""
    try:
        yield
    except CommandError as error:
        if error.status is not ExitStatus.NO_ANSWER or is_sent(shown()):
            raise
        stored = await session.history.read_settled(lambda store: store.job(shown().id))
        if stored is not None and stored.state.is_final:  # It has been withdrawn, and the error says so.
            raise
        if not await session.supervisor.withdraw(shown()):
            raise
        notice = wording.notice(shown(), with_next_try=False)
        reason = f": {notice}" if notice else ""
        raise CommandError(
            f"It could not be sent in time, so nothing was paid{reason}.", ExitStatus.NO_ANSWER
        ) from None


@asynccontextmanager
async def time_limit(
    session: Session,
    seconds: float | None,
    resume: ResumeHint,
    withdraw: Callable[[], Awaitable[ResumeHint]] | None = None,
) -> AsyncIterator[None]:
    """Stops what is inside after `seconds`, or when jobs can no longer be followed here.

    Raises CommandError then, and CommandInterrupted on Ctrl-C; `resume` tells how to go on. After Ctrl-C `withdraw`
    ends what was not sent, and may tell something else.
    """
    troubles: list[str] = []
    try:
        async with asyncio.timeout(seconds) as limit:

            def handle(event: Event) -> None:
                match event:
                    case Trouble(sentence):
                        troubles.append(sentence)
                        limit.reschedule(0)
                    case WriteFailed(sentence):  # The results are saved as soon as there is room.
                        output.print_message(sentence)

            with session.supervisor.events.subscribe(handle):
                yield
    except TimeoutError:
        if troubles:
            raise resume.error(troubles[0], ExitStatus.FAILED) from None
        raise resume.error(f"Not done after {seconds:g} seconds.", ExitStatus.NO_ANSWER) from None
    except asyncio.CancelledError:
        if withdraw:
            with suppress(HistoryError):  # Without the history the usual words must do.
                resume = await withdraw()
        # Print it at once: a second Ctrl-C would end the process before it.
        output.print_message(str(resume))
        raise CommandInterrupted(resume.command) from None


class JobSource(Protocol):
    """Gives `wait_for_jobs` more jobs while it waits."""

    @property
    def pending(self) -> int:
        """How many jobs are still to come."""

    async def more(self, active: int) -> Collection[str]:
        """The ids of further jobs; `active` is how many are being waited for."""

    async def is_replaced(self, job_id: str) -> bool:
        """True if another job will take the place of one that has ended; that one is then not printed."""


class WaitOptions(NamedTuple):
    """How to wait for several jobs, and how to print them."""

    resume: ResumeHint
    """How to go on if the waiting ends early."""
    as_json: bool = False
    seconds: float | None = None
    """How long to wait; None for no limit."""
    first_only: bool = False
    """Return after the first job that ends."""
    only_sent: bool = False
    """Wait only until the service has each request, and print its request id."""
    withdraw: Callable[[], Awaitable[ResumeHint]] | None = None
    """Ends what was not sent after Ctrl-C; see `time_limit`."""


async def wait_for_jobs(
    session: Session, job_ids: Collection[str], options: WaitOptions, source: JobSource | None = None
) -> ExitStatus:
    """Prints each job as it ends and returns the worst exit status. `source` can add jobs.

    Raises CommandError when the time is up, or when all jobs left wait for a key or for a network.
    """
    status, watched, stall = ExitStatus.DONE, set(job_ids), StallDetector()
    count = ProgressCount(len(watched) + (source.pending if source else 0))
    start = time.monotonic()
    async with time_limit(session, options.seconds, options.resume, options.withdraw), StatusLine() as line:
        while True:
            watched |= set(await source.more(len(watched)) if source else ())
            if not watched:
                return status
            line.show(count.text(len(watched), time.monotonic() - start))
            # Wait before the first check: jobs that waited for a key are asked about again first.
            await asyncio.sleep(HISTORY_CHECK_SECONDS)
            unfinished = await _unfinished(session)
            if options.only_sent:
                unfinished = {job_id: job for job_id, job in unfinished.items() if not can_detach(job)}
            for job_id in sorted(watched & unfinished.keys()):
                if stall.is_stalled(unfinished[job_id]):
                    line.clear()
                    output.print_message(missing_files_message(unfinished.pop(job_id)))
            for job_id in sorted(watched - unfinished.keys()):
                if source and await source.is_replaced(job_id):
                    continue
                line.clear()
                job_status = await _print_ended(session, job_id, options)
                count.add(is_good=job_status is ExitStatus.DONE)
                status = max(status, job_status)
                if options.first_only:
                    return status
            watched &= unfinished.keys()
            raise_if_stuck([unfinished[job_id] for job_id in watched], session.gateways.usable(), options.resume)


async def _unfinished(session: Session) -> dict[str, Job]:
    jobs = await session.history.read(lambda store: store.page(LIVE, limit=-1))
    return {job.id: job for job in jobs}


async def print_update(session: Session, job: Job, *, as_json: bool) -> None:
    """Prints a job among others, as it is now: one line, or a line for each file once it is completed."""
    body = await session.history.read(lambda store: store.body(job.id))
    if as_json:
        output.print_json_line(document(job, body))
    elif job.is_open:
        output.print_text(f"{job.id}  {stable_summary(job)}")
    else:
        is_completed = job.state is State.COMPLETED
        lines = job_output.result_lines(job, body) if is_completed else [job_output.failure_text(job)]
        output.print_text("\n".join(f"{job.id}  {job.state}  {line}" for line in lines))
    sys.stdout.flush()  # A program that reads the output wants each job at once.


async def _print_ended(session: Session, job_id: str, options: WaitOptions) -> ExitStatus:
    """Prints a job that has ended or was sent, and returns its exit status."""
    job = await session.history.read(lambda store: store.job(job_id))
    if job is None:
        return ExitStatus.DONE
    is_request = options.only_sent and job.request_id is not None
    if is_request and not options.as_json:
        output.print_text(str(job.request_id))
        sys.stdout.flush()
    else:
        await print_update(session, job, as_json=options.as_json)
        await forget_told(session.history, job)
    return ExitStatus.DONE if is_request else job_output.exit_status(job)


def raise_if_stuck(jobs: Sequence[Job], usable: Collection[str], resume: ResumeHint) -> None:
    """Raises CommandError if every job waits for a key, or for a network. `usable` are the profiles with a key."""
    if jobs and all(job.waits_for_key or job.profile not in usable for job in jobs):
        profiles = sorted({job.profile for job in jobs})
        raise resume.error(
            f"{len(jobs)} unfinished jobs wait for a good key of {', '.join(profiles)}.", ExitStatus.REFUSED
        )
    to_send = [job for job in jobs if not job.looking_up]
    if to_send and all(job.is_offline and not is_sent(job) for job in to_send):
        raise resume.error("There is no connection to the service, so nothing more is sent.", ExitStatus.NO_ANSWER)
