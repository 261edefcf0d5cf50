"""The words for what both faces show: states, waits, durations, sizes, money, outcomes of actions."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from faldeck.job import FileState, Job, State, WaitingKind, now
from faldeck.money import price_text, usd_text
from faldeck.safety import sanitize

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for the time that its import takes.
    from decimal import Decimal

    from faldeck.app.job_actions import CancelOutcome, RefusalReason
    from faldeck.fal.values import Price
    from faldeck.history.job_lists import WiderCounts
    from faldeck.history.search_index import IndexingProgress
    from faldeck.history.stats import Sums
    from faldeck.job import Cost, Output, Waiting


# Money


def usd(amount: Decimal) -> str:
    """An amount in USD with the digits it needs: `$12.41`, `$0.0375`, `$0.00004`."""
    return f"${amount:,.2f}" if amount == 0 or amount >= 1 else f"${usd_text(amount)}"


def price(price: Price | None) -> str:
    """A model's price: `$0.025 / megapixel`; empty if it is unknown."""
    if price is None:
        return ""
    unit = sanitize.clean_line(price.unit, limit=30) or "unit"
    # A price is for one of `compute seconds`, but for a thousand of `1000 tokens`.
    return f"${price_text(price.unit_price)} / {unit if unit[0].isdigit() else unit.removesuffix('s')}"


def cost(cost: Cost | None) -> str:
    """The cost of a request, with a tilde while it is an estimate: `~$0.03`; empty if it is unknown."""
    if cost is None or cost.total_usd is None:
        return ""
    if cost.total_usd == 0:
        return "free"
    return f"{'~' if cost.is_estimate else ''}{usd(cost.total_usd)}"


def sums(sums: Sums) -> list[str]:
    """The sums of some jobs in brief: jobs, success rate, spent, median and 95th percentile of the time, bytes."""
    rate = "" if sums.success_rate is None else f"{math.floor(sums.success_rate * 100)} %"
    times = ("" if seconds is None else duration(seconds) for seconds in (sums.median_seconds, sums.p95_seconds))
    size = file_size(sums.size_bytes) if sums.size_bytes else ""
    return [f"{sums.jobs:,}", rate, f"${sums.spent_usd:,.2f}", *times, size]


# Sizes and times


def file_size(count: int) -> str:
    """A number of bytes: `812 B`, `1.2 MB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


def file_count(count: int, size_bytes: int) -> str:
    """A number of files and their size: `1 file (2 kB)`."""
    return f"{count:,} file{'' if count == 1 else 's'} ({file_size(size_bytes)})"


def duration(seconds: float) -> str:
    """A time span: `2.2s`, `0:41`, `1:02:03`, `2d 3h`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    if whole < 86_400:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 86_400}d {whole // 3600 % 24}h"


def short_duration(seconds: float) -> str:
    """A time span in five cells at most: `2.2s`, `0:41`, `1h02`, `2d 3h`, `12d`."""
    whole = int(seconds)
    if whole < 3600:
        return duration(seconds)
    if whole < 86_400:
        return f"{whole // 3600}h{whole // 60 % 60:02}"
    return f"{whole // 86_400}d {whole // 3600 % 24}h" if whole < 10 * 86_400 else f"{whole // 86_400}d"


def ago(at: datetime, today: datetime) -> str:
    """How long ago a moment was: `now`, `3 m`, `2 h`, `5 d`; from a week on the day: `Mar 04`, `2025-03`."""
    seconds = (today - at).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} m"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h"
    if seconds < 7 * 86_400:
        return f"{seconds // 86_400:.0f} d"
    local = at.astimezone()
    return local.strftime("%b %d" if local.year == today.astimezone().year else "%Y-%m")


def date(at: datetime, today: datetime) -> str:
    """A moment in the shortest clear form: `14:02` today, `Mar 04` this year, `2025-03-04` before."""
    local, today = at.astimezone(), today.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%b %d") if local.year == today.year else local.strftime("%Y-%m-%d")


# Jobs


def jobs(count: int) -> str:
    """A number of jobs: `1 job`, `1,204 jobs`."""
    return f"{count:,} job{'' if count == 1 else 's'}"


MOST_COUNTED = 10_000
"""If no job matches, at most this many jobs of wider filters are counted."""


def loosened(wider: WiderCounts) -> str:
    """Which term of a filter hides how many jobs, as a sentence."""

    def counted(count: int) -> str:
        return f"{count:,}" if count < MOST_COUNTED else f"{MOST_COUNTED:,} or more"

    hidden = ", ".join(f"without {term}: {counted(count)}" for term, count in wider.without.items())
    return f"Jobs {hidden}." if hidden else f"Jobs in all: {counted(wider.total)}."


def not_indexed(progress: IndexingProgress) -> str:
    """What a search does not find yet, as sentences."""
    if progress.is_of_import:
        missing = f"The words of {jobs(progress.total)} are not indexed yet, and are not found."
    else:
        missing = (
            f"{progress.done:,} of {progress.total:,} older jobs are indexed. Of the others, only the words of the"
            " input are found."
        )
    return f"{missing} The deck indexes them in the background, and each search some more."


def state(job: Job) -> str:
    """The job's state: the word that `--json` has, or `cancelling` while the service is asked to cancel it."""
    return "cancelling" if job.cancel_requested and job.state.is_followed else job.state.value


