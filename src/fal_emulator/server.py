"""Serves the emulator over HTTP with uvicorn, and lets it really drop connections."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

from fal_emulator.app import create_app
from fal_emulator.faults import FaultRules
from fal_emulator.middleware import DISCONNECT
from fal_emulator.service import Service


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP protocol with an extension that lets the application close the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wrap the application for this connection."""
        super().connection_made(transport)
        # asyncio sets this only on sockets whose protocol number says TCP; without it every answer waits 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served = self.app

        def disconnect(unsent_too: bool) -> None:
            if unsent_too:
                transport.abort()
            else:
                transport.close()

        async def with_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[DISCONNECT] = disconnect
            await served(scope, receive, send)

        self.app = with_disconnect


class Server(uvicorn.Server):
    """A server that listens as soon as it is made, so that its address is known; `run` serves until it is stopped.

    It may run in any thread. Setting `should_exit` ends it after the current answers.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        state: Path,
        speed: float,
        faults: str = "",
        allowed_origins: Sequence[str] = (),
        only_key: str = "",
    ) -> None:
        """`allowed_origins` and `only_key` are as for `create_app`.

        Raises OSError when the address is taken, ValueError for an invalid speed, fault or origin.
        """
        app = create_app(
            state,
            speed=speed,
            faults=FaultRules.parse(faults),
            host=host,
            allowed_origins=allowed_origins,
            only_key=only_key,
        )
        service: Service = app.state.service
        try:
            self._socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError:
            service.state.close()
            raise
        self._closing = service.closing
        bound = self._socket.getsockname()[1]
        self.url = f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
        """The base URL of all roles, without a slash at its end."""
        super().__init__(
            uvicorn.Config(app, http=DroppableProtocol, ws="none", loop="asyncio", lifespan="on", log_level="error")
        )

    def serve_until_stopped(self) -> None:
        """Serve in this thread until the server is stopped."""
        self.run(sockets=[self._socket])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the endless streams first, then everything else."""
        self._closing.set()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM without raising them again: a requested end is not a failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        former = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


def serve(server: Server, *, until_stdin_closes: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; the first line on stdout is the base URL, once connections are accepted.

    With `until_stdin_closes` it also ends when stdin closes, and so with the process that started it with a pipe.
    """
    if until_stdin_closes:
        threading.Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    server.serve_until_stopped()


def _stop_with_stdin(server: Server) -> None:
    # Not sys.stdin: its lock, held by a daemon thread, would abort the interpreter's end.
    while os.read(0, 4096):
        pass
    server.should_exit = True
