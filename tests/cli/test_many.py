"""Many requests by one command: a batch, which is carried out to its end however often it is stopped."""

import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.config.settings import config_path
from faldeck.history import Store, history_path
from faldeck.job import State


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    """A file of three prompts."""
    file = tmp_path / "prompts.txt"
    file.write_text("a lake\n\n@Image1 in rain\n日本の湖\n", "utf-8")
    return str(file)


def batch_id(person: Person) -> str:
    """The id of the newest batch."""
    return str(person.types("batch", "list", "--json").documents[0]["id"])


def test_every_line_is_a_request(person: Person, emulator: Emulator, prompts: str) -> None:
    said = person.types("run", SKETCH, *SMALL, "--each", prompts, "--json")

    assert said.status == 0
    assert {line["arguments"]["prompt"] for line in said.documents} == {"a lake", "@Image1 in rain", "日本の湖"}
    assert {line["state"] for line in said.documents} == {"completed"}
    assert said.err == f"faldeck: Batch {batch_id(person)}: 3 completed. It cost $0.009.\n"
    assert len(emulator.posts(SKETCH)) == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", 'prompt,seed,num_images\n"a lake, at dawn",1,\n,,\n"two\nlines",2,2\n'),
        ("rows.tsv", 'prompt\tseed\tnum_images\na lake, at dawn\t1\t\n"two\nlines"\t2\t2\n'),
        (
            "rows.jsonl",
            '{"prompt": "a lake, at dawn", "seed": 1}\n\n{"prompt": "two\\nlines", "seed": 2, "num_images": 2}',
        ),
        ("rows", '[{"prompt": "a lake, at dawn", "seed": 1}, {"prompt": "two\\nlines", "seed": 2, "num_images": 2}]'),
    ],
)
def test_rows_are_typed_by_the_schema_and_go_on_top_of_the_flags(
    person: Person, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)

    said = person.types("run", SKETCH, "--each", str(tmp_path / name), "--num-images", "3", "--dry-run")

    assert [line["arguments"] for line in said.documents] == [
        {"prompt": "a lake, at dawn", "num_images": 3, "seed": 1},
        {"prompt": "two\nlines", "num_images": 2, "seed": 2},
    ]
    assert person.types("batch", "list", "--json").out == ""


def test_a_cell_names_no_file_of_this_machine_unless_that_is_asked_for(person: Person, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("what nobody should send")
    (tmp_path / "rows.csv").write_text(f"prompt\n@{tmp_path}/secret.txt\n-\n")
    call = ("run", SKETCH, "--each", str(tmp_path / "rows.csv"), "--dry-run")

    written = person.types(*call)
    with person.starts(*call, "--read-cells", stdin=subprocess.PIPE) as process:
        meant, _ = process.communicate("from stdin", timeout=60)

    assert [line["arguments"]["prompt"] for line in written.documents] == [f"@{tmp_path}/secret.txt", "-"]
    assert [json.loads(line)["arguments"]["prompt"] for line in meant.splitlines()] == [
        "what nobody should send",
        "from stdin",
    ]


def test_rows_can_come_from_stdin(person: Person) -> None:
    with person.starts("run", SKETCH, "--each", "-", "--dry-run", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate('{"prompt": "a"}\n{"prompt": "b"}\n', timeout=60)

    assert [json.loads(line)["arguments"]["prompt"] for line in out.splitlines()] == ["a", "b"]


@pytest.mark.parametrize("text", ["[cinematic] a lake\n[1, 2]\n", '{red|blue} lake\n{"prompt": "x"}\n'])
def test_prompts_of_a_text_file_may_begin_as_json_does(person: Person, tmp_path: Path, text: str) -> None:
    (tmp_path / "prompts.txt").write_text(text)

    said = person.types("run", SKETCH, "--each", str(tmp_path / "prompts.txt"), "--dry-run")

    assert [line["arguments"]["prompt"] for line in said.documents] == text.splitlines()


def test_prompts_from_elsewhere_may_begin_with_a_bracket(person: Person, tmp_path: Path) -> None:
    (tmp_path / "prompts").write_text("[cinematic] a lake\na fox\n")
    (tmp_path / "broken").write_text('[{"prompt": "a"},\n {"prompt": "b"')
    (tmp_path / "empty").write_text("[ ]")

    said = person.types("run", SKETCH, "--each", str(tmp_path / "prompts"), "--dry-run")
    refused = [person.types("run", SKETCH, "--each", str(tmp_path / name), "--dry-run") for name in ("broken", "empty")]

    assert [line["arguments"]["prompt"] for line in said.documents] == ["[cinematic] a lake", "a fox"]
    assert [(said.status, said.out) for said in refused] == [(2, "")] * 2


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("rows.csv", "prompt,num_images\na,1\nb,many\n", "line 3: --num_images: must be a whole number"),
        ("rows.csv", "prompt\na,b\n", "line 2 has 2 cells for 1 columns"),
        ("rows.csv", "promt\na\n", "did you mean --prompt?"),
        ("rows.jsonl", '{"prompt": "a"}\n{"prompt": "a", "seed": "x"}\n', "line 2: seed: must be a whole number"),
        ("rows.jsonl", '{"prompt": "a"}\n[]\n', "line 2 is not a JSON object"),
        ("rows.txt", "\n \n", "it is empty"),
        ("gone.txt", None, "No such file"),
    ],
)
def test_a_row_that_is_wrong_is_named_before_anything_is_sent(
    person: Person, emulator: Emulator, tmp_path: Path, name: str, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)

    said = person.types("run", SKETCH, "--each", str(tmp_path / name))

    assert said.status == 2
    assert reason in said.err
    assert emulator.posts() == [] and jobs() == []


