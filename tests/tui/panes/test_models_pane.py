"""The Models pane: the catalogue listed, searched, narrowed and starred."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import Person, at_the_deck

from faldeck.app.catalogue import Catalogue


def listed(person: Person) -> list[str]:
    """The endpoint ids that the Models pane shows, from the top."""
    rows = [line[:40] for line in person.screen.splitlines()]
    return [word for row in rows for word in row.split() if word.startswith(("demo/", "workflows/"))]


async def test_the_models_of_the_service_are_listed_at_the_first_start(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast", "demo/voice/text-to-speech", "/21 ")


async def test_the_models_are_there_at_the_next_start_without_being_asked_for(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
    emulator.forget()
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.app.engine.ready()
    assert emulator.requests(path="/api/v1/models") == []


async def test_models_that_another_deck_listed_after_this_one_looked_are_shown(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Catalogue, "is_stale", False)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")


async def test_a_search_narrows_the_list_with_every_letter(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        before = len(listed(person))
        await person.type("upsc")
        assert listed(person) == ["demo/clarity/upscale"]
        assert "1 of 21" in person.screen
        await person.sees("Enlarges a picture")
        await person.press("escape", "escape")
        assert len(listed(person)) == before


async def test_words_are_searched_in_names_categories_and_descriptions(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        for words, found in (
            ("speech text", {"demo/voice/text-to-speech", "demo/ear/speech-to-text"}),
            ("golden", set()),
            ("close the laptop", {"demo/sketch/trainer"}),
            ("llm", {"demo/scribe/chat"}),
        ):
            await person.replace(words)
            assert set(listed(person)) == found, words


async def test_a_slip_of_the_finger_still_finds_the_model(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        for slip in ("upsclae", "upscle", "upscalle", "upscake"):
            await person.replace(slip)
            assert listed(person)[:1] == ["demo/clarity/upscale"], slip


async def test_a_starred_model_comes_first_and_keeps_its_star(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("tune")
        await person.press("escape", "s")
        assert "★ demo/tune/text-to-music" in person.screen
        await person.until(lambda: person.store.models.all().get("demo/tune/text-to-music") == (True, None, ""))
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("★")
        assert listed(person)[0] == "demo/tune/text-to-music"
        await person.press("s")
        assert "★" not in person.screen
        await person.until(lambda: person.store.models.all() == {})


async def test_a_deprecated_model_is_marked_and_comes_last(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("sketch")
        assert listed(person)[-1] == "demo/sketch"
        assert "deprecated" in person.line("demo/sketch ")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_cursor_goes_through_the_whole_list(
    size: tuple[int, int], emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        await person.sees("demo/sketch/fast")
        names = {model.name: model.endpoint_id for model in person.app.engine.catalogue.models()}
        seen = []
        for _ in names:
            seen.append(person.models.highlighted)
            await person.press("down")
        assert sorted(filter(None, seen)) == sorted(names.values())
        await person.press("home")
        assert person.models.highlighted == seen[0]
        await person.press("end", "pageup", "pagedown")
        assert person.models.highlighted == seen[-1]


async def test_the_list_is_asked_for_anew_on_demand(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        emulator.forget()
        await person.press("ctrl+r")
        await person.until(lambda: emulator.requests(path="/api/v1/models"))


# What a browser shows, and names with a typo


@pytest.mark.parametrize(
    "page",
    [
        "https://fal.ai/models/demo/sketch/fast",
        "fal.ai/models/demo/sketch/fast/playground?share=1",
        "{url}/queue/demo/sketch/fast",
        " models/demo/sketch/fast/ ",
    ],
)
async def test_a_page_that_is_pasted_over_the_models_finds_its_model(
    emulator: Emulator, tmp_path: Path, page: str
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/clarity/upscale")
        await person.press("escape")
        await person.paste(page.format(url=emulator.url))
        assert listed(person)[:1] == ["demo/sketch/fast"]
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == "demo/sketch/fast")


async def test_a_page_can_be_pasted_into_the_search(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/clarity/upscale")
        await person.press("slash")
        await person.paste("https://fal.ai/models/demo/sketch/fast/llms.txt")
        assert listed(person)[:1] == ["demo/sketch/fast"]


async def test_filters_categories_and_orders_narrow_the_list_and_say_what_to_loosen(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("cat:text-to-v")
        assert "Tab text-to-video" in person.screen
        await person.press("tab")
        assert listed(person) == ["demo/reel/v2/text-to-video"]
        await person.replace("sketch kind:3d")
        assert "No model matches" in person.screen and "“sketch kind:3d”" in person.screen
        assert "Without kind:3d there" in person.screen
        await person.replace("categry:video")
        assert "There is no filter" in person.screen and "categry" in person.screen
        await person.press("escape", "escape")
        before = listed(person)
        await person.press("c")
        assert person.models.category in person.line("1 Models") and len(listed(person)) < len(before)
        await person.press("C")
        assert listed(person) == before
        await person.press("a", "a")
        assert "name" in person.line("1 Models") and listed(person) == sorted(listed(person))
        await person.press("a")
        await person.until(lambda: "$0.003" in person.line("demo/sketch/fast"))
        assert emulator.requests(path="/api/v1/models/pricing")


async def test_the_page_of_a_model_says_all_about_it_and_opens_its_form(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("n")
        await person.type("quick one")
        await person.press("enter")
        await person.until(lambda: person.store.models.of("demo/sketch/fast").note == "quick one")
        await person.press("m")
        await person.sees("Inputs", "num_images", "Family", "quick one", "commercial")
        await person.press("s")
        await person.until(lambda: person.store.models.of("demo/sketch/fast").starred)
        await person.press("enter")
        await person.sees("2 Form  demo/sketch/fast", "prompt*")
        await person.press("escape", "m")
        await person.sees("Inputs", "quick one")
        await person.press("escape")
        await person.sees("2 Form  demo/sketch/fast")


async def test_an_alias_that_is_typed_puts_its_model_first_listed_or_not(emulator: Emulator, tmp_path: Path) -> None:
    aliases = {"quick": "demo/clarity/upscale", "mine": "acme/unheard-of/v7"}
    async with at_the_deck(emulator.url, tmp_path, aliases=aliases) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("quick")
        assert person.models.highlighted == "demo/clarity/upscale"
        await person.until(lambda: "= quick" in person.screen)
        await person.replace("mine")
        assert person.models.highlighted == "acme/unheard-of/v7"
        await person.press("enter")
        await person.sees("2 Form  acme/unheard-of/v7")


async def test_a_list_with_room_shows_what_kind_each_model_is(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=(80, 24)) as person:
        await person.sees("demo/clarity/upscale")
        columns = {
            person.line("demo/clarity/upscale", "image-to-image").index("image-to-image"),
            person.line("demo/reel/v2/text-to-video ", " text-to-video ").index(" text-to-video ") + 1,
        }
        assert len(columns) == 1, "the kinds stand below each other"


async def test_the_price_of_a_model_is_whole_in_a_narrow_pane(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("sketch/pro price:<1")
        await person.press("escape", "home")
        await person.sees("… · $0.025 / megapixel")
