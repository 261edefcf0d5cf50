"""Models that the service does not list: opened by their ids, asked about where they look misspelt, sent to."""

from __future__ import annotations

from pathlib import Path

from support.emulator import Emulator
from support.person import at_the_deck


async def test_an_endpoint_that_is_not_listed_can_be_opened_by_its_id(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("acme/unheard-of/v7")
        await person.sees("is not listed")
        await person.press("enter")
        await person.sees("2 Form  acme/unheard-of/v7", "There is no form")


async def test_an_id_that_is_typed_in_full_comes_before_what_else_is_like_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch")
        await person.press("slash")
        await person.type("demo/sketch")
        assert person.models.highlighted == "demo/sketch"
        await person.replace("demo/sketchy")
        await person.sees("is not listed")
        assert person.models.highlighted == "demo/sketchy"


async def test_an_id_that_is_not_listed_can_be_opened_though_it_is_a_part_of_others(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch")
        await person.press("slash")
        await person.type("demo/voice")
        assert person.models.highlighted == "demo/voice/text-to-speech"
        await person.press("down")
        assert "demo/voice  " in person.line("not listed") and "1 of 21" in person.screen
        await person.replace("voice/text")
        assert person.models.highlighted == "demo/voice/text-to-speech"
        await person.replace("demo/voice")
        await person.press("down")
        await person.press("enter")
        await person.until(lambda: person.line("2 Form").endswith("  demo/voice"))


async def test_what_is_no_endpoint_id_opens_nothing(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.sees("demo/sketch/fast")
        await person.press("slash")
        await person.type("xyzzy plugh")
        assert "No model matches" in person.screen and "“xyzzy plugh”" in person.screen
        await person.press("enter")
        assert "a deck for fal.ai" in person.screen and "find a model" in person.screen


async def test_a_misspelt_model_is_asked_about_before_it_is_sent_to(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/fsat")
        await person.paste('{"prompt": "a fox"}')
        await person.press("ctrl+j")
        await person.sees("Did you mean demo/sketch/fast?", "Nothing was sent yet")
        await person.press("escape")
        assert person.jobs == [] and emulator.posts() == []

        await person.paste('{"prompt": "a wolf"}')
        await person.press("ctrl+j")
        await person.sees("Did you mean demo/sketch/fast?")
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == "demo/sketch/fast")
        assert person.jobs == [] and emulator.posts() == []
        await person.sees("a wolf")


async def test_a_model_that_looks_misspelt_is_sent_to_where_the_person_says_so(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/sketch/fsat")
        await person.paste('{"prompt": "a fox"}')
        await person.press("ctrl+j")
        await person.sees("Send it to demo/sketch/fsat")
        await person.press("end", "enter")
        await person.job()
        assert len(emulator.requests(method="POST", path="/queue/demo/sketch/fsat")) == 1


async def test_an_unlisted_model_is_sent_to_without_a_question(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("me/private/model")
        await person.paste('{"prompt": "a fox"}')
        await person.press("ctrl+j")
        await person.job()
        assert len(emulator.requests(method="POST", path="/queue/me/private/model")) == 1


async def test_a_local_file_in_raw_input_is_never_sent_as_text(emulator: Emulator, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(24))
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("me/private/model")
        await person.paste(f'{{"image_url": "{photo}", "other": "{tmp_path}/none.png", "frame_url": "none.png"}}')
        await person.press("ctrl+j")
        await person.sees("no file none.png")
        assert emulator.posts() == []
        await person.paste(f'{{"image_url": "{photo}"}}')
        await person.press("ctrl+j")
        job = await person.job()
        await person.until(lambda: emulator.requests(method="POST", path="/queue/me/private/model"))
        assert str(person.store.body(job.id).arguments["image_url"]).startswith(f"{emulator.url}/cdn/files/")
