"""The modes of sending a request, in one table: through the queue, or by a direct call, whose answer is the output.

A direct call has no request id while it runs, so its status cannot be asked and it cannot be cancelled. If its answer
is lost, the output is lost.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from faldeck.config.settings import Profile
from faldeck.fal import errors, statuses
from faldeck.fal.submit_options import (
    BY_NAME,
    FILES_HEADER,
    OPTIONS,
    Access,
    Stay,
    SubmitOptions,
    decision,
    lifecycle_header,
)
from faldeck.fal.values import Result, StreamProgress, SubmitReceipt
from faldeck.job import Job, Mode, State, now

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway
    from faldeck.fal.urls import Hosts

TEXT_SECONDS = 0.2
"""How often the text of a streamed call is recorded (seconds)."""

Reply: TypeAlias = SubmitReceipt | StreamProgress | Result | errors.ErrorResponse
"""One answer to a sent request. `ErrorResponse`: a direct call has failed."""


class Submission(NamedTuple):
    """The parts of one request."""

    endpoint_id: str
    arguments: Mapping[str, object]
    options: SubmitOptions


_NOT_THE_CALL = (401, 403, 404, 405, 408, 409, 429, 521, 523, 525, 526)
"""Statuses that come from before the model, so that it has not run, unless the answer is the model's own."""


class SendMode(NamedTuple):
    """How a request is sent, and to which host of the service."""

    host: Callable[[Hosts], str | None]
    send: Callable[[Gateway, Submission], AsyncGenerator[Reply, None]]
    """Sends it once and yields the answers. Raises what `Gateway.submit` and `Gateway.run` raise."""


def modes_for(profile: Profile, endpoint_id: str) -> list[Mode]:
    """Returns the modes that a profile has for a model, the usual one first."""
    addresses = {
        Mode.QUEUE: profile.queue_url,
        Mode.SYNC: profile.run_url,
        Mode.STREAM: profile.run_url,
        Mode.IMAGES: profile.images_url,
        Mode.VIDEOS: profile.videos_url,
    }
    wishes = (
        (Mode.IMAGES, profile.uses_images_page(endpoint_id)),
        (Mode.VIDEOS, profile.uses_videos_page(endpoint_id)),
        (Mode.STREAM, endpoint_id.rstrip("/").endswith("/stream")),
    )
    usual = next((mode for mode, is_meant in wishes if is_meant), Mode.QUEUE)
    return sorted((mode for mode, url in addresses.items() if url), key=lambda mode: mode is not usual)


def complete_options(profile: Profile, endpoint_id: str, options: Mapping[str, object]) -> dict[str, object]:
    """Returns the options of a new request, with the profile's usual mode for the model if none was asked for.

    Raises InvalidRequest for options that cannot be.
    """
    usual = next(iter(modes_for(profile, endpoint_id)), Mode.QUEUE)
    asked = dict(options) if usual is Mode.QUEUE else {"mode": usual.value, **options}
    mode = asked.get("mode", Mode.QUEUE.value)
    if mode not in list(Mode):
        raise errors.InvalidRequest(f"Unknown mode {mode!r}; the modes are {', '.join(Mode)}.")
    if mode != Mode.QUEUE and (
        misplaced := [option.name for option in OPTIONS if option.is_queue_only and option.name in asked]
    ):
        raise errors.InvalidRequest(f"The option {misplaced[0]} is for the queue only; this request uses {mode}.")
    submit_options(asked)
    return asked


def submit_options(options: Mapping[str, object]) -> SubmitOptions:
    """Returns a job's options as the client takes them; raises InvalidRequest for unknown or wrong ones."""
    named = {name: value for name, value in options.items() if name not in ("mode", "access") and value is not None}
    if unfit := [name for name, value in named.items() if name not in BY_NAME or not BY_NAME[name].allows(value)]:
        raise errors.InvalidRequest(f"The option {unfit[0][:80]!r} cannot be {str(named[unfit[0]])[:80]!r}.")
    stay = storage_of(options)
    if not stay.access.is_open:
        # One header carries both wishes; without the second it has only the lifecycle.
        headers = named.get("headers")
        named["headers"] = {**(headers if isinstance(headers, Mapping) else {}), FILES_HEADER: lifecycle_header(*stay)}
        named.pop("lifecycle", None)
    return SubmitOptions(**named)  # type: ignore[arg-type]


def storage_of(options: Mapping[str, object]) -> Stay:
    """The wishes of a job's options for its files, both sent and made (protocol §5.6).

    The option `access` is a decision for everybody, or `{"default": DECISION, "rules": {USER: DECISION}}`.
    """
    lifecycle, access = options.get("lifecycle"), options.get("access", "allow")
    wish = access if isinstance(access, Mapping) else {"default": access}
    rules = wish.get("rules")
    try:
        named = {str(user): decision(word) for user, word in rules.items()} if isinstance(rules, Mapping) else {}
        allowed = Access(decision(wish.get("default", "allow")), named)
    except ValueError as error:
        raise errors.InvalidRequest(f"The option {error}.") from error
    return Stay(lifecycle if isinstance(lifecycle, int) else None, allowed)


def marked_sent(job: Job) -> Job:
    """The job just before its POST leaves; a direct call is running from then on."""
    job = job._replace(submitted_at=now(), waiting=None, notice="")
    return job._replace(state=State.RUNNING, started_at=job.submitted_at) if job.mode.is_direct else job


def marked_unsent(job: Job) -> Job:
    """The job whose POST was certainly not accepted."""
    return job._replace(state=State.SUBMITTING, submitted_at=None, started_at=None)


async def _queue(gateway: Gateway, submission: Submission) -> AsyncGenerator[Reply, None]:
    yield await gateway.submit(*submission)


async def _videos(gateway: Gateway, submission: Submission) -> AsyncGenerator[Reply, None]:
    yield await gateway.submit_video(*submission)


async def _sync(gateway: Gateway, submission: Submission) -> AsyncGenerator[Reply, None]:
    yield await _result_of(gateway.run(*submission))


async def _images(gateway: Gateway, submission: Submission) -> AsyncGenerator[Reply, None]:
    yield await _result_of(gateway.create_images(*submission))


async def _stream(gateway: Gateway, submission: Submission) -> AsyncGenerator[Reply, None]:
    last = -TEXT_SECONDS
    async with contextlib.aclosing(gateway.stream(*submission)) as replies:
        while True:
            reply = await _result_of(anext(replies))
            if not isinstance(reply, StreamProgress):
                yield reply
                return
            if time.monotonic() - last >= TEXT_SECONDS:
                last = time.monotonic()
                yield reply


async def _result_of(call: Awaitable[Reply]) -> Reply:
    """Returns the result of a direct call; the model's own error (protocol §4.1 A and B) is a result, too."""
    try:
        return await call
    except errors.ErrorResponse as error:
        may_be_sent_again = isinstance(error, errors.Busy) and error.wants_retry
        is_from_before_the_model = error.status in _NOT_THE_CALL and not statuses.is_billed(error)
        if error.body is None or is_from_before_the_model or may_be_sent_again:
            raise
        return error


SEND_MODES: Mapping[Mode, SendMode] = {
    Mode.QUEUE: SendMode(lambda hosts: hosts.queue_url, _queue),
    Mode.SYNC: SendMode(lambda hosts: hosts.run_url, _sync),
    Mode.STREAM: SendMode(lambda hosts: hosts.run_url, _stream),
    Mode.IMAGES: SendMode(lambda hosts: hosts.images_url, _images),
    Mode.VIDEOS: SendMode(lambda hosts: hosts.videos_url, _videos),
}
