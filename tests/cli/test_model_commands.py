"""models with filters and orders, and model: all about one model, for scripts and for people."""

from __future__ import annotations

import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, SMALL, Person

from faldeck.app.model_card import WebPage
from faldeck.cli.commands.model import WEB_PAGES
from faldeck.config.settings import config_path


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def ids(said: str) -> list[str]:
    return [line.split()[0] for line in said.splitlines()]


def test_models_are_filtered_by_the_language_of_the_deck(person: Person) -> None:
    assert ids(person.types("models", "cat:text-to-video").out) == [FILM]
    assert "demo/sketch" not in ids(person.types("models", "sketch", "-status:deprecated").out)
    assert set(ids(person.types("models", "kind:audio,3d", "--sort", "name").out)) >= {"demo/tune/text-to-music"}
    assert ids(person.types("models", "sketch", "--sort=-name").out) == sorted(
        ids(person.types("models", "sketch").out), reverse=True
    )


def test_prices_are_asked_for_once_a_day_where_a_filter_needs_them(person: Person, emulator: Emulator) -> None:
    cheap = person.types("models", "price:<0.01", "--sort", "price", "--json").documents
    asked = len(emulator.requests(path="/api/v1/models/pricing"))
    again = person.types("models", "price:<0.01", "--sort", "price", "--json").documents

    amounts = [model["price"]["unit_price"] for model in cheap]
    assert cheap == again and amounts == sorted(amounts) and max(amounts) < 0.01
    assert asked and len(emulator.requests(path="/api/v1/models/pricing")) == asked


def test_what_is_not_understood_is_said_before_anything_is_asked(person: Person, emulator: Emulator) -> None:
    unknown, order = person.types("models", "categry:video"), person.types("models", "--sort", "dear")

    assert (unknown.status, order.status) == (2, 2)
    assert "no filter “categry:”. Did you mean cat:?" in unknown.err
    assert "relevance, newest, name, price, used" in order.err
    assert emulator.requests(path="/api/v1/models") == []


def test_nothing_found_says_what_to_leave_out(person: Person) -> None:
    said = person.types("models", "sketch", "kind:3d")
    assert said.status == 4 and "Without kind:3d there are" in said.err
    assert "Did you mean cat:video?" in person.types("models", "cat:vidoe").err


def test_the_page_of_a_model_says_all_about_it(person: Person) -> None:
    assert person.types("run", SKETCH, "-p", "a fox", *SMALL).status == 0
    person.types("note", SKETCH, "quick")

    text, page = person.types("model", SKETCH).out, person.types("model", SKETCH, "--json").document

    for words in ("Sketch [fast]", "commercial", "the median of 1 job of yours", "quick", "Inputs", "num_images"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 100
    assert page["siblings"] and all(one.startswith("demo/sketch") for one in page["siblings"])
    assert page["price"]["unit"] and page["typical_seconds"] and page["jobs"] == 1
    assert [one["name"] for one in page["inputs"]][:2] == ["prompt", "image_size"]
    assert {"name": "images", "type": "file, list"}.items() <= page["outputs"][0].items()
    assert page["pages"]["playground"] == f"https://fal.ai/models/{SKETCH}/playground"


def test_without_own_jobs_the_typical_time_is_the_catalogues(person: Person) -> None:
    assert "says the catalogue" in person.types("model", SKETCH).out


def test_a_page_of_a_model_is_opened_with_the_persons_program(person: Person) -> None:
    config_path().write_text('open_command = "true"\n' + config_path().read_text())

    said = person.types("model", SKETCH, "--open", "api", "--json").document

    assert said == {"place": f"https://fal.ai/models/{SKETCH}/api", "is_opened": True, "is_copied": False}
    assert tuple(WebPage) == WEB_PAGES


def test_the_page_of_an_unknown_model_names_what_may_be_meant(person: Person) -> None:
    person.types("models")

    said = person.types("model", "demo/skech/fast")

    assert (said.status, said.out) == (4, "")
    assert f"Did you mean {SKETCH}?" in said.err
