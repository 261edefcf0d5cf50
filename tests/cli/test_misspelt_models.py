"""A model that the catalogue does not list: asked about where it looks misspelt, sent to otherwise."""

import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, Person, jobs


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def listed(person: Person) -> None:
    """The catalogue is on disk."""
    assert person.types("models").status == 0


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("demo/sketch/fsat", SKETCH),
        ("demo/sketc/fas", SKETCH),
        ("demo/Sketch/fast", SKETCH),
        ("demo/reel/v2/text-to-vidoe", FILM),
    ],
)
@pytest.mark.parametrize("way", [(), ("--async",), ("--sync",), ("--repeat", "2"), ("--model", SKETCH), ("--dry-run",)])
def test_a_misspelt_model_is_asked_about_before_money_moves(
    person: Person, emulator: Emulator, typed: str, meant: str, way: tuple[str, ...]
) -> None:
    words = (typed, *way) if "--model" not in way else ("--model", typed, *way)

    said = person.types("run", *words, "-p", "x")

    assert said.status == 2
    assert f"{typed} is not in the catalogue; did you mean {meant}" in said.err and "--unlisted" in said.err
    assert emulator.posts() == [] and jobs() == []


@pytest.mark.usefixtures("listed")
def test_a_model_that_looks_misspelt_is_sent_to_where_it_is_meant(person: Person, emulator: Emulator) -> None:
    person.types("run", "demo/sketch/fsat", "-p", "x", "--unlisted", "--async")

    assert len(emulator.requests(method="POST", path="/queue/demo/sketch/fsat")) == 1


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    "endpoint_id", ["me/private-model", "workflows/demo/poscard", "comfy/demo/sketch/fsat", "demo/sketch/brand-new"]
)
def test_other_unlisted_models_are_sent_to_without_a_question(
    person: Person, emulator: Emulator, endpoint_id: str
) -> None:
    person.types("run", endpoint_id, "-p", "x", "--async")

    assert len(emulator.requests(method="POST", path=f"/queue/{endpoint_id}")) == 1


def test_without_a_catalogue_no_name_is_asked_about(person: Person, emulator: Emulator) -> None:
    person.types("run", "demo/sketch/fsat", "-p", "x", "--async")

    assert len(emulator.requests(method="POST", path="/queue/demo/sketch/fsat")) == 1


def test_a_path_that_the_model_does_not_have_fails_in_its_words_and_the_nearest_id_is_offered(
    person: Person, emulator: Emulator
) -> None:
    person.types("models", "--refresh")
    said = person.types("run", "demo/sketch/fastest-of-all", "-p", "a lake")

    assert said.status == 1
    assert "Path /fastest-of-all not found" in said.err
    assert "demo/sketch/fast" in said.err.splitlines()[-1]
    assert len(emulator.posts()) == 1
