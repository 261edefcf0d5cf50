"""A batch pays for each of its rows once, whatever happened between two calls."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, Process, jobs

from faldeck.history import Store, history_path
from faldeck.job import State

PROMPTS = ("a lake", "a fox", "a hill", "a mill", "a boat")


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def call(tmp_path: Path) -> tuple[str, ...]:
    """The command of a batch with a row for each of `PROMPTS`, two of them at a time."""
    file = tmp_path / "prompts.txt"
    # The emulator's account is shared: another test's request is not to be taken for one of these.
    file.write_text("\n".join(f"{prompt} {tmp_path.name}" for prompt in PROMPTS))
    return ("run", SKETCH, *SMALL, "--each", str(file), "--parallel", "2")


def batch_id(person: Person) -> str:
    (batch,) = person.types("batch", "list", "--json").documents
    return str(batch["id"])


def states(person: Person) -> list[str]:
    """The state of each row of the one batch."""
    return [row["state"] for row in person.types("batch", "status", batch_id(person), "--json").documents]


def is_begun() -> bool:
    """Whether there is a history yet; asking for it would make it."""
    return history_path().exists()


def wait_for_requests(process: Process, count: int) -> None:
    """Until so many rows have a request id."""
    while not (is_begun() and len([job for job in jobs() if job.request_id]) >= count):
        assert process.poll() is None
        time.sleep(0.01)


def assert_each_row_was_paid_once(person: Person, emulator: Emulator) -> None:
    assert states(person) == ["completed"] * len(PROMPTS)
    paid = [job for job in jobs() if job.request_id]
    assert Counter(job.title for job in paid).most_common(1)[0][1] == 1
    assert len([post for post in emulator.posts() if post["status"] == 200]) == len(PROMPTS)


def test_a_batch_that_watch_has_finished_is_not_paid_again(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    emulator.hold_jobs()
    person.types(*call, "--parallel", "5", "--timeout", "1")
    emulator.start_jobs()
    assert person.types("watch").status == 0

    said = person.types(*call, "--json")

    assert said.status == 0
    assert [line["state"] for line in said.documents] == ["completed"] * len(PROMPTS)
    assert "nothing is sent; --again sends all" in said.err
    assert_each_row_was_paid_once(person, emulator)


def test_rows_that_an_outage_left_unsent_are_sent_by_the_same_call(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    person.types("schema", SKETCH)
    person.set_up("http://127.0.0.1:1")
    down = person.types(*call)
    # Whoever looks at the history next finds the rows that were never sent.
    person.types("watch")
    assert (down.status, emulator.posts()) == (5, [])
    person.set_up(emulator.url)

    said = person.types(*call)

    assert said.status == 0
    assert "5 unsent" in said.err
    assert_each_row_was_paid_once(person, emulator)


@pytest.mark.parametrize("back", ["the same call", "resume"])
def test_rows_that_were_refused_for_the_moment_are_sent_later(
    person: Person, emulator: Emulator, call: tuple[str, ...], back: str
) -> None:
    emulator.faults("429@submit")
    assert person.types(*call, "--timeout", "0.6").status == 5
    emulator.faults("")

    said = person.types(*(("batch", "resume", batch_id(person)) if back == "resume" else call))

    assert said.status == 0
    assert_each_row_was_paid_once(person, emulator)


def test_a_batch_that_was_killed_after_its_last_submit_is_only_waited_for(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    emulator.hold_jobs()
    with person.starts(*call, "--parallel", "5") as process:
        wait_for_requests(process, len(PROMPTS))
        process.kill()
    emulator.start_jobs()

    said = person.types(*call, "--json")

    assert [line["state"] for line in said.documents] == ["completed"] * len(PROMPTS)
    assert_each_row_was_paid_once(person, emulator)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_batch_that_was_told_to_end_goes_on_with_the_rest(
    person: Person, emulator: Emulator, call: tuple[str, ...], number: signal.Signals
) -> None:
    emulator.hold_jobs()
    with person.starts(*call) as process:
        wait_for_requests(process, 2)
        os.kill(process.pid, number)
        process.communicate(timeout=60)
    emulator.start_jobs()

    assert person.types("batch", "resume", batch_id(person)).status == 0

    assert_each_row_was_paid_once(person, emulator)


def test_only_the_failed_rows_are_sent_by_retry_and_all_that_lack_a_result_by_the_same_call(
    person: Person, emulator: Emulator, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("failure\nnone\ncrash\n")
    call = ("run", MISHAP, "--each", str(rows), "--json")
    person.types(*call)
    assert states(person) == ["completed", "failed"]

    retried = person.types("batch", "retry", batch_id(person), "--json")
    again = person.types(*call)
    all_again = person.types("batch", "retry", batch_id(person), "--again", "--json")

    assert [line["state"] for line in retried.documents] == ["failed"]
    assert sorted(line["state"] for line in again.documents) == ["completed", "failed"]
    assert sorted(line["state"] for line in all_again.documents) == ["completed", "failed"]
    assert [job.state for job in jobs()].count(State.COMPLETED) == 2
    assert len(emulator.posts()) == 2 + 1 + 1 + 2


def test_a_row_whose_answer_was_lost_is_not_sent_again(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    emulator.faults("drop-after@submit=1x")
    person.types(*call)
    said = person.types(*call)

    assert said.status == 0
    assert len(emulator.posts()) == len(PROMPTS)
    assert states(person) == ["completed"] * len(PROMPTS)


def test_a_cancelled_row_stays_cancelled_until_the_batch_is_asked_for_again(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    emulator.hold_jobs()
    person.types(*call, "--timeout", "0.6")
    person.types("batch", "cancel", batch_id(person))
    emulator.start_jobs()
    resumed = person.types("batch", "resume", batch_id(person))
    assert (resumed.status, len(emulator.posts())) == (0, 2)

    said = person.types(*call)

    assert said.status == 0
    assert states(person) == ["completed"] * len(PROMPTS)
    assert len(emulator.posts()) == 2 + len(PROMPTS)


def test_two_calls_at_once_send_each_row_once(person: Person, emulator: Emulator, call: tuple[str, ...]) -> None:
    emulator.faults("429@submit")
    person.types(*call, "--timeout", "0.6")
    emulator.faults("")

    with person.starts(*call) as one, person.starts(*call) as other:
        for process in (one, other):
            process.communicate(timeout=60)

    assert (one.returncode, other.returncode) == (0, 0)
    assert_each_row_was_paid_once(person, emulator)


def test_a_damaged_batch_is_said_and_the_others_are_listed(
    person: Person, emulator: Emulator, call: tuple[str, ...]
) -> None:
    person.types(*call)
    folder = history_path().parent / "batches"
    (folder / "0damaged00000.jsonl").write_text('{"batch": "0dam')

    listed = person.types("batch", "list", "--json")

    assert len(listed.documents) == 1 and "0damaged00000 cannot be read" in listed.err
    assert person.types("batch", "status", "0damaged00000").status == 1
    assert person.types(*call).status == 0


def test_what_a_kill_left_half_written_is_swept_away(person: Person, call: tuple[str, ...]) -> None:
    Store(history_path()).close()
    folder = history_path().parent / "batches"
    folder.mkdir()
    (folder / ".0left00000000.new").write_text('{"batch"')
    os.utime(folder / ".0left00000000.new", (0, 0))

    person.types(*call)

    assert [path.name for path in folder.iterdir()] == [f"{batch_id(person)}.jsonl"]
