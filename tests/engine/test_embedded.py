"""With `embed = true` a saved picture says what made it: its pixels stay, and its row says what it always says."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PIL import Image
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, lab, left_in, running

from faldeck.engine.purge import purge
from faldeck.engine.supervisor import Draft
from faldeck.history import embedded
from faldeck.job import FileState, Job
from faldeck.safety import redact


def picture(job: Job) -> Path:
    return Path(job.outputs[0].path or "")


async def test_the_picture_holds_the_request_and_its_row_the_size_of_the_file_as_it_came(
    emulator: Emulator, tmp_path: Path
) -> None:
    redact.hide("0f1e2d3c:canary-of-a-key")
    arguments = {**LAKE, "prompt": "a lake 0f1e2d3c:canary-of-a-key", "seed": 7}
    async with running(lab(emulator.url), tmp_path / "plain") as engine:
        plain = await engine.until(await engine.submit(SKETCH, arguments))
    async with running(lab(emulator.url), tmp_path / "told", embed=True) as engine:
        told = await engine.until(await engine.submit(SKETCH, arguments))

    output = told.outputs[0]
    assert (output.state, output.size_bytes, output.declared_bytes) == (
        FileState.SAVED,
        picture(plain).stat().st_size,
        plain.outputs[0].declared_bytes,
    )
    assert picture(told).stat().st_size > picture(plain).stat().st_size
    assert Image.open(picture(told)).tobytes() == Image.open(picture(plain)).tobytes()
    assert picture(told).stat().st_mode == picture(plain).stat().st_mode
    assert left_in(tmp_path / "told" / "outputs") == [output.path]
    inside = embedded.find(picture(told))
    assert inside and inside.job_id == told.id and inside.members["seed"] == 7
    assert b"canary" not in picture(told).read_bytes()


async def test_a_process_that_was_killed_after_it_wrote_into_the_file_left_nothing_to_repair(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with running(lab(emulator.url), tmp_path, embed=True) as engine:
        job = await engine.until(await engine.submit())
        before = picture(job).read_bytes()
        unsaved = job.outputs[0]._replace(state=FileState.FETCHING, size_bytes=None)
        await engine.history.write(lambda store: store.save(job._replace(outputs=(unsaved,))))
    async with running(lab(emulator.url), tmp_path, embed=True, resume=True) as engine:
        again = await engine.until(job)

    assert again.outputs[0].size_bytes == job.outputs[0].size_bytes
    assert picture(again).read_bytes() == before


async def test_it_is_deleted_with_its_job_unless_it_was_changed_since(emulator: Emulator, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    async with running(lab(emulator.url), tmp_path, embed=True) as engine:
        jobs = [await engine.until(await engine.submit()) for _ in range(2)]
        with picture(jobs[1]).open("ab") as file:
            file.write(b"mine")
        os.utime(picture(jobs[1]), (1, 1))
        await engine.supervisor.delete([job.id for job in jobs], files=True)
        await engine.supervisor.close()
        async with running(lab(emulator.url), tmp_path) as other:
            await purge(other.history, outputs)

    assert left_in(outputs) == [str(picture(jobs[1]))]


async def test_a_job_without_history_leaves_nothing_in_its_files(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path, embed=True) as engine:
        draft = Draft(profile="lab", endpoint_id=SKETCH, arguments=LAKE, no_history=True)
        job = await engine.until(await engine.supervisor.submit(draft))

    assert embedded.find(picture(job)) is None
    assert picture(job).stat().st_size == job.outputs[0].size_bytes


def test_a_story_that_is_broken_is_told_apart_from_none(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    Image.new("RGB", (4, 4)).save(file, xmp=b'<a faldeck:story="not json"/>')
    try:
        embedded.find(file)
    except ValueError as error:
        assert str(error)
    else:
        raise AssertionError("it was read")
    Image.new("RGB", (4, 4)).save(file, xmp=b"<a faldeck:story='" + json.dumps({"format": "x"}).encode() + b"'/>")
    assert embedded.find(file) is None
