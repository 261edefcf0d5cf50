"""The emulator in a thread of the tests' process: its request log, and the faults that it plays."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from fal_emulator.server import Server

HELD = "slow-queue@submit=1000000000"
"""The fault that keeps requests in their queue for longer than anybody waits."""

ARRIVING_TURNS = 10
"""The turns of its loop within which a server reads a request that was sent to it before."""


@dataclass
class Emulator:
    """A served emulator. `requests` and `posts` count from when a test got hold of it."""

    url: str
    """The base URL of all roles, without a slash at its end."""
    state: Path
    """The folder its state is kept in."""
    _server: Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)
    _http: httpx.Client = field(repr=False)
    _seen: int = 0

    @classmethod
    def start(cls, state: Path, *, speed: float = 100, port: int = 0, **options: Any) -> "Emulator":
        """Serve `state` in a thread of this process; options as for `Server`."""
        server = Server(host="127.0.0.1", port=port, state=state, speed=speed, **options)
        thread = threading.Thread(target=server.serve_until_stopped, name="emulator")
        thread.start()
        # Without verification, since loading certificates takes longer than most tests.
        return cls(server.url, state, server, thread, httpx.Client(base_url=server.url, verify=False, timeout=60))

    def requests(self, *, method: str | None = None, path: str = "") -> list[dict[str, Any]]:
        """The log lines of one method, or all, whose path has `path` in it; keys as in `/emulator/requests`."""
        lines: list[dict[str, Any]] = self._http.get("/emulator/requests", params={"after": self._seen}).json()
        return [line for line in lines if method in (None, line["method"]) and path in line["path"]]

    @property
    def keys(self) -> set[str]:
        """The fingerprints of all keys that it was told."""
        return {line["key"] for line in self.requests() if line["key"]}

    def posts(self, endpoint_id: str = "") -> list[dict[str, Any]]:
        """The submits that reached the queue, answered or not."""
        return self.requests(method="POST", path=f"/queue/{endpoint_id}")

    def faults(self, specification: str) -> None:
        """Replace the faults in force, see `fal_emulator.faults`; none with an empty text."""
        self._http.put("/emulator/faults", content=specification).raise_for_status()

    def hold_jobs(self, faults: str = "") -> None:
        """Let every request from now on wait in its queue until `start_jobs`, under these faults."""
        self.faults(f"{HELD},{faults}")

    def start_jobs(self, faults: str = "") -> None:
        """Let the requests that wait start, and those to come too, under these faults."""
        self.faults(faults)
        self._http.put("/emulator/runners").raise_for_status()

    def forget(self) -> None:
        """Let the request log begin here, and no fault be on."""
        self.faults("")
        self._seen = max((line["id"] for line in self.requests()), default=self._seen)

    def forget_all(self) -> None:
        """Let it be as new: no request, no file, an empty log, no fault, and no answer that nobody waits for."""
        self.faults("")
        (listening,) = self._server.servers
        asyncio.run_coroutine_threadsafe(self._end_requests(), listening.get_loop()).result()
        with closing(sqlite3.connect(self.state / "emulator.sqlite3", timeout=30)) as database, database:
            for table in ("tickets", "answers", "files", "log"):
                database.execute(f"delete from {table}")
        self._seen = 0

    async def _end_requests(self) -> None:
        """Ends what callers that are gone have asked for: it would be logged later, as if the next test had asked."""
        for _ in range(ARRIVING_TURNS):
            await asyncio.sleep(0)
        if left := set(self._server.server_state.tasks):
            for task in left:
                task.cancel()
            await asyncio.wait(left)

    def stop(self) -> None:
        """End the server; its state stays."""
        self._http.close()
        self._server.should_exit = True
        self._thread.join()
