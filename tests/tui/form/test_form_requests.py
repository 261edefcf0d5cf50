"""The whole request in the Form pane: drafts, presets, options, seeds and files of other jobs."""

from __future__ import annotations

import json
from pathlib import Path

from support.emulator import Emulator
from support.forms import EVERY, SKETCH, submitted
from support.person import at_the_deck

from fal_emulator.art.painting import paint, png
from faldeck.app import presets


async def test_a_seed_is_pinned_by_one_key_and_let_go_by_another(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "r")
        assert person.here == "seed"
        assert person.row("seed").split()[1].isdecimal()
        await person.press("delete")
        assert "random" in person.row("seed")
        assert await submitted(person, emulator) == {"prompt": "a fox"}


async def test_a_model_remembers_what_was_entered(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.open_form("demo/mishap/any")
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")
        assert "7" in person.row("seed")


async def test_a_draft_survives_a_restart(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.until(lambda: person.store.models.draft(SKETCH) == {"prompt": "a fox"})
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")


async def test_the_last_words_before_leaving_survive_too(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "q")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        assert "a fox" in person.row("prompt")


async def test_where_there_are_no_presets_the_key_that_makes_one_is_named(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/clarity/upscale")
        await person.press("escape", "p")
        await person.sees("Presets of", "No presets yet. s saves the form as one.")


async def test_a_preset_is_kept_taken_renamed_deleted_and_brought_back(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.fill("seed", "7")
        await person.press("escape", "p", "s")
        await person.type("night")
        await person.press("enter")
        await person.until(lambda: presets.read(SKETCH) == {"night": {"prompt": "a fox", "seed": 7}})
        await person.sees("night")
        await person.press("escape", "X", "p")
        await person.sees("night")
        await person.press("enter")
        assert "a fox" in person.row("prompt") and "7" in person.row("seed")
        await person.press("p")
        await person.sees("night")
        await person.press("n", "end", "ctrl+u")
        await person.type("dusk")
        await person.press("enter")
        await person.until(lambda: list(presets.read(SKETCH)) == ["dusk"])
        await person.press("d")
        await person.until(lambda: presets.read(SKETCH) == {})
        await person.press("u")
        await person.until(lambda: presets.read(SKETCH) == {"dusk": {"prompt": "a fox", "seed": 7}})


async def test_the_models_examples_are_taken_on_request(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "p")
        await person.sees("(the model's own examples)")
        await person.press("enter")
        state = person.form.state
        assert state and state.examples() and state.arguments() == state.examples()
        await person.press("u")
        assert state.arguments() == {}


async def test_presets_that_cannot_be_read_are_told_and_kept(emulator: Emulator, tmp_path: Path) -> None:
    presets.write(SKETCH, {})
    presets.path(SKETCH).write_text("{ broken")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "p")
        await person.sees("cannot be read")
        assert presets.path(SKETCH).read_text() == "{ broken"


async def test_the_options_are_chosen_shown_kept_and_sent(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a fox")
        await person.press("escape", "O")
        await person.sees("How it is run", "priority", "lifecycle")
        await person.press("down", "right", "down", "enter")
        await person.type("90")
        await person.press(*["down"] * 5, "enter")
        await person.type("1h")
        await person.press("ctrl+j")
        await person.sees("3 options")
        assert await submitted(person, emulator) == {"prompt": "a fox"}
        (post,) = emulator.posts(SKETCH)
        assert post["headers"]["x-fal-queue-priority"] == "low"
        assert post["headers"]["x-fal-request-start-timeout"] == "90"
        wish = json.loads(post["headers"]["x-fal-object-lifecycle-preference"])
        assert wish == {"expiration_duration_seconds": 3_600}
        await person.press("escape", "X", "3", "e")
        await person.until(lambda: "a fox" in person.row("prompt"))
        await person.sees("3 options")


async def test_an_option_that_cannot_be_is_told_at_its_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "O", "home", "down", "down", "enter")
        await person.type("0.05")
        await person.press("ctrl+j")
        await person.sees("must be above 0.1")


async def test_uploads_are_asked_to_stay_as_long_as_the_options_say(emulator: Emulator, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\nnot much of a picture")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.fill("image_url", str(photo))
        await person.press("escape", "O", "end", "up", "enter")
        await person.type("7d")
        await person.press("down", "right", "ctrl+j", "ctrl+j")
        await person.job(lambda job: job.request_id is not None)
        (upload,) = [line for line in emulator.requests(method="POST") if "x-fal-object-lifecycle" in line["headers"]]
        assert json.loads(upload["headers"]["x-fal-object-lifecycle"]) == {
            "expiration_duration_seconds": 604_800,
            "initial_acl": {"default": "forbid"},
        }


async def test_a_jobs_file_is_picked_by_its_prompt(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        for prompt in ("a red fox", "a grey heron"):
            await person.open_form(SKETCH)
            await person.replace(prompt)
            await person.press("ctrl+j")
            await person.job(lambda job, prompt=prompt: job.title == prompt and not job.is_open)  # type: ignore[misc]
        await person.open_form("demo/sketch/edit")
        await person.go_to("image_url")
        await person.press("f")
        await person.sees("A job's image", "a red fox", "a grey heron", "image/png")
        await person.type("red")
        await person.sees_no("a grey heron  ")
        await person.press("enter")
        fox = next(job for job in person.jobs if job.title == "a red fox")
        await person.until(lambda: person.form.state and person.form.state.arguments().get("image_url"))
        assert person.form.state and person.form.state.arguments()["image_url"] == fox.outputs[0].url


async def test_the_seed_of_the_last_result_is_pinned_by_one_key(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "s")
        await person.sees("No result of this model says")
        await person.press("enter")
        await person.type("a fox")
        await person.press("ctrl+j")
        job = await person.job()
        result = person.store.body(job.id).result
        assert isinstance(result, dict)
        await person.press("escape", "2", "escape", "s")
        await person.until(lambda: str(result["seed"]) in person.row("seed"))
        assert await submitted(person, emulator) == {"prompt": "a fox", "seed": result["seed"]}


async def test_a_file_that_breaks_its_limits_is_told_while_the_form_is_filled_in(
    emulator: Emulator, tmp_path: Path
) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(png(paint("a harbour", 1, 64, 48)))
    large.write_bytes(png(paint("a harbour", 1, 400, 300)))
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/reel/v3/pro/image-to-video")
        assert person.here == "start_image_url"
        await person.type(str(small))
        await person.until(lambda: "at least 300 px wide, not 64" in person.row("start_image_url"))
        await person.press("ctrl+j")
        assert person.jobs == []
        await person.until(lambda: "not 64" in person.row("start_image_url"))
        await person.replace(str(large))
        assert "must be" not in person.row("start_image_url")
        got = await submitted(person, emulator)
        assert isinstance(got, dict) and got["start_image_url"].startswith("http")
