"""The demo and its emulator as processes: shared by decks, started again, ended with the last that uses it."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, SMALL, Person, png_size

from faldeck.app import demo
from faldeck.app.demo import Demo
from faldeck.config.settings import config_path
from faldeck.safety import private_file
from faldeck.system import paths


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_the_demo_needs_no_key_and_no_config(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    config_path().unlink()
    monkeypatch.delenv("LAB_KEY")

    made = person.runs("--demo", "run", SKETCH, "-p", "a lake", *SMALL)
    listed = person.runs("--demo", "jobs", "--json")

    path = Path(made.out.rstrip("\n"))
    assert made.status == 0 and png_size(str(path)) == (64, 48)
    assert "demo" in path.parts
    assert [job["state"] for job in listed.documents] == ["completed"]
    assert person.runs("jobs").out == ""


def test_the_demos_urls_stay_good_from_start_to_start(person: Person) -> None:
    made = person.runs("--demo", "run", SKETCH, "-p", "a lake", *SMALL, "--json")
    url = made.document["outputs"][0]["url"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)

    kept = Demo(paths.data_dir() / "demo")
    with kept.running():
        assert url.startswith(kept.base_url)
        assert httpx.get(url).content == Path(made.document["outputs"][0]["path"]).read_bytes()


def test_an_emulator_that_serves_already_is_shared() -> None:
    folder = paths.data_dir() / "demo"
    one, other = Demo(folder), Demo(folder)
    with one.running(), other.running():
        assert one.base_url == other.base_url
        assert one._child is not None and other._child is None


def test_of_two_first_starts_at_once_the_quicker_decides_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = paths.data_dir() / "demo"
    make_folder = private_file.private_dir
    quicker: list[int] = []

    def meanwhile(made: Path) -> None:
        monkeypatch.setattr(private_file, "private_dir", make_folder)
        quicker.append(Demo(made).port)

    monkeypatch.setattr(private_file, "private_dir", meanwhile)

    assert [Demo(folder).port] == quicker == [int((folder / "port").read_text())]


def test_a_shared_emulator_that_goes_away_is_started_again(until: Callable[[Callable[[], bool]], None]) -> None:
    folder = paths.data_dir() / "demo"
    one, other = Demo(folder), Demo(folder)
    with one.running():
        with other.running():
            assert one._child is not None
            one._child.kill()
            until(lambda: _is_up(other.base_url))
        until(lambda: _is_up(one.base_url))


def test_a_strangers_port_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE_SECONDS", 0.2)
    folder = paths.data_dir() / "demo"
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        folder.mkdir(parents=True)
        (folder / "port").write_text(str(stranger.getsockname()[1]))
        assert Demo(folder).port != stranger.getsockname()[1]
    assert Demo(folder).port == int((folder / "port").read_text())


def test_an_emulator_of_another_state_is_a_stranger(emulator: Emulator) -> None:
    folder = paths.data_dir() / "demo"
    folder.mkdir(parents=True)
    (folder / "port").write_text(emulator.url.rpartition(":")[2])

    assert Demo(folder).base_url != emulator.url


def test_the_emulator_ends_with_whoever_keeps_it(person: Person, until: Callable[[Callable[[], bool]], None]) -> None:
    with person.starts("--demo", "run", FILM, "-p", "waves") as process:
        port = paths.data_dir() / "demo" / "port"
        until(lambda: port.exists() and port.read_text() != "")
        base_url = f"http://127.0.0.1:{port.read_text().strip()}"
        until(lambda: _is_up(base_url))
        process.kill()

    until(lambda: not _is_up(base_url))


def test_without_the_extra_one_sentence_says_what_to_install(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    for words in (("--demo", "models"), ("emulator",)):
        said = person.types(*words)
        assert said.status == 2
        assert said.err == "faldeck: The emulator needs more packages: pip install 'faldeck[demo]'\n"


def test_the_emulator_prints_its_address_and_ends_when_it_is_told(person: Person, tmp_path: Path) -> None:
    with person.starts("emulator", "--state", str(tmp_path / "state"), "--speed", "50") as process:
        assert process.stdout is not None
        url = process.stdout.readline().rstrip("\n")
        health = httpx.get(f"{url}/emulator/health").json()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert health["name"] == "faldeck emulator"
    assert (health["speed"], health["state"]) == (50, str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [(("--faults", "gremlins"), 2, "unknown fault 'gremlins'"), (("--port", "{taken}"), 1, "Address already in use")],
)
def test_an_emulator_that_cannot_serve_says_why(
    person: Person, emulator: Emulator, words: tuple[str, ...], status: int, reason: str
) -> None:
    taken = emulator.url.rpartition(":")[2]

    said = person.runs("emulator", *(word.format(taken=taken) for word in words))

    assert said.status == status
    assert reason in said.err and said.err.count("\n") == 1


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """A function that waits for something to become true, and fails where it never does."""

    def wait(wanted: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not wanted():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return wait


def _is_up(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/emulator/health").status_code == 200
    except httpx.TransportError:
        return False
