"""Keys are found nowhere but in credentials.toml: not on disk, not on the terminal, whatever happens."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal

from faldeck.config.credentials import credentials_path
from faldeck.config.settings import config_path

SAVED, SET, RELAYED = "saved-canary:5avedca9a7y0+/", "set-canary:5e7ca9a7y000", "sk-relay-ca9a7y-0001"
PARTS = [part for key in (SAVED, SET, RELAYED) for part in {key, *key.split(":")}]
SECRETS = [
    *(spelled.encode() for part in PARTS for spelled in (part, part[::-1], quote(part, safe=""), json.dumps(part))),
    *(base64.b64encode(before + part.encode())[4:-4] for part in PARTS for before in (b"", b"k", b"ke", b"key")),
]

CRASH = """
import os, sys
from faldeck.engine import gateways
from faldeck.tui import deck

def broken(*_):
    authorization = "Key " + os.environ["LAB_KEY"]
    raise RuntimeError("no " + authorization)

async def load(self):
    broken()

gateways.Gateways._open = broken
deck.Deck.load = load
from faldeck.__main__ import main
sys.exit(main())
"""
"""faldeck that breaks with the key in its hands, and in its words."""


@pytest.fixture
def environment(emulator: Emulator, isolation: Path) -> Mapping[str, str]:
    """A config with two profiles and a debug log; one key set, one to be saved."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    lab = "\n".join(
        f'{name}_url = "{emulator.url}/{role}"'
        for name, role in {"queue": "queue", "run": "run", "rest": "rest", "api": "api/v1"}.items()
    )
    schema = f'schema_url = "{emulator.url}/site/api/openapi/queue/openapi.json"'
    path.write_text(
        f'profile = "lab"\ndebug = true\n[profiles.lab]\nkey_env = "LAB_KEY"\n{schema}\n{lab}\n'
        f'[profiles.other]\nbase = "lab"\n'
        f'[profiles.hk]\nqueue_url = "{emulator.url}/queue"\nauth = "Bearer"\nkey_env = "HK_KEY"\n'
    )
    return {**os.environ, "LAB_KEY": SET, "HK_KEY": RELAYED, "NO_COLOR": "1"}


def said(environment: Mapping[str, str], *words: str, stdin: str = "", crash: bool = False) -> bytes:
    """All that a command prints, on both streams."""
    start = ["-c", CRASH] if crash else ["-m", "faldeck"]
    done = subprocess.run(
        [sys.executable, *start, *words], env=environment, input=stdin.encode(), capture_output=True, timeout=60
    )
    return done.stdout + done.stderr


class Parrot(BaseHTTPRequestHandler):
    """A service that takes every request, and repeats the key that came with it wherever it can."""

    def do_GET(self) -> None:
        key = self.headers.get("authorization", "none").encode()
        said = f"{key.decode()} {quote(key)} {base64.b64encode(key).decode()} {base64.b64encode(b'x' + key).decode()}"
        here = f"http://{self.headers['host']}{self.path.removesuffix('/status').removesuffix('/stream')}"
        urls = {"response_url": here, "status_url": f"{here}/status?k={quote(key)}", "cancel_url": here}
        if self.command == "POST":
            urls = {name: url.replace(here, f"{here}/requests/r-1") for name, url in urls.items()}
        body: dict[str, object] = {"output": said, said: [said], "images": [{"url": f"{here}?{quote(key)}"}]}
        if self.path.partition("?")[0].endswith("/status") or self.command == "POST":
            logs = [{"message": said, "timestamp": said}]
            body = {"status": "COMPLETED", "request_id": "r-1", "logs": logs, "error": said, **urls}
        content = json.dumps(body).encode()
        self.send_response(404 if "models" in self.path else 200)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.send_header("x-fal-error-type", key.decode())
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    do_PUT = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing on stderr."""


@pytest.fixture
def parrot() -> Iterator[str]:
    """The URL of a parrot."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Parrot) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def kept(home: Path) -> list[Path]:
    """The files in which a secret is."""
    return [path for path in home.rglob("*") if path.is_file() and leaks(path.read_bytes())]


def command_lines() -> bytes:
    """What every process of this machine was called with."""
    found = b""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += process.read_bytes()
        except OSError:
            continue  # It has ended.
    return found


def leaks(data: bytes) -> list[bytes]:
    """The secrets that are in it."""
    return [secret for secret in SECRETS if secret in data]


