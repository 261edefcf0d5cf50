"""models, schema, price and upload: what the service offers, for scripts."""

import json
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.shell import SKETCH, Person


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_models_are_searched_best_first(person: Person) -> None:
    said = person.types("models", "sketch", "fast", "--json")

    assert said.status == 0
    assert said.documents[0]["endpoint_id"] == SKETCH
    assert "fast" in said.documents[0]["tags"]


def test_models_are_filtered_by_category(person: Person) -> None:
    said = person.types("models", "--category", "text-to-video")

    assert [line.split()[0] for line in said.out.splitlines()] == ["demo/reel/v2/text-to-video"]


def test_models_are_chosen_by_id_and_by_status(person: Person) -> None:
    one = person.types("models", "--endpoint-id", SKETCH, "--endpoint-id", "demo/sketch", "--json").documents
    old = person.types("models", "--status", "deprecated", "--json").documents

    assert {model["endpoint_id"] for model in one} == {SKETCH, "demo/sketch"}
    assert [model["endpoint_id"] for model in old] == ["demo/sketch"]
    assert person.types("models", "--status", "active", "--endpoint-id", "demo/sketch").status == 4


def test_models_come_from_the_disk_while_they_are_fresh(person: Person, emulator: Emulator) -> None:
    first = person.types("models", "--limit", "3")
    asked = len(emulator.requests(path="/api/v1/models"))

    assert person.types("models", "--limit", "3") == first
    assert len(first.out.splitlines()) == 3
    assert len(emulator.requests(path="/api/v1/models")) == asked
    assert person.types("models", "--refresh").status == 0
    assert len(emulator.requests(path="/api/v1/models")) > asked


def test_no_key_is_needed_to_look(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    assert person.types("models").status == 0
    assert person.types("schema", SKETCH).status == 0


def test_a_search_that_finds_nothing_says_so(person: Person) -> None:
    said = person.types("models", "xyzzyxyzzy")

    assert (said.status, said.out, said.err) == (4, "", "faldeck: No model in the catalogue matches.\n")


def test_a_list_that_cannot_be_had_is_no_answer(person: Person, emulator: Emulator) -> None:
    emulator.faults("drop-before@catalogue")

    said = person.types("models")

    assert said.status == 5
    assert said.out == "" and said.err.count("\n") == 1


def test_the_schema_of_a_model_has_three_forms(person: Person) -> None:
    fields = person.types("schema", SKETCH, "--json").documents
    wanted = person.types("schema", SKETCH, "--input").document
    given = person.types("schema", SKETCH, "--output").document
    whole = person.types("schema", SKETCH, "--openapi").document

    assert fields[0]["name"] == "prompt" and fields[0]["required"] is True and fields[0]["type"] == "text"
    assert wanted["required"] == ["prompt"]
    assert "images" in given["properties"]
    assert whole["openapi"].startswith("3.") and f"/{SKETCH}" in whole["paths"]


def test_the_schema_for_people_names_every_field(person: Person) -> None:
    said = person.types("schema", "demo/every/field")

    assert said.out.startswith("fields of demo/every/field:")
    assert all(f"--{name}" in said.out for name in ("large-seed", "image-urls", "background-color"))


def test_a_schema_can_be_a_file(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(person.types("schema", SKETCH, "--openapi").out)

    assert person.types("schema", str(file)).out == person.types("schema", SKETCH).out


@pytest.mark.parametrize("part", ["--input", "--output", "--openapi"])
def test_json_may_stand_beside_any_part_of_a_schema(person: Person, part: str) -> None:
    assert person.types("schema", SKETCH, part, "--json") == person.types("schema", SKETCH, part)


def test_the_input_of_a_model_refers_to_nothing_outside(person: Person) -> None:
    said = person.types("schema", "demo/every/field", "--input")

    assert "#/components" not in said.out
    whole = person.types("schema", "demo/every/field", "--openapi")
    assert "#/components" in whole.out


def test_a_model_as_the_catalogue_lists_it_is_read(person: Person, tmp_path: Path) -> None:
    whole = person.types("schema", SKETCH, "--openapi").document
    element = {"endpoint_id": SKETCH, "metadata": {"display_name": "Sketch"}, "openapi": whole}
    file = tmp_path / "model.json"
    expected = person.types("schema", SKETCH).out

    for wrapped in (element, {"models": [element], "has_more": False}, [element]):
        file.write_text(json.dumps(wrapped))
        assert person.types("schema", str(file)).out == expected
        assert person.types("schema", str(file), "--input").out == person.types("schema", SKETCH, "--input").out


def test_a_json_schema_alone_is_read_as_the_input(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    schema = {"title": "Input", "type": "object", "properties": {"size": {"$ref": "#/$defs/Size"}}}
    file.write_text(json.dumps({**schema, "$defs": {"Size": {"type": "integer"}}}), "utf-8-sig")

    assert [field["name"] for field in person.types("schema", str(file), "--json").documents] == ["size"]
    assert person.types("schema", str(file), "--input").document == {
        **schema,
        "properties": {"size": {"type": "integer"}},
    }
    assert person.types("schema", str(file), "--output").status == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"openapi": "3.0.4", "paths": {}}, "does not say what the model takes"),
        ({"detail": "Not Found"}, "does not say what the model takes"),
        ({"type": "object", "properties": {}}, "an object without named fields"),
        ({"$ref": "#/$defs/Gone"}, "refers to Gone, which is missing"),
    ],
)
@pytest.mark.parametrize("part", [(), ("--input",), ("--json",)], ids=str)
def test_a_document_that_gives_no_fields_says_why(
    person: Person, tmp_path: Path, document: dict[str, object], reason: str, part: tuple[str, ...]
) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))

    said = person.types("schema", str(file), *part)

    assert said.status == 1
    assert reason in said.err


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ('{"models": [{"endpoint_id": "a/b"}, {"endpoint_id": "c/d"}]}', 4, "These are 2 models (a/b, c/d …)"),
        ('{"endpoint_id": "a/b", "metadata": {}}', 4, "expand=openapi-3.0"),
        ('{"endpoint_id": "a/b", "openapi": {"error": {"message": "no"}}}', 4, "The service gave no schema: no"),
        ("not json", 2, "not valid JSON"),
        ("[]", 4, "not a JSON object"),
        ('{"error": {"message": "expansion failed"}}', 4, "The service gave no schema: expansion failed"),
    ],
)
def test_a_broken_schema_is_told_in_a_sentence(
    person: Person, tmp_path: Path, text: str, status: int, reason: str
) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(text)

    said = person.types("schema", str(file))

    assert said.status == status
    assert reason in said.err and said.err.count("\n") == 1


