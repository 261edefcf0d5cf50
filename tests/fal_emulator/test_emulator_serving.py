"""The emulator as a process: how it begins, how it ends, and what outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

PROGRAM = """
import sys
from pathlib import Path
from fal_emulator.server import Server, serve
server = Server(host="127.0.0.1", port=0, state=Path(sys.argv[1]), speed=float(sys.argv[2]))
serve(server, until_stdin_closes=True)
"""


@contextmanager
def process(state: Path, speed: float = 1000) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served emulator in a process of its own, and its address."""
    command = [sys.executable, "-c", PROGRAM, str(state), str(speed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_line_is_the_address_and_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path) as (child, url):
        assert httpx.get(f"{url}/emulator/health").json()["name"] == "faldeck emulator"
        child.send_signal(number)
        assert child.wait(10) == 0
        assert child.stdout is not None
        assert child.stdout.read() == ""


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with process(tmp_path) as (child, _):
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(10) == 0


def test_an_open_stream_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with process(tmp_path, speed=0.001) as (child, url), httpx.Client(headers={"Authorization": "Key k"}) as http:
        status = http.post(f"{url}/queue/demo/sketch/fast", json=LAKE).json()["status_url"]
        with http.stream("GET", f"{status}/stream") as stream:
            lines = stream.iter_lines()
            assert "IN_QUEUE" in next(lines)
            child.terminate()
            assert list(lines) == [""]
        assert child.wait(10) == 0


def test_requests_go_on_while_nothing_runs(start_emulator: Callable[..., Emulator], tmp_path: Path) -> None:
    with Caller(start_emulator(tmp_path / "state", speed=1000)) as caller:
        submitted = caller.submit("demo/reel/v2/text-to-video", {"prompt": "waves"})
        caller.emulator.stop()

    with Caller(start_emulator(tmp_path / "state", speed=1)) as caller:
        path = f"/queue/demo/reel/requests/{submitted['request_id']}"
        assert caller.http.get(f"{path}/status").json()["status"] == "COMPLETED"
        video = caller.http.get(path).json()["video"]
        assert video["url"].startswith(caller.emulator.url)
        assert caller.http.get(video["url"]).content.startswith(b"GIF89a")


def test_two_emulators_serve_one_state(start_emulator: Callable[..., Emulator], tmp_path: Path) -> None:
    with (
        Caller(start_emulator(tmp_path / "state", speed=0.001)) as one,
        Caller(start_emulator(tmp_path / "state")) as other,
    ):
        request_id = one.submit("demo/sketch/fast", LAKE)["request_id"]

        assert other.request(request_id, "/status").json()["status"] == "IN_QUEUE"
        other.http.put(f"/queue/demo/sketch/requests/{request_id}/cancel")
        assert one.request(request_id, "/status").json()["error_type"] == "client_cancelled"


@pytest.mark.parametrize(("options", "words"), [({"speed": 0}, "speed"), ({"faults": "sleepy"}, "sleepy")])
def test_an_emulator_that_makes_no_sense_does_not_begin(
    start_emulator: Callable[..., Emulator], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        start_emulator(**options)


def test_an_address_that_is_taken_is_an_error(start_emulator: Callable[..., Emulator]) -> None:
    port = int(start_emulator().url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        start_emulator(port=port)
