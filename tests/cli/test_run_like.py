"""`faldeck run --like FILE`: the request that made a file, from its sidecar or from the history."""

import json
import shutil
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

from faldeck.config.settings import config_path
from faldeck.history import history_path, sidecar


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def picture(person: Person) -> Path:
    """A picture of a lake that faldeck has made."""
    return Path(person.types("run", SKETCH, "-p", "a lake", *SMALL).out.strip())


def forget_history() -> None:
    for file in history_path().parent.glob("history.db*"):
        file.unlink()


def test_a_picture_is_made_again_with_the_seed_that_was_used(person: Person, picture: Path) -> None:
    again = Path(person.types("run", "--like", str(picture)).out.strip())

    assert again != picture and again.read_bytes() == picture.read_bytes()
    newest, first = jobs()
    assert (newest.endpoint_id, newest.title) == (first.endpoint_id, "a lake")


def test_flags_change_the_request_and_a_random_seed_is_left_to_the_model(person: Person, picture: Path) -> None:
    said = person.types("run", "--like", str(picture), "-p", "a hill", "--seed", "random", "--dry-run", "--json")
    other = person.types("run", "--like", f"{picture}.json", "--seed", "9", "--dry-run")

    size = {"width": 64, "height": 48}
    assert said.document["arguments"] == {"prompt": "a hill", "image_size": size}
    assert other.document["arguments"] == {"prompt": "a lake", "image_size": size, "seed": 9}


def test_a_moved_picture_is_known_by_its_sidecar_alone(person: Person, picture: Path, tmp_path: Path) -> None:
    seed = json.loads(sidecar.path_beside(picture).read_text())["seed"]
    moved = tmp_path / "elsewhere.png"
    shutil.move(picture, moved)
    shutil.move(sidecar.path_beside(picture), sidecar.path_beside(moved))
    forget_history()

    told = person.types("run", "--like", str(moved), "--dry-run").document
    assert (told["endpoint_id"], told["arguments"]["prompt"], told["arguments"]["seed"]) == (SKETCH, "a lake", seed)


def test_a_picture_without_a_sidecar_is_found_in_the_history_by_its_path(
    person: Person, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar.path_beside(picture).unlink()
    monkeypatch.chdir(picture.parent)

    told = person.types("run", "--like", picture.name, "--dry-run").document
    assert (told["endpoint_id"], told["arguments"]["prompt"]) == (SKETCH, "a lake")


def test_a_picture_that_was_sent_elsewhere_says_itself_what_made_it(person: Person, tmp_path: Path) -> None:
    with config_path().open("r+") as file:
        settings = file.read()
        file.seek(0)
        file.write(f"embed = true\nsidecar = false\n{settings}")
    made = Path(person.types("run", SKETCH, "-p", "a lake", *SMALL).out.strip())
    moved = tmp_path / "sent.png"
    shutil.move(made, moved)
    forget_history()

    told = person.types("run", "--like", str(moved), "--dry-run").document
    assert (told["endpoint_id"], told["arguments"]["prompt"]) == (SKETCH, "a lake")
    assert isinstance(told["arguments"]["seed"], int)


def test_a_file_that_nobody_knows_is_an_error_and_nothing_is_sent(
    person: Person, picture: Path, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "other.png").write_bytes(b"picture")
    (tmp_path / "broken.png").write_bytes(b"picture")
    (tmp_path / "broken.png.json").write_text('{"format": "faldeck-sidecar-1"}')

    unknown = person.types("run", "--like", str(tmp_path / "other.png"))
    missing = person.types("run", "--like", str(tmp_path / "missing.png"))
    broken = person.types("run", "--like", str(tmp_path / "broken.png"))

    assert unknown.status == 4 and "Nothing tells what made" in unknown.err
    assert missing.status == 4 and "There is no file" in missing.err
    assert broken.status == 4 and "names no model" in broken.err
    assert len(emulator.posts()) == 1


def test_a_picture_of_another_program_needs_a_model_and_says_what_was_read(person: Person, tmp_path: Path) -> None:
    text = b"parameters\0a fox\nNegative prompt: blur\nSteps: 20, Seed: 42, Size: 64x48"
    file = tmp_path / "foreign.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + len(text).to_bytes(4) + b"tEXt" + text + bytes(4))

    without = person.types("run", "--like", str(file))
    said = person.types("run", SKETCH, "--like", str(file), "--dry-run")

    assert without.status == 2 and "name the model" in without.err
    assert said.document["arguments"]["prompt"] == "a fox" and said.document["arguments"]["seed"] == 42
    assert "Read from it: prompt, seed" in said.err