def test_several_models_and_repeats_multiply(person: Person, emulator: Emulator) -> None:
    models = ("--model", SKETCH, "--model", "demo/sketch/pro")

    said = person.types("run", *models, "-p", "a lake", *SMALL, "--repeat", "2", "--json")

    assert said.status == 0
    assert sorted(line["endpoint_id"] for line in said.documents) == ["demo/sketch/fast"] * 2 + ["demo/sketch/pro"] * 2


def test_the_worst_of_them_is_the_exit_status(person: Person, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("failure\nnone\ncrash\n")

    said = person.types("run", MISHAP, "--each", str(rows))

    assert said.status == 1
    assert "1 completed, 1 failed" in said.err or "1 failed, 1 completed" in said.err


def test_a_batch_that_costs_too_much_is_not_begun(person: Person, emulator: Emulator, prompts: str) -> None:
    said = person.types("run", SKETCH, "--each", prompts, "--max-usd", "0.008")

    assert said.status == 2
    assert said.err == "faldeck: This costs about $0.009, more than $0.008. Nothing was sent.\n"
    assert emulator.posts() == []


def test_a_batch_whose_cost_nobody_knows_is_not_begun_either(person: Person, emulator: Emulator) -> None:
    person.set_up(emulator.url, without="api_url")

    said = person.types("run", SKETCH, "-p", "x", "--max-usd", "100")

    assert said.status == 2
    assert "The cost is not known" in said.err
    assert emulator.posts() == []


def test_only_so_many_are_under_way_at_once(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()

    said = person.types("run", FILM, "-p", "waves", "--repeat", "6", "--parallel", "2", "--timeout", "1")

    assert said.status == 5
    assert len(emulator.posts()) == len(jobs()) == 2
    assert f"faldeck batch resume {batch_id(person)}" in said.err


def test_the_same_call_again_goes_on_where_it_was_killed(person: Person, emulator: Emulator, prompts: str) -> None:
    emulator.hold_jobs()
    words = ("run", SKETCH, *SMALL, "--each", prompts, "--parallel", "2", "--json")
    with person.starts(*words) as process:
        while len(jobs()) < 2 or any(job.state is State.SUBMITTING for job in jobs()):
            time.sleep(0.01)
        process.kill()
    with sqlite3.connect(history_path()) as database:
        # It would lapse by itself, in some seconds.
        database.execute("UPDATE lease SET until_ms = 0")
    emulator.start_jobs()

    said = person.types(*words)

    assert len(emulator.posts()) == 3
    assert [line["state"] for line in said.documents] == ["completed"] * 3
    assert "Going on with Batch" in said.err


def test_a_batch_that_is_done_is_paid_again_only_with_again(person: Person, emulator: Emulator, prompts: str) -> None:
    first, second = (person.types("run", SKETCH, *SMALL, "--each", prompts) for _ in range(2))
    assert len(emulator.posts()) == 3
    assert (second.status, sorted(second.out.splitlines())) == (0, sorted(first.out.splitlines()))
    assert "nothing is sent; --again sends all" in second.err

    again = person.types("run", SKETCH, *SMALL, "--each", prompts, "--again")

    assert again.status == 0
    assert len(emulator.posts()) == 6
    assert len(person.types("batch", "list", "--json").documents) == 2


def test_a_batch_can_be_looked_at_and_gone_on_with(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    person.types("run", FILM, "-p", "waves", "--repeat", "3", "--parallel", "1", "--timeout", "0.6")
    name = batch_id(person)
    states = [line["state"] for line in person.types("batch", "status", name, "--json").documents]
    assert states[1:] == ["unsent", "unsent"]
    assert person.types("batch", "list", "--json").documents[0]["jobs"]["unsent"] == 2
    person.types("cancel", jobs()[0].id)
    emulator.faults("")

    said = person.types("batch", "resume", name, "--json")

    assert said.status == 0
    assert [line["state"] for line in said.documents] == ["completed", "completed"]
    assert len(emulator.posts()) == 3
    assert person.types("batch", "status", name).out.count("completed") == 2


def test_a_cancelled_batch_sends_nothing_more(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    words = ("run", FILM, "-p", "waves", "--repeat", "3", "--parallel", "1", "--timeout", "0.6")
    person.types(*words)
    name = batch_id(person)

    said = person.types("batch", "cancel", name)

    assert said.status == 0
    assert said.out == f"Batch {name}: 2 unsent, 1 cancelled.\n"
    assert person.types("batch", "resume", name).status == 0
    assert len(emulator.posts()) == 1


def test_a_batch_that_another_process_carries_out_is_cancelled_too(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    with person.starts("run", FILM, "-p", "waves", "--repeat", "3", "--parallel", "1") as process:
        while not (history_path().exists() and [job for job in jobs() if job.request_id]):
            time.sleep(0.01)
        cancelled = person.types("batch", "cancel", batch_id(person))
        _, err = process.communicate(timeout=60)

    assert cancelled.status == 0
    assert process.returncode == 1 and "2 unsent, 1 cancelled" in err
    assert len(emulator.posts()) == 1


@pytest.mark.parametrize("way", ["--sync", "--stream"])
@pytest.mark.parametrize("many", [(), ("--repeat", "2")], ids=["one", "many"])
def test_direct_calls_are_not_begun_to_be_left(
    person: Person, emulator: Emulator, way: str, many: tuple[str, ...]
) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, way, "--async", *many)

    assert said.status == 2
    assert "--async needs the queue" in said.err
    assert emulator.requests(method="POST") == [] and jobs() == []


def test_calls_that_are_direct_by_their_profile_are_waited_for(person: Person, emulator: Emulator) -> None:
    config_path().write_text(
        f'profile = "pics"\n[profiles.pics]\nimages_url = "{emulator.url}/v1/images/generations"\n'
        f'key_env = "LAB_KEY"\nschema_url = "{emulator.url}/site/api/openapi/queue/openapi.json"\n'
    )
    emulator.faults("relay-images,slow@images=0.5")

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--repeat", "2", "--async")

    assert said.status == 0
    assert [job.state for job in jobs()] == [State.COMPLETED] * 2


def test_async_sends_all_and_waits_for_none(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()

    said = person.types("run", FILM, "-p", "waves", "--repeat", "3", "--parallel", "2", "--async")

    assert said.status == 0
    assert sorted(said.out.split()) == sorted(str(job.request_id) for job in jobs())
    assert len(emulator.posts()) == 3


def test_without_a_network_a_batch_says_how_to_go_on(person: Person, prompts: str) -> None:
    person.types("schema", SKETCH)
    person.set_up("http://127.0.0.1:1")

    said = person.types("run", SKETCH, "--each", prompts)

    assert said.status == 5
    assert "nothing more is sent" in said.err and "faldeck batch resume" in said.err


def test_a_batch_that_nobody_knows(person: Person) -> None:
    Store(history_path()).close()

    assert person.types("batch", "resume", "../../etc/passwd").status == 4
    assert person.types("batch", "status").status == 2
    assert person.types("batch", "list").out == ""
