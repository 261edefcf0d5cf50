"""How the states of jobs look: a glyph, a word and the name of a style, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from faldeck import job
from faldeck.job import Cost, FileState, Job, State
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from faldeck.fal.values import Price


def usd(amount: float) -> str:
    """An amount in USD with the digits it needs: `$12.41`, `$0.0375`, `$0.0004`."""
    if amount == 0 or amount >= 1:
        return f"${amount:,.2f}"
    return f"${job.usd_text(amount)}" if amount >= 0.0001 else "<$0.0001"


def price(known: Price | None) -> str:
    """A model's price: `$0.025 / megapixel`; nothing where it is not known."""
    if known is None:
        return ""
    unit = sanitize.clean_line(known.unit, limit=30) or "unit"
    # Of `compute seconds` one is meant, of `1000 tokens` a thousand.
    return f"${job.price_text(known.unit_price)} / {unit if unit[0].isdigit() else unit.removesuffix('s')}"


def cost(known: Cost | None) -> str:
    """A request's cost, with a tilde while it is an estimate; nothing where it is not known."""
    if known is None or known.total_usd is None:
        return ""
    if known.total_usd == 0:
        return "free"
    return f"{'~' if known.is_estimate else ''}{usd(known.total_usd)}"


def size(count: int) -> str:
    """A number of bytes: `812 B`, `1.2 MB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


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


def when(at: datetime, today: datetime) -> str:
    """A moment as briefly as it stays clear: `14:02` today, `Mar 04` this year, `2025-03-04` before."""
    local, today = at.astimezone(), today.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%b %d") if local.year == today.year else local.strftime("%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class Look:
    """What stands for a state."""

    glyph: str
    word: str
    style: str


LOOKS: Mapping[State, Look] = {
    State.SUBMITTING: Look("◌", "sending", "busy"),
    State.QUEUED: Look("○", "queued", "accent"),
    State.RUNNING: Look("●", "running", "busy"),
    State.COMPLETED: Look("✓", "done", "good"),
    State.FAILED: Look("✗", "failed", "bad"),
    State.CANCELLED: Look("⊘", "cancelled", "dim"),
    State.UNCONFIRMED: Look("?", "unsure", "busy"),
    State.DISMISSED: Look("–", "dismissed", "dim"),
    State.EXPIRED: Look("†", "expired", "dim"),
}

CANCELLING = Look("⊘", "cancelling", "busy")


def look(job: Job) -> Look:
    """What stands for the job's state now."""
    return CANCELLING if job.cancel_requested and job.state.is_followed else LOOKS[job.state]


def state_words(job: Job) -> str:
    """The state in a word, with the place in the queue: `queued #3`."""
    word = look(job).word
    return f"{word} #{job.queue_position}" if job.queue_position and word == "queued" else word


def model_name(endpoint_id: str) -> str:
    """An endpoint id without its owner, as lists show it."""
    return endpoint_id.partition("/")[2] or endpoint_id


def files(job: Job) -> str:
    """The job's files in brief: `1024×768 png ↓`, with an arrow once they are on disk."""
    if not job.outputs:
        return ""
    first = job.outputs[0]
    size = f"{first.width}×{first.height}" if first.width and first.height else ""
    kind = (first.content_type or "").rpartition("/")[2].partition(";")[0]
    count = f"{len(job.outputs)} files" if len(job.outputs) > 1 else ""
    return " ".join(part for part in (count, size, kind[:10], mark(job)) if part)


def mark(job: Job) -> str:
    """Whether the job's files are on disk: an arrow once they are."""
    states = {output.state for output in job.outputs}
    if states == {FileState.SAVED}:
        return "↓"
    return "✗" if FileState.FAILED in states else "…" if states and job.is_open else " "


def age(job: Job, at: datetime) -> str:
    """How long the job has been going on, or how long it took."""
    return duration(job.seconds(at))