def test_an_unknown_model_has_no_schema(person: Person) -> None:
    said = person.types("schema", "demo/nobody/knows")

    assert said.status == 4
    assert "demo/nobody/knows" in said.err


def test_prices_are_those_of_the_account(person: Person) -> None:
    said = person.types("price", SKETCH, "demo/reel/v2/text-to-video", "--json")

    assert said.status == 0
    assert [(price["endpoint_id"], price["unit_price"], price["unit"]) for price in said.documents] == [
        (SKETCH, 0.003, "megapixels"),
        ("demo/reel/v2/text-to-video", 0.07, "seconds"),
    ]
    assert person.types("price", SKETCH).out == f"{SKETCH}  0.003 USD / megapixels\n"
    assert person.types("price", "demo/nobody/knows").status == 4


def test_upload_prints_the_urls_in_order(person: Person, tmp_path: Path, emulator: Emulator) -> None:
    files = [tmp_path / "one.txt", tmp_path / "zwei ä.bin"]
    files[0].write_bytes(b"one")
    files[1].write_bytes(bytes(range(256)) * 5000)

    said = person.types("upload", *map(str, files), "--lifecycle", "60")

    assert said.status == 0
    assert [httpx.get(url, verify=False).content for url in said.out.splitlines()] == [
        file.read_bytes() for file in files
    ]
    (first, _) = emulator.requests(method="POST", path="/cdn/files/upload")
    assert json.loads(first["headers"]["x-fal-object-lifecycle"]) == {"expiration_duration_seconds": 60}


def test_upload_looks_for_every_file_before_it_sends_one(person: Person, tmp_path: Path, emulator: Emulator) -> None:
    file = tmp_path / "one.txt"
    file.write_bytes(b"one")

    said = person.types("upload", str(file), str(tmp_path / "gone"))

    assert said.status == 2
    assert said.err == f"faldeck: There is no file {tmp_path / 'gone'}.\n"
    assert emulator.requests(path="/rest/") == []
