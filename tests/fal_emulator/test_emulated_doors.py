"""Who the emulator lets in: programs of this machine and allowed pages; one key where it has one; bounded uploads."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

from fal_emulator import middleware
from fal_emulator.app import create_app
from fal_emulator.roles import storage
from faldeck.app.demo import Demo
from faldeck.cli.main import main
from faldeck.config import credentials
from faldeck.config.settings import DEMO, demo_profile

EVIL = "https://evil.example"


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    with Caller(emulator) as caller:
        yield caller


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "chrome-extension://abc"},
        {"Origin": "file://"},
        {"Host": "evil.example"},
        {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.168.1.5"},
        {"Host": ""},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image", "Referer": f"{EVIL}/x"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/queue/demo/sketch/fast"),
        ("OPTIONS", "/queue/demo/sketch/fast"),
        ("GET", "/emulator/requests"),
        ("PUT", "/emulator/faults"),
        ("GET", "/cdn/files/b/0/x.png"),
        ("GET", "/api/v1/models"),
    ],
)
def test_the_emulator_is_closed_to_pages(caller: Caller, headers: dict[str, str], method: str, path: str) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = caller.http.request(method, path, headers=headers | (asking if method == "OPTIONS" else {}))

    assert answer.status_code == 403
    assert "--allow-origin" in answer.json()["detail"]
    assert "access-control-allow-origin" not in answer.headers
    assert caller.emulator.requests() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "http://[::1]:5173"},
        {"Host": "localhost:80"},
        {"Host": "LOCALHOST"},
        {"Host": "app.localhost:8000"},
        {"Host": "[::1]:9"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image", "Referer": "http://localhost:3000/"},
    ],
)
def test_programs_and_pages_of_this_machine_are_let_in(caller: Caller, headers: dict[str, str]) -> None:
    assert caller.http.post("/queue/demo/sketch/fast", json=LAKE, headers=headers).status_code == 200


def test_an_allowed_page_may_call_by_its_own_host(start_emulator: Callable[..., Emulator]) -> None:
    with Caller(start_emulator(allowed_origins=["https://app.example:8443", "http://emulator"])) as caller:

        def status(**headers: str) -> int:
            return caller.http.post("/queue/demo/sketch/fast", json=LAKE, headers=headers).status_code

        assert status(Origin="https://app.example:8443") == status(Host="emulator:80") == 200
        assert status(Host="app.example") == 200
        refused = [status(Origin=f"https://{host}") for host in ("app.example", "app.example:84", "emulator")]
        assert [*refused, status(Origin="http://app.example:8443")] == [403] * 4


def test_an_old_program_without_a_host_is_let_in(emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", int(emulator.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /emulator/health HTTP/1.0\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == b"200"


@pytest.mark.parametrize("origin", ["", "app.example", "*", "https://", "https://a:b"])
def test_what_is_no_origin_cannot_be_allowed(origin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        create_app(tmp_path, allowed_origins=[origin])
    assert main(["emulator", "--allow-origin", origin]) == 2
    assert "is not an origin" in capsys.readouterr().err


def test_an_emulator_with_one_key_takes_no_other(start_emulator: Callable[..., Emulator]) -> None:
    with Caller(start_emulator(only_key="demo:secret")) as caller:

        def post(path: str, authorization: str) -> httpx.Response:
            return caller.http.post(path, json=LAKE, headers={"Authorization": authorization})

        for wrong in ("Key any:key", "Key demo:secre", "Key demo:secret2", "Bearer x"):
            for path in ("/queue/demo/sketch/fast", "/run/demo/sketch/fast", "/rest/storage/auth/token"):
                assert post(path, wrong).status_code == 401, (wrong, path)
        assert post("/queue/demo/sketch/fast", "Key demo:secret").status_code == 200
        token = post("/rest/storage/auth/token", "Key demo:secret").json()["token"]
        assert post("/cdn/files/upload", f"Bearer {token}").status_code == 200
        for wrong in ("x", "emulator-a-b", f"{token}0", token.replace("emulator-", "emulator-0")):
            assert post("/cdn/files/upload", f"Bearer {wrong}").status_code == 401


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "in chunks"])
def test_uploads_are_bounded(caller: Caller, monkeypatch: pytest.MonkeyPatch, is_declared: bool) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 1_000)
    monkeypatch.setattr(middleware, "MOST_BODY_BYTES", 2_000)
    bearer = {"Authorization": "Bearer t"}

    def content(size: int) -> bytes | Iterator[bytes]:
        return bytes(size) if is_declared else iter([bytes(size // 4)] * 4)

    def upload(size: int) -> httpx.Response:
        return caller.http.post("/cdn/files/upload", content=content(size), headers=bearer)

    assert (upload(1_000).status_code, upload(1_004).status_code) == (200, 413)
    begun = caller.http.post("/cdn/files/upload/multipart", headers=bearer).json()
    parts = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    answers = [caller.http.put(f"{parts}/{number}", content=content(400), headers=bearer) for number in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [200, 200, 413]
    assert caller.http.put(f"{parts}/10001", content=b"", headers=bearer).status_code == 400
    assert caller.http.post("/queue/demo/sketch/fast", content=content(2_400)).status_code == 413
    assert not [path for path in caller.emulator.state.rglob("*.coming")]


def test_the_demo_has_a_key_of_its_own(isolation: Path) -> None:
    credential = credentials.find(demo_profile("http://127.0.0.1:1"))
    assert credential and credential == credentials.find(demo_profile("http://127.0.0.1:1"))
    (file,) = (isolation / "data").rglob("key")
    assert file.read_text().strip() == credential.key and file.parent.name == DEMO
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    demo = Demo(file.parent)
    with demo.running():
        url = f"{demo.base_url}/queue/demo/sketch/fast"

        def status(key: str, **headers: str) -> int:
            return httpx.post(url, json=LAKE, headers={"Authorization": f"Key {key}", **headers}).status_code

        assert status(credential.key) == 200
        assert status("demo-key") == status("any:key") == 401
        assert status(credential.key, Origin=EVIL) == 403
