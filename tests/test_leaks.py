"""Keys are found nowhere but in credentials.toml: not on disk, not on the terminal, whatever happens."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import Emulator
from terminal import Terminal

from faldeck.config import config_path
from faldeck.config.credentials import credentials_path

SAVED, SET, RELAYED = "saved-canary:5avedca9a7y0", "set-canary:5e7ca9a7y000", "sk-relay-ca9a7y-0001"
SECRETS = [part.encode() for key in (SAVED, SET, RELAYED) for part in (key, key.rpartition(":")[2])]

CRASH = """
import os, sys
from faldeck import services
from faldeck.tui import deck

def broken(*_):
    authorization = "Key " + os.environ["LAB_KEY"]
    raise RuntimeError("no " + authorization)

async def load(self):
    broken()

services.Services._open = broken
deck.Deck.load = load
from faldeck.cli.program import main
sys.exit(main(sys.argv[1:]))
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
    assert [path for path in isolation.rglob("*") if path.is_file() and leaks(path.read_bytes())] == [
        credentials_path()
    ]
    assert len(emulator.requests(method="POST")) >= 5
    log = next(isolation.rglob("faldeck.log")).read_text()
    assert "POST 127.0.0.1/queue/demo/sketch/fast answered 200" in log
    assert "RuntimeError" in log


def test_a_crash_of_the_deck_shows_no_key(environment: Mapping[str, str], isolation: Path) -> None:
    with Terminal(sys.executable, "-c", CRASH, environment=environment) as terminal:
        terminal.wait_for("ended unexpectedly")
        assert terminal.wait() == 1

        assert leaks(terminal.output) == []
    assert not [path for path in isolation.rglob("*") if path.is_file() and leaks(path.read_bytes())]
    assert "RuntimeError" in next(isolation.rglob("faldeck.log")).read_text()


def test_no_key_is_on_the_terminal_while_the_deck_is_used(environment: Mapping[str, str], isolation: Path) -> None:
    with Terminal(sys.executable, "-m", "faldeck", environment=environment) as terminal:
        terminal.wait_for("No jobs yet")
        terminal.press("q")
        assert terminal.wait() == 0

        assert leaks(terminal.output) == []
    assert not [path for path in isolation.rglob("*") if path.is_file() and leaks(path.read_bytes())]
