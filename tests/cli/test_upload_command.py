"""Files of this machine on the command line: looked at first, sent once, for as long and for whom one likes."""

import json
from pathlib import Path
from random import Random

import pytest
from support.emulator import Emulator
from support.shell import Person

CUTOUT = "demo/cutout/remove-background"
SENT = "/cdn/files/upload"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_bytes(Random(5).randbytes(1_000))
    return path


def test_the_same_file_is_sent_once(person: Person, file: Path, emulator: Emulator) -> None:
    first, second = (person.types("upload", str(file)) for _ in range(2))

    assert first == second
    assert len(emulator.requests(path=SENT)) == 1


def test_what_was_uploaded_by_hand_is_not_uploaded_by_a_job(person: Person, file: Path, emulator: Emulator) -> None:
    url = person.types("upload", str(file)).out.strip()

    said = person.types("run", CUTOUT, "--image-url", str(file), "--json")

    assert said.document["arguments"]["image_url"] == url
    assert len(emulator.requests(path=SENT)) == 1


def test_how_long_and_for_whom_is_said_in_the_official_words(person: Person, file: Path, emulator: Emulator) -> None:
    words = ("--lifecycle", "7d", "--access", "forbid", "--access-of", "alice=allow")

    assert person.types("upload", str(file), *words).status == 0

    (sent,) = emulator.requests(path=SENT)
    assert json.loads(sent["headers"]["x-fal-object-lifecycle"]) == {
        "expiration_duration_seconds": 604_800,
        "initial_acl": {"default": "forbid", "rules": [{"user": "alice", "decision": "allow"}]},
    }


@pytest.mark.parametrize(
    "words", [("--lifecycle", "2w"), ("--lifecycle", "0"), ("--access", "maybe"), ("--access-of", "alice")]
)
def test_what_is_no_life_or_reader_is_told(
    person: Person, file: Path, emulator: Emulator, words: tuple[str, str]
) -> None:
    said = person.types("upload", str(file), *words)

    assert said.status == 2
    assert words[0] in said.err
    assert emulator.requests(path="/rest/") == []


def test_a_folder_is_no_file(person: Person, tmp_path: Path) -> None:
    said = person.types("upload", str(tmp_path))

    assert said.status == 2
    assert said.err == f"faldeck: {tmp_path} is a folder, not a file.\n"


def test_a_file_against_its_limits_is_told_before_anything_is_sent(
    person: Person, tmp_path: Path, emulator: Emulator
) -> None:
    dot = tmp_path / "dot.gif"
    dot.write_bytes(b"GIF89a\x04\0\x04\0" + bytes(20))

    said = person.types("run", CUTOUT, "--image-url", str(dot))

    assert said.status == 2
    assert said.err.splitlines() == [
        "faldeck: image_url: must be at least 8 px wide, not 4",
        "image_url: must be at least 8 px high, not 4",
    ]
    assert emulator.requests(method="POST") == []
