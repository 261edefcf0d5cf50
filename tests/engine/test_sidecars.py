"""The file beside a saved output: it says what made it, holds no key, stands over nothing, and goes with the output."""

import json
from pathlib import Path

from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, lab, left_in, running

from faldeck import __version__
from faldeck.engine.purge import purge
from faldeck.engine.supervisor import Draft
from faldeck.history import sidecar
from faldeck.job import FileState
from faldeck.safety import redact


async def test_beside_each_output_a_private_file_says_what_made_it(emulator: Emulator, tmp_path: Path) -> None:
    arguments = {**LAKE, "num_images": 2, "seed": 7}
    async with running(lab(emulator.url), tmp_path, sidecar=True) as engine:
        job = await engine.until(await engine.submit(SKETCH, arguments))

    files = [Path(output.path or "") for output in job.outputs]
    beside = [sidecar.path_beside(file) for file in files]
    assert left_in(tmp_path / "outputs") == sorted(map(str, [*files, *beside]))
    assert [oct(one.stat().st_mode & 0o777) for one in beside] == ["0o600"] * 2
    told = json.loads(beside[1].read_text())
    assert (told["faldeck"], told["profile"], told["endpoint_id"]) == (__version__, "lab", SKETCH)
    assert (told["id"], told["request_id"], told["arguments"], told["seed"]) == (job.id, job.request_id, arguments, 7)
    assert (told["output"]["at"], told["output"]["size_bytes"]) == ("images[1]", files[1].stat().st_size)
    assert told["completed_at"] and told["cost"]["units"] is not None


async def test_a_key_in_the_arguments_is_not_written_and_the_prompt_stays_whole(
    emulator: Emulator, tmp_path: Path
) -> None:
    redact.hide("0f1e2d3c:canary-of-a-key")
    prompt = 'Key lighting, "https://a.example/?token=hush-hush" 0f1e2d3c:canary-of-a-key'
    async with running(lab(emulator.url), tmp_path, sidecar=True) as engine:
        job = await engine.until(await engine.submit(SKETCH, {**LAKE, "prompt": prompt}))

    text = sidecar.path_beside(Path(job.outputs[0].path or "")).read_text()
    assert json.loads(text)["arguments"]["prompt"].startswith("Key lighting, ")
    assert "canary" not in text and "hush" not in text


async def test_a_job_without_history_leaves_no_arguments_beside_its_files(emulator: Emulator, tmp_path: Path) -> None:
    profile = lab(emulator.url)
    async with running(profile, tmp_path, sidecar=True) as engine:
        draft = Draft(profile="lab", endpoint_id=SKETCH, arguments=LAKE, no_history=True)
        job = await engine.until(await engine.supervisor.submit(draft))

    assert job.outputs[0].state is FileState.SAVED
    assert left_in(tmp_path / "outputs") == [job.outputs[0].path]


async def test_a_file_of_somebody_else_is_not_overwritten(emulator: Emulator, tmp_path: Path) -> None:
    other = tmp_path / "outputs" / "fox.png.json"
    other.parent.mkdir()
    other.write_text("mine")
    async with running(lab(emulator.url), tmp_path, sidecar=True, output_name="fox.{ext}") as engine:
        job = await engine.until(await engine.submit())

    assert (job.outputs[0].state, job.outputs[0].path) == (FileState.SAVED, str(other.with_name("fox.png")))
    assert other.read_text() == "mine"
    assert left_in(tmp_path / "outputs") == [str(other.with_name("fox.png")), str(other)]


async def test_it_is_deleted_with_its_output_and_a_stranger_of_that_name_stays(
    emulator: Emulator, tmp_path: Path
) -> None:
    outputs = tmp_path / "outputs"
    async with running(lab(emulator.url), tmp_path, sidecar=True, output_name="{request_id}/{index}.{ext}") as engine:
        jobs = [await engine.until(await engine.submit()) for _ in range(2)]
        stranger = sidecar.path_beside(Path(jobs[1].outputs[0].path or ""))
        stranger.write_text("[]")
        await engine.supervisor.delete([job.id for job in jobs], files=True)
        await engine.supervisor.close()
        async with running(lab(emulator.url), tmp_path) as other:
            await purge(other.history, outputs)

    assert left_in(outputs) == [str(stranger)]
