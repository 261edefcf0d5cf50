"""An engine as one process has it, without waiting times, on a history that several engines may share."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from faldeck.config.credentials import Credential
from faldeck.config.settings import Config, Profile, demo_profile
from faldeck.engine.events import KeyRefused, Trouble, WriteFailed
from faldeck.engine.gateways import Gateways
from faldeck.engine.supervisor import Draft, Supervisor
from faldeck.engine.timing import Timing
from faldeck.fal.errors import Backoff
from faldeck.history import History, LogLine
from faldeck.job import Body, Job, State
from support.prepared import new_history

FAST = Timing(
    first_poll=0.02,
    slowest_poll=0.05,
    budget=1000,
    backoff=Backoff(first=0.02, cap=0.05),
    paused=0.05,
    looks=(0, 0.05, 0.1),
)
LAKE = {"prompt": "a lake", "image_size": {"width": 64, "height": 48}}
SKETCH = "demo/sketch/fast"
FILM = "demo/reel/v2/text-to-video"


class Line(httpx.AsyncBaseTransport):
    """The line to the service: hands on what it is given, after the faults and the watcher it was made with."""

    def __init__(
        self,
        *faults: Exception,
        method: str = "POST",
        watch: Callable[[httpx.Request], Awaitable[None]] | None = None,
    ) -> None:
        self.requests: list[httpx.Request] = []
        self._faults = list(faults)
        self._method = method
        self._watch = watch
        # Loading certificates takes longer than most tests.
        self._service = httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._watch:
            await self._watch(request)
        if self._faults and request.method == self._method:
            raise self._faults.pop(0)
        return await self._service.handle_async_request(request)

    async def aclose(self) -> None:
        await self._service.aclose()


@dataclass
class Engine:
    """A supervisor with its history, and the ways a test looks at them."""

    history: History
    supervisor: Supervisor
    services: Gateways
    troubles: list[str] = field(default_factory=list)

    async def submit(
        self, endpoint_id: str = SKETCH, arguments: Any = None, *, profile: str = "lab", **options: object
    ) -> Job:
        """A new job, as recorded."""
        draft = Draft(profile=profile, endpoint_id=endpoint_id, arguments=arguments or LAKE, options=options)
        return await self.supervisor.submit(draft)

    async def until(self, job: Job, wanted: Callable[[Job], bool] = lambda job: not job.is_open) -> Job:
        """The first snapshot that is wanted: of a job that is over, unless said otherwise."""
        async for snapshot in self.supervisor.follow(job.id):
            if wanted(snapshot):
                return snapshot
        raise AssertionError(f"{snapshot} is over and never was what is wanted")

    async def lived(self, job: Job) -> list[Job]:
        """Every snapshot of a job until it is over."""
        return [snapshot async for snapshot in self.supervisor.follow(job.id)]

    async def row(self, job: Job) -> Job:
        """The job as it is on disk."""
        kept = await self.history.read(lambda store: store.job(job.id))
        assert kept is not None
        return kept

    async def body(self, job: Job) -> Body:
        """The job's documents as they are on disk."""
        return await self.history.read(lambda store: store.body(job.id))

    async def logs(self, job: Job) -> list[LogLine]:
        """What the job printed, as it is on disk."""
        return await self.history.read(lambda store: store.logs(job.id))


def lab(url: str) -> Profile:
    """A profile whose service is the emulator at `url`."""
    return replace(demo_profile(url), name="lab")


def content(job: Job) -> list[bytes]:
    """The bytes of the job's files, as they are on disk."""
    return [Path(output.path or "").read_bytes() for output in job.outputs]


@asynccontextmanager
async def running(
    profile: Profile,
    folder: Path,
    *,
    resume: bool = False,
    line: httpx.AsyncBaseTransport | None = None,
    key: str = "0f1e2d3c:good",
    pace: Timing = FAST,
    others: Sequence[tuple[Profile, str]] = (),
    **settings: Any,
) -> AsyncIterator[Engine]:
    """An engine whose history and outputs are in `folder`; another on the same folder is another process to it.

    `others` are further profiles, each with its key.
    """
    config = replace(Config(output_dir=folder / "outputs", sidecar=False), **settings)
    keys = {}
    for one, its_key in (*others, (profile, key)):
        config = config.with_profile(one)
        keys[one.name] = Credential(its_key, "the test")
    services = Gateways(config, find_key=lambda profile: keys.get(profile.name), transport=line or Line())
    history = History(new_history(folder / "history.db"))
    supervisor = Supervisor(history, services, config, timing=pace)
    engine = Engine(history, supervisor, services)
    supervisor.events.subscribe(
        lambda event: (
            engine.troubles.append(event.sentence) if isinstance(event, Trouble | WriteFailed | KeyRefused) else None
        )
    )
    await supervisor.start(resume=resume)
    try:
        yield engine
    finally:
        await supervisor.close()
        await services.close()
        history.close()


def left_in(folder: Path) -> list[str]:
    """Every file in a folder, finished or not; folders may be removed meanwhile."""
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def asked(url: str | None) -> httpx.Response:
    """What the service itself says at `url`."""
    return httpx.get(str(url), headers={"Authorization": "Key any"}, verify=False)


def is_(*states: State) -> Callable[[Job], bool]:
    """A wish for a job in one of these states."""
    return lambda job: job.state in states
