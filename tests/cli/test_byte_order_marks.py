"""Byte order marks, which some programs put before a text: dropped wherever a file is read."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, Person

from faldeck.config import credentials
from faldeck.config.settings import Config

ENCODINGS = ["utf-8-sig", "utf-16"]


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def prompts(person: Person, *words: str) -> list[str]:
    """The prompts that would be sent."""
    said = person.types("run", SKETCH, *words, "--dry-run")
    assert said.status == 0, said.err
    documents = said.documents if "--each" in words else [said.document]
    return [one["arguments"]["prompt"] for one in documents]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_inputs_prompts_and_lists_are_read_without_their_mark(person: Person, tmp_path: Path, encoding: str) -> None:
    texts = {
        "input.json": '{"prompt": "a fox"}',
        "prompt.txt": "a fox\r\n",
        "list.txt": "a fox\r\nan owl\r\n",
        "list.csv": "prompt\r\na fox\r\n",
        "list.jsonl": '{"prompt": "a fox"}\n',
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode(encoding))

    assert prompts(person, "--input", f"{tmp_path}/input.json") == ["a fox"]
    assert prompts(person, "-p", f"@{tmp_path}/prompt.txt") == ["a fox"]
    assert prompts(person, "--each", f"{tmp_path}/list.txt") == ["a fox", "an owl"]
    assert prompts(person, "--each", f"{tmp_path}/list.csv") == ["a fox"]
    assert prompts(person, "--each", f"{tmp_path}/list.jsonl") == ["a fox"]


def test_stdin_is_read_without_its_mark(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('\ufeff{"prompt": "a fox"}'))

    assert prompts(person, "--input", "-") == ["a fox"]


def test_our_own_files_are_read_without_their_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = credentials.save("fal", "id:secret")
    path.write_text(path.read_text(), "utf-8-sig")
    env_file = tmp_path / ".env"
    env_file.write_text("FAL_KEY=other:secret\n", "utf-8-sig")

    saved = credentials.saved("fal")
    assert saved is not None and saved.key == "id:secret"
    assert credentials.environment(Config(env_file=env_file))["FAL_KEY"] == "other:secret"


def test_an_export_is_read_back_with_a_mark_before_it(person: Person, tmp_path: Path) -> None:
    job = {
        "id": "6edph52000000",
        "profile": "lab",
        "endpoint_id": SKETCH,
        "state": "completed",
        "arguments": {},
        "created_at": "2026-03-01T08:30:00Z",
        "options": {},
    }
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(job) + "\n", "utf-8-sig")

    assert person.types("import", str(file)).out == "1 new, 0 known\n"
