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

from fal_emulator.access import OriginCheck, origin_in
from fal_emulator.answers import Refusal, plain, platform_error
from fal_emulator.faults import FaultRules
from fal_emulator.middleware import ServiceMiddleware, respond
from fal_emulator.models import CATALOGUE
from fal_emulator.relays import shaped
from fal_emulator.roles.console import ConsoleRoutes
from fal_emulator.roles.images import ImagesRoutes
from fal_emulator.roles.platform import PlatformRoutes
from fal_emulator.roles.queue import QueueRoutes
from fal_emulator.roles.run import RunRoutes
from fal_emulator.roles.site import SiteRoutes
from fal_emulator.roles.storage import CdnRoutes, RestRoutes
from fal_emulator.roles.tasks import TasksRoutes
from fal_emulator.service import Service
from fal_emulator.state import EmulatorState

_OPEN_TO_BROWSERS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST", "PUT", "OPTIONS"],
    allow_headers=["*"],
    expose_headers=["x-fal-request-id", "x-fal-billable-units", "etag"],
)
"""Lets web pages read the answers (protocol §10.2, 27), faults included. `OriginCheck` decides before which pages may.
"""


def create_app(
    state: Path,
    *,
    speed: float = 1.0,
    faults: FaultRules | None = None,
    host: str = "",
    allowed_origins: Sequence[str] = (),
    only_key: str = "",
) -> Starlette:
    """The emulator, with its state in the folder `state`. The folder is made if necessary, and may be shared.

    `speed` divides the durations of the requests made from now on. The service is in `app.state.service`.
    `host` is the address that is listened at, by which it may be called, as by the names of this machine and the
    hosts of `allowed_origins`, whose pages may call it. With `only_key` no other key is good.
    Raises ValueError for a speed that is not above 0, and for what is no origin.
    """
    origin_check = Middleware(OriginCheck, allowed=list(map(origin_in, allowed_origins)), host=host)
    if not speed > 0:
        raise ValueError(f"the speed must be above 0, not {speed:g}")
    memory = EmulatorState(state)
    service = Service(memory, CATALOGUE, speed)
    rules = faults or FaultRules()
    app = Starlette(
        routes=[
            Mount("/queue", routes=QueueRoutes(service).routes()),
            Mount("/v1/images", routes=ImagesRoutes(service).routes()),
            Mount("/v1/video", routes=TasksRoutes(service).routes()),
            Mount("/run", routes=RunRoutes(service).routes()),
            Mount("/rest", routes=RestRoutes(memory).routes()),
            Mount("/cdn", routes=CdnRoutes(memory).routes()),
            Mount("/api/v1", routes=PlatformRoutes(service).routes()),
            Mount("/site", routes=SiteRoutes(service).routes()),
            Mount("/emulator", routes=ConsoleRoutes(service, rules).routes()),
        ],
        middleware=[origin_check, _OPEN_TO_BROWSERS, Middleware(ServiceMiddleware, service=service, faults=rules)],
        exception_handlers={Refusal: _refused, HTTPException: _http_error},
        lifespan=_closing(memory),
    )
    app.state.service = service
    app.state.only_key = only_key
    return app


def _closing(memory: EmulatorState) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        memory.close()

    return lifespan


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return respond(request, shaped(request, error.answer))


async def _http_error(request: Request, error: Exception) -> Response:
    """Starlette's own refusals, which are about paths and methods."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/api/"):
        return respond(request, platform_error("not_found"))
    return respond(request, plain(error.status_code, error.detail))