def test_no_key_is_left_anywhere_after_a_whole_session(
    environment: Mapping[str, str], emulator: Emulator, isolation: Path
) -> None:
    told = said(environment, "--profile", "other", "key", "add", stdin=f"{SAVED}\n")
    for profile in ("lab", "other"):
        told += said(environment, "--profile", profile, "run", "demo/sketch/fast", "-p", "a lake", "--json")
        told += said(environment, "--profile", profile, "key", "show")
    told += said(environment, "run", "demo/mishap/any", "--failure", "several_fields")
    told += said(environment, "run", "demo/sketch/fast", "-p", "x", "--sync")
    emulator.faults("relay-a")
    told += said(environment, "--profile", "hk", "run", "fal-ai/sketch/fast", "--input", "-", stdin='{"prompt": "x"}')
    emulator.faults("")
    for words in (("export",), ("config", "show"), ("doctor",), ("jobs",), ("price", "demo/sketch/fast")):
        told += said(environment, *words)
    told += (crashed := said(environment, "run", "demo/sketch/fast", "-p", "x", crash=True))

    assert b"RuntimeError" in crashed
    assert leaks(told) == []
    assert kept(isolation) == [credentials_path()]
    assert len(emulator.requests(method="POST")) >= 5
    log = next(isolation.rglob("faldeck.log")).read_text()
    assert "POST 127.0.0.1/queue/demo/sketch/fast answered 200" in log
    assert "RuntimeError" in log


def test_a_crash_of_the_deck_shows_no_key(environment: Mapping[str, str], isolation: Path) -> None:
    with Terminal(sys.executable, "-c", CRASH, environment=environment) as terminal:
        terminal.wait_for("ended unexpectedly")
        assert terminal.wait() == 1

        assert leaks(terminal.output) == []
    assert kept(isolation) == []
    assert "RuntimeError" in next(isolation.rglob("faldeck.log")).read_text()


def test_a_service_that_repeats_the_key_does_not_bring_it_into_the_history(
    environment: Mapping[str, str], isolation: Path, parrot: str
) -> None:
    with config_path().open("a") as file:
        file.write(f'[profiles.parrot]\nqueue_url = "{parrot}/q"\nrun_url = "{parrot}/run"\napi_url = "{parrot}/api"\n')
        file.write(f'rest_url = "{parrot}"\nschema_url = "{parrot}/schema"\nkey_env = "LAB_KEY"\n')
    at_parrot = ("--profile", "parrot")
    sent = ("run", "a/b", "--input", "-")
    told = said(environment, *at_parrot, *sent, "--json", "--logs", stdin="{}")
    told += said(environment, *at_parrot, *sent, "--sync", stdin="{}")
    told += said(environment, *at_parrot, "upload", str(config_path()))
    for words in (("price", "a/b"), ("models",), ("status", "r-1", "--json"), ("logs", "r-1"), ("jobs",), ("export",)):
        told += said(environment, *at_parrot, *words)
    for form in ("curl", "python", "js"):
        told += said(environment, *at_parrot, "show", "r-1", "--as", form)

    assert b"***" in told and b"$LAB_KEY" in told
    assert leaks(told) == []
    assert kept(isolation) == []


def test_no_key_is_on_the_terminal_while_the_deck_is_used(
    environment: Mapping[str, str], emulator: Emulator, isolation: Path
) -> None:
    with Terminal(sys.executable, "-m", "faldeck", "--profile", "other", environment=environment) as terminal:
        terminal.wait_for("Paste a key")
        terminal.press("enter")
        terminal.wait_for("saved in a file")
        terminal.press(SAVED)
        terminal.wait_for("••••")
        terminal.press("\x1b[1;2H", "ctrl+x")
        terminal.wait_for(lambda terminal: "••••" not in terminal.text)
        terminal.press(SAVED)
        terminal.wait_for("••••")
        terminal.press("\x1b[1;2H")
        terminal.settle()
        assert not leaks(command_lines())
        terminal.press("end", "enter")
        terminal.wait_for("demo/sketch/fast")
        terminal.press("/", "demo/sketch/fast", "enter")
        terminal.wait_for("2 Form  demo/sketch/fast")
        terminal.wait_for("typing · Esc ends")
        terminal.wait_for("^J Submit")
        terminal.press("a lake", "ctrl+j")
        terminal.wait_for("✓ completed")
        terminal.wait_for("q Quit")
        terminal.press("3", "enter")
        terminal.wait_for("q Back")
        terminal.press("right", "right", "right")
        terminal.wait_for('"images"')
        terminal.press("y")
        terminal.wait_for(lambda terminal: b"\x1b]52;" in terminal.output)
        terminal.press("P")
        terminal.wait_for("Enter use")
        terminal.press("escape")
        terminal.wait_for(lambda terminal: "Enter use" not in terminal.text)
        terminal.press("q")  # Out of the enlarged result.
        terminal.wait_for("3 Jobs")
        terminal.press("q")
        assert terminal.wait() == 0

        assert leaks(terminal.output) == []
    assert kept(isolation) == [credentials_path()]
    assert emulator.posts("demo/sketch/fast")
