"""Killed at any moment, the engine has lost nothing and paid nothing twice, as the service's log shows (rules 1, 2)."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import killed_engines
from support.emulator import Emulator

from faldeck.app.batch import BatchStore
from faldeck.history import Query, Store
from faldeck.job import FileState, Job, State

KILLS = int(os.environ.get("FALDECK_TEST_KILLS", "16"))
"""How often the engine is killed in one run; thousands take an hour, and `-o faulthandler_timeout=0`."""

SEED = int(os.environ.get("FALDECK_TEST_SEED", "1"))


def test_no_kill_loses_a_job_or_pays_twice(start_emulator: Callable[..., Emulator], tmp_path: Path) -> None:
    emulator = start_emulator(speed=200, faults="slow@submit=0.01,drop-after@submit=0.2")
    _run_nursery(emulator, tmp_path, kills=KILLS, workers=1, jobs=0)

    jobs = _jobs(tmp_path)
    accepted = _accepted(emulator)
    assert len(accepted) > KILLS // 10
    assert _told(tmp_path) <= {job.id for job in jobs}
    unlike = Counter(prompt for prompt in accepted.values() if prompt != killed_engines.SAME)
    assert unlike.most_common(1)[0][1] == 1, "a request was paid for twice"
    assert len(emulator.posts()) <= len([job for job in jobs if not job.was_never_sent])
    assert KILLS < 200 or any(post["fault"] == "drop-after" for post in emulator.posts())
    known = {job.request_id for job in jobs if job.request_id}
    lost = accepted.keys() - known
    # Requests that are equal cannot be told apart: a person decides, and has a row for each.
    assert {accepted[request_id] for request_id in lost} <= {killed_engines.SAME}, "an accepted request is lost"
    unsure = [job for job in jobs if job.state is State.UNCONFIRMED and job.title == killed_engines.SAME]
    assert len(lost) <= len(unsure) and known <= accepted.keys()
    _assert_each_row_is_done_once(tmp_path, accepted)
    _assert_all_is_well(emulator, tmp_path, jobs)


def test_two_processes_that_are_killed_do_every_job_once(
    start_emulator: Callable[..., Emulator], tmp_path: Path
) -> None:
    emulator = start_emulator(speed=20)
    _run_nursery(emulator, tmp_path, kills=40, workers=2, jobs=50)

    jobs = _jobs(tmp_path)
    accepted = _accepted(emulator)
    assert len(_told(tmp_path)) == 100
    assert Counter(accepted.values()).most_common(1)[0][1] == 1, "a request was paid for twice"
    assert accepted.keys() == {job.request_id for job in jobs if job.request_id}
    _assert_all_is_well(emulator, tmp_path, jobs)
    _assert_only_heirs_fetch_again(emulator, tmp_path)


def _assert_each_row_is_done_once(folder: Path, accepted: dict[str, str]) -> None:
    """Every row of every batch is completed, or a person decides about it since nobody knows whether it left."""
    batches, store = BatchStore(folder / "history.db"), Store(folder / "history.db")
    rows = [row for name in batches.ids() for row in batches.load(name).items(store)]
    store.close()
    assert rows
    assert {row.state for row in rows} <= {"completed", "unconfirmed"}
    sent = Counter(accepted.values())
    for row in rows:
        assert sent[row.draft.arguments["prompt"]] == (row.state == "completed"), row  # type: ignore[index]


def _run_nursery(emulator: Emulator, folder: Path, *, kills: int, workers: int, jobs: int) -> None:
    numbers = [str(number) for number in (SEED, kills, workers, jobs)]
    command = [sys.executable, "-m", killed_engines.__name__, emulator.url, str(folder), *numbers]
    subprocess.run(command, check=True, timeout=120 + 3 * kills, cwd=Path(killed_engines.__file__).parents[1])


def _jobs(folder: Path) -> list[Job]:
    store = Store(folder / "history.db")
    jobs = store.page(Query(), limit=-1)
    store.close()
    return jobs


def _told(folder: Path) -> set[str]:
    return {line for path in folder.glob("told-*") for line in path.read_text().splitlines()}


def _accepted(emulator: Emulator) -> dict[str, str]:
    """Request id → prompt of everything that the service took."""
    with sqlite3.connect(emulator.state / "emulator.sqlite3") as database:
        rows = database.execute("SELECT request_id, arguments FROM tickets").fetchall()
    return {request_id: json.loads(arguments)["prompt"] for request_id, arguments in rows}


def _assert_all_is_well(emulator: Emulator, folder: Path, jobs: list[Job]) -> None:
    """The database is sound, every accepted request is completed, and every file on disk is whole."""
    with sqlite3.connect(folder / "history.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    whole = {path.read_bytes() for path in (emulator.state / "files").rglob("*") if path.is_file()}
    saved = {output.path for job in jobs for output in job.outputs}
    for job in jobs:
        if job.request_id is None:
            assert (job.state, job.is_open) in ((State.UNCONFIRMED, False), (State.FAILED, False)), job
        else:
            assert job.state is State.COMPLETED, job
            assert [output.state for output in job.outputs] == [FileState.SAVED], job
    on_disk = {str(path) for path in (folder / "outputs").rglob("*") if path.is_file() and path.suffix != ".part"}
    assert on_disk == saved
    assert all(Path(path).read_bytes() in whole for path in on_disk)


def _assert_only_heirs_fetch_again(emulator: Emulator, folder: Path) -> None:
    """A file is asked for a second time only by another process, after the first one has been killed."""
    deaths = {pid: float(at) for pid, at in map(str.split, (folder / "deaths").read_text().splitlines())}
    fetches: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in emulator.requests(path="/cdn/"):
        fetches[line["path"]].append(line)
    for lines in fetches.values():
        pids = [line["headers"]["x-app-fal-pid"] for line in lines]
        assert len(set(pids)) == len(pids)
        for former, later in zip(pids, lines[1:], strict=False):
            assert deaths[former] <= later["time"]


if not hasattr(os, "fork"):
    pytest.skip("nothing can be forked here", allow_module_level=True)
