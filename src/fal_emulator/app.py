"""All roles of the emulator on one origin, as one ASGI application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Lifespan

from fal_emulator.answers import Refused, plain, platform_error
from fal_emulator.faults import Faults
from fal_emulator.middleware import Wire, respond
from fal_emulator.models import SHELF
from fal_emulator.origins import Origins, origin_in
from fal_emulator.relays import shaped
from fal_emulator.roles.console import Console
from fal_emulator.roles.images import Images
from fal_emulator.roles.platform import Platform
from fal_emulator.roles.queue import Queue
from fal_emulator.roles.run import Run
from fal_emulator.roles.site import Site
from fal_emulator.roles.storage import Cdn, Rest
from fal_emulator.roles.tasks import Tasks
from fal_emulator.service import Service
from fal_emulator.state import State

_OPEN_TO_BROWSERS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST", "PUT", "OPTIONS"],
    allow_headers=["*"],
    expose_headers=["x-fal-request-id", "x-fal-billable-units", "etag"],
)
"""Lets pages read what they may ask for (protocol §10.2, 27); around the skin, so that faults are readable, too.

Which pages those are `Origins` decides, before.
"""


def create_app(
    state: Path,
    *,
    speed: float = 1.0,
    faults: Faults | None = None,
    host: str = "",
    allowed_origins: Sequence[str] = (),
    only_key: str = "",
) -> Starlette:
    """The emulator keeping its state in the folder `state`, which is made if need be and may be shared.

    `speed` divides the durations of the requests made from now on. The service is in `app.state.service`.
    `host` is the address that is listened at, by which it may be called, as by the names of this machine and the
    hosts of `allowed_origins`, whose pages may call it. With `only_key` no other key is good.
    Raises ValueError for a speed that is not above 0, and for what is no origin.
    """
    doors = Middleware(Origins, allowed=list(map(origin_in, allowed_origins)), host=host)
    if not speed > 0:
        raise ValueError(f"the speed must be above 0, not {speed:g}")
    memory = State(state)
    service = Service(memory, SHELF, speed)
    rules = faults or Faults()
    app = Starlette(
        routes=[
            Mount("/queue", routes=Queue(service).routes()),
            Mount("/v1/images", routes=Images(service).routes()),
            Mount("/v1/video", routes=Tasks(service).routes()),
            Mount("/run", routes=Run(service).routes()),
            Mount("/rest", routes=Rest(memory).routes()),
            Mount("/cdn", routes=Cdn(memory).routes()),
            Mount("/api/v1", routes=Platform(service).routes()),
            Mount("/site", routes=Site(service).routes()),
            Mount("/emulator", routes=Console(service, rules).routes()),
        ],
        middleware=[doors, _OPEN_TO_BROWSERS, Middleware(Wire, service=service, faults=rules)],
        exception_handlers={Refused: _refused, HTTPException: _http_error},
        lifespan=_closing(memory),
    )
    app.state.service = service
    app.state.only_key = only_key
    return app


def _closing(memory: State) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        memory.close()

    return lifespan


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return respond(request, shaped(request, error.answer))


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals, which are about paths and methods."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/api/"):
        return respond(request, platform_error("not_found"))
    return respond(request, plain(error.status_code, error.detail))
