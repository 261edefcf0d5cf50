"""The emulator's own pages below `/emulator`: its version, the log of requests, and the faults."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator import __version__
from fal_emulator.answers import Refusal, Reply, plain
from fal_emulator.faults import FaultRules
from fal_emulator.middleware import bytes_of, number_in, respond
from fal_emulator.service import Service


class ConsoleRoutes:
    """The routes of the emulator itself. Faults do not apply to them, and they need no key."""

    def __init__(self, service: Service, faults: FaultRules) -> None:
        self._service = service
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """The paths."""
        return [
            Route("/health", self.health),
            Route("/requests", self.requests),
            Route("/faults", self.faults, methods=["GET", "PUT"]),
            Route("/runners", self.runners, methods=["PUT"]),
        ]

    async def health(self, request: Request) -> Response:
        """The name and the state folder of this server, so that a client can recognize an emulator at a port."""
        body = {
            "name": "faldeck emulator",
            "version": __version__,
            "state": str(self._service.state.folder),
            "speed": self._service.speed,
            "models": len(self._service.models),
        }
        return respond(request, Reply(200, body))

    async def requests(self, request: Request) -> Response:
        """Every exchange since the state was made, or after the one with id `after`, without these pages."""
        return respond(request, Reply(200, self._service.state.exchanges(number_in(request, "after") or 0)))

    async def faults(self, request: Request) -> Response:
        """The rules in force; a PUT with a specification as its text replaces them, in this process only."""
        if request.method == "PUT":
            try:
                self._faults.rules = FaultRules.parse((await bytes_of(request)).decode()).rules
            except ValueError as error:
                raise Refusal(plain(400, str(error))) from error
        return respond(request, Reply(200, [str(rule) for rule in self._faults]))

    async def runners(self, request: Request) -> Response:
        """Starts every waiting request now."""
        return respond(request, Reply(200, {"started": self._service.start_waiting()}))
