"""The emulator's own pages below `/emulator`: who it is, what it was asked, and which faults are on."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fal_emulator import __version__
from fal_emulator.answers import Refusal, Reply, plain
from fal_emulator.faults import FaultRules
from fal_emulator.middleware import bytes_of, number_in, respond
from fal_emulator.service import Service


class ConsoleRoutes:
    """The routes of the emulator itself; no fault strikes them and none needs a key."""

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
        """Who answers here, and where its state is kept: whoever finds a port taken sees whether by its own kind."""
        body = {
            "name": "faldeck emulator",
            "version": __version__,
            "state": str(self._service.state.folder),
            "speed": self._service.speed,
            "models": len(self._service.models),
        }
        return respond(request, Reply(200, body))

    async def requests(self, request: Request) -> Response:
        """Every exchange since the state was made, or behind the one with id `after`; these pages excepted."""
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
        """Runners for everybody: whatever waits in a queue starts now."""
        return respond(request, Reply(200, {"started": self._service.start_waiting()}))
