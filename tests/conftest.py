"""What every test gets: a home of its own, no key, no network but loopback, and a fal service to talk to."""

import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from foreign import ForeignHost
from hypothesis import HealthCheck, settings

from faldeck import diary
from faldeck.emulator.server import Server

settings.register_profile(
    "unhurried",
    # The same inputs in every run, so that a change is judged by what it changes; a fuzz run looks for others.
    derandomize=not os.environ.get("FALDECK_FUZZ"),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

_FOREIGN_VARIABLES = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "BROWSER",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "EDITOR",
    "VISUAL",
    "TMUX",
    "STY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
_FOREIGN_PREFIXES = ("FAL_", "FALDECK_", "TEXTUAL", "SSH_", "XDG_")
_FOREIGN_SUFFIXES = ("_KEY", "_PROXY", "_TOKEN")


@pytest.fixture(autouse=True)
def isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home, with a log of its own, and an environment that says nothing of the machine; gives the home."""
    for name in os.environ:
        known = name.upper()
        if known in _FOREIGN_VARIABLES or known.startswith(_FOREIGN_PREFIXES) or known.endswith(_FOREIGN_SUFFIXES):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name, folder in {
        "HOME": "",
        "USERPROFILE": "",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
        "XDG_STATE_HOME": "state",
        "XDG_PICTURES_DIR": "pictures",
        "APPDATA": "appdata",
        "LOCALAPPDATA": "localappdata",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    yield home
    diary.close_book()


@pytest.fixture(autouse=True, scope="session")
def heeded_signals() -> Iterator[None]:
    """Let the programs that tests start heed Ctrl-C and a hangup, also where the run itself ignores them."""
    ignored = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        # A handler does not outlive the start of another program, as being ignored does.
        signal.signal(number, lambda *_: None)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True, scope="session")
def no_network_but_loopback() -> Iterator[None]:
    """Fail the test that talks to anything else; names below `.invalid` are unknown, as they are everywhere."""
    resolve = socket.getaddrinfo

    def guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def to(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _require_loopback(address[0])
            return connect(self, address)

        return to

    def resolved(host: str | None, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name:
            _require_loopback(name)
        return resolve(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", resolved)
        yield


def _require_loopback(host: str) -> None:
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        pytest.fail(f"a test wanted to talk to {host}")


HELD = "slow-queue@submit=1000000000"
"""The fault that keeps requests in their queue for longer than anybody waits."""


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
        thread = threading.Thread(target=server.serve_until_told, name="emulator")
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
        """Replace the faults in force, see `faldeck.emulator.faults`; none with an empty text."""
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

    def stop(self) -> None:
        """End the server; its state stays."""
        self._http.close()
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="session")
def _shared_emulator(tmp_path_factory: pytest.TempPathFactory, no_network_but_loopback: None) -> Iterator[Emulator]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(_shared_emulator: Emulator) -> Emulator:
    """A fal service a hundred times as fast as the real one, shared by all tests, with an empty log and no faults."""
    _shared_emulator.forget()
    return _shared_emulator


@pytest.fixture
def foreign(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForeignHost]:
    """The host that the answers of emulated relays name: for requests, and for the files of results."""
    with ForeignHost(emulator.url).listening() as host:
        monkeypatch.setattr("faldeck.emulator.queue.OFFICIAL_HOST", host.url)
        monkeypatch.setattr("faldeck.emulator.wire.origin", lambda request: host.url)
        yield host


@pytest.fixture
def public(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator is the public catalogue, too, which relays have."""
    monkeypatch.setattr("faldeck.fal.models.PUBLIC_API", f"{emulator.url}/api/v1")
    monkeypatch.setattr("faldeck.fal.models.PUBLIC_SCHEMA", f"{emulator.url}/site/api/openapi/queue/openapi.json")


@pytest.fixture
def start_emulator(tmp_path: Path) -> Iterator[Callable[..., Emulator]]:
    """A function that starts an emulator of one's own; it takes `state`, and what `Emulator.start` does."""
    started: list[Emulator] = []

    def start(state: Path | None = None, **options: Any) -> Emulator:
        emulator = Emulator.start(state or tmp_path / f"emulator-{len(started)}", **options)
        started.append(emulator)
        return emulator

    yield start
    for emulator in started:
        emulator.stop()
