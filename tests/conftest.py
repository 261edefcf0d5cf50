"""What every test gets: a home of its own, no key, no network but loopback, and a fal service to talk to."""

import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from support.emulator import Emulator
from support.foreign_host import ForeignHost
from support.prepared import paint_coarsely

from faldeck.system import log_file

settings.register_profile(
    "unhurried",
    # The same inputs in every run, so that a change is judged by what it changes; a fuzz run looks for others.
    derandomize=not os.environ.get("FALDECK_FUZZ"),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

# A program that may not keep what it compiles of itself compiles it at each start, which takes as long as the rest.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

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


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Lets every second worker begin at the end: none of them compiles a file that another has compiled already."""
    report = yield
    is_second = os.environ.get("PYTEST_XDIST_WORKER", "gw0")[-1] in "13579"
    if is_second and isinstance(collector, pytest.Dir) and report.result:
        report.result.reverse()
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives all workers one order, which begins with the longest test: it must not begin when all else is done."""
    items.sort(key=lambda item: (item.path.name != "test_style.py", item.path))


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
    log_file.close_log()


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


@pytest.fixture(scope="session")
def _shared_emulator(tmp_path_factory: pytest.TempPathFactory, no_network_but_loopback: None) -> Iterator[Emulator]:
    emulator = Emulator.start(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(_shared_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Emulator:
    """A fal service a hundred times as fast as the real one: one server for all tests, as new for each of them.

    Except for its own tests it paints coarsely: that was a tenth of the work of the tests of the deck.

    What a thousand tests leave behind would make each list of requests a thousand times as long for the next.
    """
    _shared_emulator.forget_all()
    if request.path.parent.name != "fal_emulator":
        paint_coarsely(monkeypatch)
    return _shared_emulator


@pytest.fixture
def foreign(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForeignHost]:
    """The host that the answers of emulated relays name: for requests, and for the files of results."""
    with ForeignHost(emulator.url).listening() as host:
        monkeypatch.setattr("fal_emulator.roles.queue.OFFICIAL_HOST", host.url)
        monkeypatch.setattr("fal_emulator.middleware.origin", lambda request: host.url)
        yield host


@pytest.fixture
def public(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator is the public catalogue, too, which relays have."""
    monkeypatch.setattr("faldeck.fal.platform.PUBLIC_API", f"{emulator.url}/api/v1")
    monkeypatch.setattr("faldeck.fal.platform.PUBLIC_SCHEMA", f"{emulator.url}/site/api/openapi/queue/openapi.json")


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
