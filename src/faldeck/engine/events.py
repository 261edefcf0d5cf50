"""The events of the engine: jobs have changed, or a problem concerns more than one job.

`Events` has any number of listeners. No listener replaces another, none needs to know the others, and what one raises
hurts neither the others nor the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias

from faldeck.system import log_file

REPEAT_SECONDS = 60.0
"""An equal trouble within this time is not reported again."""


class JobChanged(NamedTuple):
    """A job may have changed on disk, by this process or by another."""

    job_id: str | None
    """None: any job may have changed."""
    is_minor: bool = False
    """Whether only its place in the queue or its progress is another."""


class Trouble(NamedTuple):
    """Jobs cannot be followed, for a reason outside them."""

    sentence: str


class WriteFailed(NamedTuple):
    """The disk is full or refuses writes. The engine tries again, and loses nothing while it runs."""

    sentence: str


class KeyRefused(NamedTuple):
    """A service refuses a profile's key. Published once for all jobs of the profile; their rows say it too."""

    profile: str
    sentence: str


class HistoryRepaired(NamedTuple):
    """Something happened to the history file. It was repaired if possible."""

    sentence: str


Event: TypeAlias = JobChanged | Trouble | WriteFailed | KeyRefused | HistoryRepaired
Listener: TypeAlias = Callable[[Event], None]


class Subscription:
    """A listener's subscription: a context manager, or closed by calling `close`."""

    def __init__(self, remove: Callable[[Subscription], object]) -> None:
        self._remove = remove

    def close(self) -> None:
        """Ends the subscription; a second time does nothing."""
        self._remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Events:
    """The events of one supervisor. Listeners are called on the event loop and must not block."""

    def __init__(self) -> None:
        self._listeners: dict[Subscription, Listener] = {}
        self._by_job: dict[str, dict[Subscription, Listener]] = {}
        self._reported: dict[Event, float] = {}

    def subscribe(self, listener: Listener) -> Subscription:
        """Calls `listener` with every event until the subscription is closed."""
        subscription = Subscription(lambda ended: self._listeners.pop(ended, None))
        self._listeners[subscription] = listener
        return subscription

    def subscribe_to_job(self, job_id: str, listener: Listener) -> Subscription:
        """Calls `listener` when this job may have changed, and with no other event.

        With a thousand followed jobs, each change costs one call, not a thousand.
        """
        listeners = self._by_job.setdefault(job_id, {})

        def remove(ended: Subscription) -> None:
            listeners.pop(ended, None)
            if not listeners and self._by_job.get(job_id) is listeners:
                del self._by_job[job_id]

        subscription = Subscription(remove)
        listeners[subscription] = listener
        return subscription

    def publish(self, event: Event) -> None:
        """Calls every listener that the event concerns; what one of them raises is logged."""
        concerned = list(self._listeners.values())
        if isinstance(event, JobChanged):
            jobs = list(self._by_job.values()) if event.job_id is None else [self._by_job.get(event.job_id, {})]
            concerned += [listener for listeners in jobs for listener in listeners.values()]
        for listener in concerned:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 (a job that costs money must not end because a list was not drawn)
                log_file.record(error, f"A listener of engine events broke at {event}.")

    def publish_once(self, event: Event) -> None:
        """Publishes the event unless an equal one was published this way less than `REPEAT_SECONDS` ago."""
        present = time.monotonic()
        last, self._reported[event] = self._reported.get(event), present
        if last is None or present - last > REPEAT_SECONDS:
            self.publish(event)
