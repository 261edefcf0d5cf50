"""run: the input, from flags, JSON and stdin, and its types with a schema and without one."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs, png_size

from faldeck.system import paths


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_types_come_from_the_schema_and_never_from_the_look_of_a_value(person: Person) -> None:
    words = ("--prompt", "2024", "--num-images", "2", "--no-enable-safety-checker", "--sync-mode")
    said = person.types("run", SKETCH, *words, "--image-size.width", "64", "--image-size.height", "48", "--dry-run")

    assert said.status == 0
    assert said.document["arguments"] == {
        "prompt": "2024",
        "image_size": {"width": 64, "height": 48},
        "num_images": 2,
        "sync_mode": True,
        "enable_safety_checker": False,
    }


def test_a_dry_run_sends_and_records_nothing(
    person: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "a lake", "--size", "portrait", "--dry-run")

    assert said.document["arguments"]["image_size"] == "portrait_4_3"
    assert emulator.posts() == []
    assert jobs() == []


def test_flags_go_on_top_of_a_json_input(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"prompt": "a lake", "seed": 18446744073709551615}')

    said = person.types("run", SKETCH, "--input", str(file), "--seed", "8", "--dry-run")

    assert said.document["arguments"] == {"prompt": "a lake", "seed": 8}


def test_input_can_come_from_stdin(person: Person) -> None:
    with person.starts("run", SKETCH, "--input", "-", "--dry-run", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate('{"prompt": "日本の湖\\n\\"quoted\\""}', timeout=60)

    assert json.loads(out)["arguments"] == {"prompt": '日本の湖\n"quoted"'}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[1]", "must be a JSON object"), ("{", "not valid JSON"), (None, "No such file"), (b"\xff", "it is not text")],
)
def test_an_input_that_is_no_json_object_is_refused(
    person: Person, tmp_path: Path, text: str | bytes | None, reason: str
) -> None:
    file = tmp_path / "input.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    said = person.types("run", SKETCH, "--input", str(file))

    assert said.status == 2
    assert said.err.count("\n") == 1 and reason in said.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--num-images", "9", "-p", "x"), "num_images: must be at most 4"),
        (("--num-images", "many", "-p", "x"), "--num-images: must be a whole number"),
        ((), "prompt: is required"),
        (("-p", "x", "--image-size", "huge"), "--image-size: must be a size"),
        (("-p", "x", "--num-image", "2"), "did you mean --num-images?"),
        (("-p",), "-p: a value is missing"),
        (("-p", "x", "stray"), "stray: a value without a flag"),
        (("-p", "x", "--start-timeout", "0.05"), "start timeout must be more than"),
        (("-p", "x", "--priority", "high"), "invalid choice: 'high'"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_sent(
    person: Person, emulator: Emulator, words: tuple[str, ...], reason: str
) -> None:
    said = person.types("run", SKETCH, *words)

    assert said.status == 2
    assert said.out == "" and reason in said.err
    assert emulator.posts() == []
    assert jobs() == []


def test_help_shows_the_models_fields(person: Person) -> None:
    said = person.types("run", SKETCH, "--help")

    folded = " ".join(said.out.split())
    assert said.status == 0
    assert "--num-images INTEGER How many pictures to paint. (1 to 4; default 1)" in folded
    assert "--prompt TEXT" in folded and "(required; at most 2,500 characters)" in folded
    assert "--timeout S" in folded


def test_help_for_a_model_that_nobody_describes_says_so(person: Person) -> None:
    said = person.types("run", "demo/nobody/knows", "--help")

    assert said.status == 4
    assert said.out.startswith("usage: ") and said.err.count("\n") == 1


def test_after_two_dashes_every_flag_is_the_models(person: Person) -> None:
    said = person.types("run", MISHAP, "--dry-run", "--", "--prompt", "--json", "--failure", "none")

    assert said.document["arguments"] == {"failure": "none", "prompt": "--json"}


def test_a_local_file_is_uploaded_wherever_a_file_is_wanted(person: Person, emulator: Emulator, tmp_path: Path) -> None:
    picture = person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n")

    said = person.types("run", "demo/cutout/remove-background", "--file", picture, "--json")

    assert said.document["state"] == "completed"
    assert said.document["arguments"]["image_url"].startswith(f"{emulator.url}/cdn/")
    assert png_size(said.document["outputs"][0]["path"]) == (64, 48)


def test_a_local_file_that_is_not_there_is_named(person: Person, emulator: Emulator) -> None:
    said = person.types("run", "demo/cutout/remove-background", "--image-url", "gone.png")

    assert said.status == 2
    assert said.err == "faldeck: image_url: there is no file gone.png.\n"
    assert emulator.posts() == []


def test_without_a_schema_values_are_text_and_json_where_it_is_asked_for(person: Person, emulator: Emulator) -> None:
    emulator.faults("500@catalogue")
    texts = ("-p", "2024", "--duration", "5", "--title=true", "--loud", "--no-sync-mode")
    numbers = ("--num-images:=2", "seed:=7", "--tags:=[1]", "--image-size.width:=64")

    said = person.types("run", SKETCH, *texts, *numbers, "--dry-run")

    assert said.status == 0
    assert "are not known, so nothing is checked" in said.err
    assert said.document["arguments"] == {
        "prompt": "2024",
        "duration": "5",
        "num_images": 2,
        "seed": 7,
        "loud": True,
        "sync_mode": False,
        "tags": [1],
        "image_size": {"width": 64},
        "title": "true",
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--seed:=seven",), "--seed: not valid JSON"),
        (("--tag", "a", "--tag", "b"), "--tag is given twice; for a list write --tag:='[…]'"),
        (("cat",), "cat: a value without a flag"),
        (("--",), "no field for"),
    ],
)
def test_without_a_schema_no_word_is_lost(
    person: Person, emulator: Emulator, words: tuple[str, ...], reason: str
) -> None:
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, "-p", "x", "--", *words)

    assert said.status == 2 and reason in said.err
    assert emulator.posts() == []


def test_with_a_schema_a_value_can_be_json_too(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "x", "--seed:=7", "num_images:=2", "--dry-run")

    assert said.document["arguments"] == {"prompt": "x", "num_images": 2, "seed": 7}


def test_an_old_schema_does_when_the_service_is_away(person: Person) -> None:
    assert person.types("schema", SKETCH).status == 0
    (schema,) = (paths.cache_dir() / "lab" / "schemas").iterdir()
    os.utime(schema, (0, 0))
    person.set_up("http://127.0.0.1:1")

    said = person.types("run", SKETCH, "--prompt", "2024", "--num-images", "9", "--dry-run")

    assert said.status == 2
    assert said.err == "faldeck: num_images: must be at most 4\n"