def state_with_place(job: Job) -> str:
    """The state, and for a queued job its place in the queue: `queued, 3 ahead`."""
    word = state(job)
    return f"{word}, {queue_place(job)}" if word == State.QUEUED and job.queue_position else word


def queue_place(job: Job) -> str:
    """The job's place in the queue: `3 ahead`."""
    return f"{job.queue_position} ahead"


def elapsed(job: Job) -> str:
    """How long the job has been going on, or how long it took in all; empty if its end is not known."""
    return "" if job.state is State.COMPLETED and not job.completed_at else duration(job.seconds(now()))


def model_name(endpoint_id: str) -> str:
    """An endpoint id without its owner, as lists show it."""
    return endpoint_id.partition("/")[2] or endpoint_id


def files(job: Job) -> str:
    """The job's files in brief: `1024×768 png ↓`, with an arrow once they are on disk."""
    if not job.outputs:
        return ""
    first = job.outputs[0]
    pixels = f"{first.width}×{first.height}" if first.width and first.height else ""
    # `svg` of svg+xml, `gltf` of gltf-binary, `wav` of x-wav.
    kind = (first.content_type or "").rpartition("/")[2].removeprefix("x-")
    for sign in ";+-":
        kind = kind.partition(sign)[0]
    count = f"{len(job.outputs)} files" if len(job.outputs) > 1 else ""
    return " ".join(part for part in (count, pixels, kind[:10], files_mark(job)) if part)


def dimensions(output: Output) -> str:
    """The size of an output: `1024×768` of a picture or a video, else of the file; empty if unknown."""
    if output.width and output.height:
        return f"{output.width}×{output.height}"
    return file_size(output.size_bytes) if output.size_bytes else ""


def files_mark(job: Job) -> str:
    """One character: `↓` the files are on disk, `✗` one could not be fetched, `…` they are being fetched."""
    states = {output.state for output in job.outputs}
    if states == {FileState.SAVED}:
        return "↓"
    return "✗" if FileState.FAILED in states else "…" if states and job.is_open else " "


def other_content(output: Output) -> str:
    """A sentence if the bytes of a saved output are something else than the service calls it; else empty."""
    return sanitize.clean_line(output.problem) if output.state is FileState.SAVED and output.problem else ""


def link_life(job: Job, output: Output, at: datetime) -> str:
    """How long the output's URL works, as far as that is known: `until Dec 3`, `gone since Dec 3`; else empty."""
    if output.url is None:
        return ""
    if output.gone_ms is not None:
        return f"gone since {_day(datetime.fromtimestamp(output.gone_ms / 1000, UTC), at)}"
    ends_at = job.links_end_at
    if ends_at is None:
        return ""
    return f"{'until' if ends_at > at else 'expired'} {_day(ends_at, at)}"


def _day(moment: datetime, at: datetime) -> str:
    """A day near or far: `14:02` on the same day, `Dec 3` in the same year, `Dec 3, 2027`."""
    local, present = moment.astimezone(), at.astimezone()
    if local.date() == present.date():
        return f"{local:%H:%M}"
    return f"{local:%b} {local.day}" + ("" if local.year == present.year else f", {local.year}")


def faldeck_command(profile: str) -> str:
    """The words that start faldeck with this profile's service."""
    return "faldeck --demo" if profile == "demo" else "faldeck"


# What came of an action


def cancel_outcome(outcome: CancelOutcome) -> str:
    """What came of asking the service to cancel a job, as sentences."""
    from faldeck.app.job_actions import CancelOutcome

    match outcome:
        case CancelOutcome.REQUESTED:
            return "The service was asked to cancel the job. Its state shows whether it does."
        case CancelOutcome.AFTER_SUBMIT:
            return "The job will be cancelled as soon as the service has answered."
        case CancelOutcome.NEVER_SENT:
            return "The request had not been sent, and will not be."
        case CancelOutcome.HAD_ENDED:
            return "It is too late: the job has ended already."
        case CancelOutcome.TOO_LATE:
            return "It is too late: the service has the result already."
        case CancelOutcome.NOT_FOUND:
            return "The service does not know this request."


def refusal(reason: RefusalReason) -> str:
    """Why an action does nothing with a job, as a sentence."""
    from faldeck.app.job_actions import RefusalReason

    match reason:
        case RefusalReason.INPUT_UNKNOWN:
            return "This request was made elsewhere and its input is not known, so it cannot be sent again or edited."
        case RefusalReason.NOT_UNCONFIRMED:
            return "This is only for jobs that are unconfirmed."


# Why a job makes no progress


def notice(job: Job, *, with_next_try: bool = True) -> str:
    """Why the job makes no progress, or a remark about its state; may be empty.

    Without `with_next_try`, the text does not change while the reason is the same.
    """
    return waiting(job.waiting, with_next_try=with_next_try) if job.waiting else job.notice


def waiting(wait: Waiting, *, with_next_try: bool = True) -> str:
    """Why a job waits: `offline, next try in 8 s`."""
    if wait.kind is WaitingKind.KEY_REFUSED:
        return f"paused: {wait.reason}"
    reason = "offline" if wait.kind is WaitingKind.OFFLINE else wait.reason
    if wait.next_try_at is None or not with_next_try:
        return reason
    seconds = (wait.next_try_at - now()).total_seconds()
    return f"{reason.rstrip('.')}, " + (f"next try in {pause(seconds)}" if seconds > 0 else "trying again")


def pause(seconds: float) -> str:
    """A pause in seconds, minutes or hours."""
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
