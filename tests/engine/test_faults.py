"""Every fault at every step ends as the rules 1 to 10 say, with as many POSTs as they say."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.engine_process import LAKE, SKETCH, content, lab, running

from fal_emulator.faults import FAULTS
from faldeck.job import FileState, State

POLLED = "drop-before@stream"
"""Beside a fault of the status, which is not asked for while there is a stream."""

GET_FAULTS = ("drop-before", "drop-after", "slow", "429", "500", "502", "503", "504", "nginx", "html", "truncate")
"""What can happen to a GET and proves nothing about the job."""

FILE_ENDS = ("expired", "locked")
"""What says that a file is not to be had."""

MATRIX = [
    # A POST goes out again only where it certainly was not taken; a taken one is found in the account's list.
    ("drop-before@submit=1x", State.UNCONFIRMED, 1),
    ("drop-after@submit=1x", State.COMPLETED, 1),
    ("truncate@submit=1x", State.COMPLETED, 1),
    ("slow@submit=0.05", State.COMPLETED, 1),
    ("429@submit=1x", State.COMPLETED, 2),
    ("503@submit=1x", State.COMPLETED, 2),
    ("500@submit=1x", State.UNCONFIRMED, 1),
    ("502@submit=1x", State.UNCONFIRMED, 1),
    ("504@submit=1x", State.UNCONFIRMED, 1),
    ("nginx@submit=1x", State.UNCONFIRMED, 1),
    ("html@submit=1x", State.UNCONFIRMED, 1),
    ("locked@submit=1x", State.FAILED, 1),
    ("retry@submit=2", State.COMPLETED, 1),
    ("slow-queue@submit=0.5", State.COMPLETED, 1),
    ("relay-a", State.COMPLETED, 1),
    ("relay-b", State.COMPLETED, 1),
    ("relay-b,result-only", State.COMPLETED, 1),
    # A GET is sent again for as long as it takes.
    *((f"{fault}@stream{'=0.05' * (fault == 'slow')}", State.COMPLETED, 1) for fault in GET_FAULTS),
    *((f"{fault}@status={'0.05' if fault == 'slow' else '1x'},{POLLED}", State.COMPLETED, 1) for fault in GET_FAULTS),
    *((f"{fault}@result={'0.05' if fault == 'slow' else '1x'}", State.COMPLETED, 1) for fault in GET_FAULTS),
    ("locked@stream", State.COMPLETED, 1),
    (f"locked@status=2x,{POLLED}", State.COMPLETED, 1),
    ("locked@result=1x", State.COMPLETED, 1),
    ("early-result@result=2x", State.COMPLETED, 1),
    # What the queue has forgotten is in the account's list, for a key that may read it.
    ("expired@result", State.COMPLETED, 1),
    ("expired@result,locked@catalogue", State.EXPIRED, 1),
    ("expired@result,drop-before@catalogue=2x", State.COMPLETED, 1),
    ("drop-after@submit=1x,locked@catalogue", State.UNCONFIRMED, 1),
    ("drop-after@submit=1x,drop-before@catalogue=2x", State.COMPLETED, 1),
]


@pytest.mark.parametrize(("faults", "state", "posts"), MATRIX, ids=[line[0] for line in MATRIX])
async def test_a_fault_ends_a_job_only_where_the_rules_say_so(
    emulator: Emulator, tmp_path: Path, faults: str, state: State, posts: int
) -> None:
    emulator.faults(faults)
    profile = replace(lab(emulator.url), auth="Bearer" if "relay-a" in faults else "Key")
    async with running(profile, tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, {**LAKE, "prompt": f"a lake with {faults}"}))

        assert job.state is state
        assert len(emulator.posts(SKETCH)) == posts
        if state is State.COMPLETED:
            assert (job.waiting, job.notice) == (None, "")
            assert [len(picture) for picture in content(job)] == [output.size_bytes for output in job.outputs]
            body = await engine.body(job)
            assert isinstance(body.result, dict) and body.result["prompt"] == f"a lake with {faults}"
        assert [event for event in engine.troubles if "history" in event] == []


@pytest.mark.parametrize("fault", GET_FAULTS)
async def test_a_fault_of_a_file_is_waited_out(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(f"{fault}@file={'0.05' if fault == 'slow' else '1x'}")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.COMPLETED
    assert [output.state for output in job.outputs] == [FileState.SAVED]
    assert content(job)[0].endswith(b"IEND\xaeB`\x82")
    assert len(emulator.posts()) == 1


@pytest.mark.parametrize("fault", FILE_ENDS)
async def test_a_file_that_is_denied_fails_alone(emulator: Emulator, tmp_path: Path, fault: str) -> None:
    emulator.faults(f"{fault}@file")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit())

    assert job.state is State.COMPLETED
    assert [output.state for output in job.outputs] == [FileState.FAILED]
    assert list((tmp_path / "outputs").rglob("*.part")) == []
    assert len(emulator.posts()) == 1


def test_every_fault_is_shown_at_every_step_that_it_can_strike() -> None:
    shown = {part.partition("=")[0] for faults, *_ in MATRIX for part in faults.split(",")}
    shown |= {f"{fault}@file" for fault in (*GET_FAULTS, *FILE_ENDS)}
    elsewhere = {"retry", "slow-queue", "early-result", "expired"}  # They concern one step, by their nature.
    ways_of_being = {"relay-a", "relay-b", "relay-images", "relay-videos", "result-only"}
    everywhere = FAULTS.keys() - elsewhere - ways_of_being
    steps = ("submit", "status", "stream", "result", "file")

    assert {f"{fault}@{step}" for fault in everywhere for step in steps} <= shown
    assert {"retry@submit", "slow-queue@submit", "early-result@result", "expired@result", "expired@file"} <= shown
    assert {"relay-a", "relay-b", "result-only"} <= shown
