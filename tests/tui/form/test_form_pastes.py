"""Pasting into the Form pane: texts, dropped files, and requests that were written elsewhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.forms import EVERY, SKETCH, submitted
from support.person import at_the_deck, received

from faldeck.app.paste import job_line
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import new_id

PRO = "demo/sketch/pro"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_paste_of_many_lines_keeps_them_all(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("fox: ")
        await person.paste("one\ntwo\n")
        await person.sees("^J keeps the text")
        await person.press("ctrl+j")
        assert await submitted(person, emulator) == {"prompt": "fox: one\ntwo\n"}


async def test_a_paste_whose_lines_end_as_terminals_send_them_keeps_them_all(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("one\rtwo\r\nthree")
        await person.sees("^J keeps the text")
        await person.press("ctrl+j", "x")
        assert await submitted(person, emulator) == {"prompt": "one\ntwo\nthree"}


@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
async def test_pasted_code_with_comments_is_understood_whatever_ends_its_lines(
    is_typing: bool, emulator: Emulator, tmp_path: Path
) -> None:
    code = """await fal.subscribe("demo/sketch/fast", { input: {\r // what it shows\r prompt: 'a lake' } })"""
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        if not is_typing:
            await person.press("escape")
        await person.paste(code)
        assert await submitted(person, emulator) == {"prompt": "a lake"}


async def test_a_paste_that_opened_a_dialog_is_not_lost_by_one_escape(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("one\ntwo")
        await person.press("escape")
        await person.sees("The text is not kept yet", "two")
        await person.press("ctrl+j")
        assert "one two" in person.row("prompt")


async def test_a_paste_of_one_line_goes_into_the_field(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste("a fox [b]not bold[/b] q1234/?")
        assert await submitted(person, emulator) == {"prompt": "a fox [b]not bold[/b] q1234/?"}


async def test_a_file_dropped_on_its_field_is_uploaded(emulator: Emulator, tmp_path: Path) -> None:
    photo = tmp_path / "a photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\nnot much of a picture")
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("image_url")
        await person.paste(f"'{photo}' ")
        assert "a photo.png" in person.row("image_url")
        await person.go_to("image_urls")
        await person.paste(f"'{photo}' {photo.as_uri()}")
        await person.press("ctrl+j")
        job = await person.job(lambda job: job.request_id is not None)
        got = received(emulator.url, job)
        assert isinstance(got, dict)
        assert got["image_url"].startswith("http")
        assert got["image_urls"] == [got["image_url"]] * 2


async def test_a_file_dropped_on_the_deck_opens_the_form_that_made_it(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, sidecar=True) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J", "f7")
        await person.paste('{"prompt": "a fox", "image_size": {"width": 64, "height": 48}}')
        await person.press("ctrl+j", "ctrl+j")
        job = await person.job()
        await person.open_form("demo/reel/v2/text-to-video")
        await person.press("escape", "3")

        await person.paste(f"'{job.outputs[0].path}'")
        await person.sees(f"Open {SKETCH} with the input that made this file?")
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == SKETCH and person.form.state)
        assert person.form.state and person.form.state.value(("prompt",)) == "a fox"

        stranger = tmp_path / "other.png"
        stranger.write_bytes(b"picture")
        await person.press("escape", "3")
        await person.paste(str(stranger))
        await person.sees("Nothing tells what made")


async def test_a_picture_of_another_program_fills_the_open_form(emulator: Emulator, tmp_path: Path) -> None:
    settings = b"parameters\0a barn\nSteps: 20, Seed: 42, Size: 512x768"
    chunks = ((b"IHDR", bytes(13)), (b"tEXt", settings), (b"IDAT", b""))
    data = b"".join(len(body).to_bytes(4) + kind + body + bytes(4) for kind, body in chunks)
    picture = tmp_path / "barn.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("3")
        await person.paste(str(picture))
        await person.sees("Another program made this file. Open the form of a model")

        await person.open_form(PRO)
        await person.type("a fox")
        await person.press("tab", "escape", "3")
        await person.paste(str(picture))
        await person.sees(f"Fill in {PRO} with the settings in this file?")
        await person.press("enter")
        await person.until(lambda: person.form.state and person.form.state.value(("prompt",)) == "a barn")
        assert person.form.state and person.form.state.arguments() == {
            "prompt": "a barn",
            "seed": 42,
            "num_inference_steps": 20,
            "image_size": {"width": 512, "height": 768},
        }


async def test_json_is_pasted_into_a_field_of_json_and_into_a_form_without_a_schema(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(EVERY)
        await person.type("a heron")
        await person.go_to("labels")
        await person.paste('{"sky": "blue"}')
        await person.sees("^J keeps the text")
        await person.press("ctrl+j")
        assert await submitted(person, emulator) == {"prompt": "a heron", "labels": {"sky": "blue"}}
        await person.open_form("acme/unheard-of")
        await person.paste('{"prompt": "a lake"}')
        assert person.form.state and person.form.state.arguments() == {"prompt": "a lake"}


@pytest.mark.parametrize(
    "text",
    [
        '{"prompt": "a lake", "num_images": 2}',
        """fal_client.run("demo/sketch/fast", arguments={"prompt": "a lake", "num_images": 2})""",
    ],
    ids=["json", "python"],
)
@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
async def test_a_pasted_request_fills_the_form(text: str, is_typing: bool, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        if not is_typing:
            await person.press("escape")
        await person.paste(text)
        assert "a lake" in person.row("prompt") and "2" in person.row("num_images")
        assert await submitted(person, emulator) == {"prompt": "a lake", "num_images": 2}


async def test_a_request_to_another_model_is_asked_about_and_opens_its_form(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hen")
        text = """fal_client.run("demo/mishap/any", arguments={"prompt": "a lake"})"""
        await person.paste(text)
        await person.sees("Open demo/mishap/any with this input?")
        await person.press("escape")
        assert person.form.endpoint_id == SKETCH and "a hen" in person.row("prompt")
        await person.paste(text)
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == "demo/mishap/any")
        await person.until(lambda: "a lake" in person.row("prompt"))
        assert emulator.posts() == []


@pytest.mark.parametrize("pane", ["1", "3", "4", "slash"])
async def test_a_request_is_taken_where_no_form_is_open(pane: str, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press(pane)
        await person.paste(f'curl {emulator.url}/queue/{SKETCH} -d \'{{"prompt": "a lake"}}\'')
        await person.sees(f"Open {SKETCH} with this input?")
        await person.press("enter")
        await person.until(lambda: "a lake" in person.row("prompt"))
        assert person.form.endpoint_id == SKETCH and not person.models.search.value
        assert await submitted(person, emulator) == {"prompt": "a lake"}


@pytest.mark.parametrize("pane", ["1", "2", "slash"])
async def test_a_pasted_command_opens_its_model_with_its_values(pane: str, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form("demo/mishap/any")
        await person.press("escape", pane)
        await person.paste(f"$ faldeck --demo run {SKETCH} -p 'a lake' \\\n  --num-images 2 --priority low --json")
        await person.sees(f"Open {SKETCH} with this input?")
        await person.press("enter")
        await person.until(lambda: person.form.endpoint_id == SKETCH and "a lake" in person.row("prompt"))
        await person.sees("Left out of the command: --demo, --json")
        assert person.models.search.value == "demo/mishap/any" and emulator.posts() == []
        assert await submitted(person, emulator) == {"prompt": "a lake", "num_images": 2}
        (job,) = person.jobs
        assert job.options == {"priority": "low"}


async def test_a_pasted_command_with_an_unknown_flag_changes_nothing(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hen")
        await person.paste(f"faldeck run {SKETCH} --promt 'a lake'")
        await person.sees(f"Open {SKETCH} with this input?")
        await person.press("enter")
        await person.sees("did you mean --prompt")
        assert "a hen" in person.row("prompt")


async def test_the_line_of_a_job_adopts_its_request(emulator: Emulator, tmp_path: Path) -> None:
    headers = {"Authorization": "Key 0f1e2d3c:good"}
    async with httpx.AsyncClient(verify=False, headers=headers) as client:
        answer = await client.post(f"{emulator.url}/queue/{SKETCH}", json={"prompt": "a lake"})
    request_id = answer.json()["request_id"]
    job = Job(id=new_id(), profile="x", endpoint_id=SKETCH, state=State.QUEUED, created_at=now(), request_id=request_id)
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("3")
        await person.paste(job_line.write(job, Body({"prompt": "a lake"})))
        await person.sees(f"Add this request to {SKETCH} to your jobs?")
        await person.press("enter")
        await person.sees("a lake")
        await person.until(lambda: [job.request_id for job in person.jobs] == [request_id])
        assert len(emulator.posts()) == 1


async def test_a_pasted_input_without_a_model_waits_for_one(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("3")
        await person.paste('{"prompt": "a lake"}')
        await person.sees("names no model")


@pytest.mark.parametrize("is_typing", [True, False], ids=["typing", "not typing"])
@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("curl https://fal.run/a/b -H 'Authorization: Key 0f1e2d3c4b5a:99' -F f=@x", "sends a form or a file"),
        ('{"prompt": "a fox", "image_url": url}', "does not say what url is"),
    ],
)
async def test_a_request_that_is_not_understood_is_never_typed(
    text: str, missing: str, is_typing: bool, emulator: Emulator, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.type("a hen")
        if not is_typing:
            await person.press("escape")
        await person.paste(text)
        await person.sees(missing)
        assert "0f1e2d3c4b5a" not in person.screen
        state = person.form.state
        assert state and state.arguments() == {"prompt": "a hen"}
        if text.startswith("{"):
            return  # A long text may hold JSON.
        await person.press("escape", "ctrl+o")
        await person.paste(text)
        await person.sees("✗ The pasted text")
        assert "0f1e2d3c4b5a" not in person.screen


async def test_a_key_in_a_pasted_request_is_seen_nowhere(emulator: Emulator, tmp_path: Path) -> None:
    key = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f:0123456789abcdef0123456789abcdef"
    text = f"""curl https://queue.fal.run/{SKETCH} -H 'Authorization: Key {key}' \\
        -d '{{"prompt": "a lake", "fal_key": "{key}"}}'"""
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.press("escape", "J")
        await person.paste(text)
        await person.sees('"prompt": "a lake"')
        assert "0a1b2c3d" not in person.screen and "fal_key" not in person.screen
        await person.press("ctrl+j")
        await person.paste(text)
        assert "0a1b2c3d" not in person.screen
        assert await submitted(person, emulator) == {"prompt": "a lake"}
    assert not [path for path in files_in(tmp_path) if key.encode() in path.read_bytes()]


async def test_a_wrapped_input_is_unwrapped(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste('{"input": {"prompt": "a lake", "num_images": 2}}')
        assert await submitted(person, emulator) == {"prompt": "a lake", "num_images": 2}


async def test_json_that_is_no_request_is_a_text_like_any_other(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.open_form(SKETCH)
        await person.paste('{"scene": "a lake"}')
        assert await submitted(person, emulator) == {"prompt": '{"scene": "a lake"}'}
