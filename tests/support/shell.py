"""Runs commands, with the emulator as their profile: in this process, or in processes of their own."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from faldeck.cli.main import main
from faldeck.config.settings import config_path
from faldeck.history import Query, Store, history_path
from faldeck.job import Job
from support.emulator import Emulator

SKETCH = "demo/sketch/fast"
FILM = "demo/reel/v2/text-to-video"
MISHAP = "demo/mishap/any"
SMALL = ("--image-size", "64x48")


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def documents(self) -> list[Any]:
        """The JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Process(subprocess.Popen[str]):
    """A program that does not outlive a test that fails."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error:
            self.kill()
        super().__exit__(kind, error, traceback)


class Person:
    """Types commands; the profile `lab` is the emulator at `url`, its key in the environment."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self.set_up(url)
        monkeypatch.setenv("LAB_KEY", "0f1e2d3c:good")

    def set_up(self, url: str, *, without: str = "") -> None:
        """Writes the config, but for one of its addresses."""
        path = config_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        roles = {"queue_url": "queue", "run_url": "run", "rest_url": "rest", "api_url": "api/v1"}
        lines = [f'{name} = "{url}/{role}"' for name, role in roles.items() if name != without]
        schema = f'schema_url = "{url}/site/api/openapi/queue/openapi.json"'
        path.write_text("\n".join(['profile = "lab"', "[profiles.lab]", 'key_env = "LAB_KEY"', schema, *lines]))

    def types(self, *words: str) -> Said:
        """Runs a command in this process."""
        try:
            status = main(words)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        out, err = self._capsys.readouterr()
        return Said(status, out, err)

    def starts(self, *words: str, before: Sequence[str] = (), **options: Any) -> Process:
        """Starts a command as a process of its own, by way of the command `before`; does not wait for it."""
        return Process(
            [*before, sys.executable, "-m", "faldeck", *words],
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            **options,
        )

    def runs(self, *words: str, **options: Any) -> Said:
        """Runs a command as a process of its own."""
        with self.starts(*words, **options) as process:
            out, err = process.communicate(timeout=60)
        return Said(process.returncode, out, err)


def jobs() -> list[Job]:
    """Every job in the history, newest first."""
    store = Store(history_path())
    found = store.page(Query(), limit=-1)
    store.close()
    return found


def output_of(job: Job) -> bytes:
    """The job's only file."""
    (output,) = job.outputs
    return Path(output.path or "").read_bytes()


def png_size(path: str) -> tuple[int, int]:
    """Width and height of the PNG at `path`."""
    head = Path(path).read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


__all__ = [
    "FILM",
    "MISHAP",
    "SKETCH",
    "SMALL",
    "Emulator",
    "Person",
    "Process",
    "Said",
    "jobs",
    "output_of",
    "png_size",
]


def read_to_the_end(terminal: int) -> str:
    """What a program wrote to the other side of a terminal until it ended, which Linux tells by an error. Closes it."""
    parts: list[bytes] = []
    with os.fdopen(terminal, "rb", buffering=0) as stream, contextlib.suppress(OSError):
        while part := stream.read(4096):
            parts.append(part)
    return b"".join(parts).decode()
