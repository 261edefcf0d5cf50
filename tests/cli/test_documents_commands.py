"""`faldeck result --select` and `faldeck diff`: what is in the documents of jobs, for people and for scripts."""

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.history import Store, history_path
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_a_value_of_a_result_is_printed_alone(person: Person) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--seed", "7", "--json").document

    url = person.types("result", made["id"], "--select", "images[0].url")
    several = person.types(
        "result", made["id"], "--select", "seed", "--select", "images[0].width", "--select", "prompt"
    )

    assert (url.status, url.out) == (0, f"{made['result']['images'][0]['url']}\n")
    assert several.out == "7\n64\na lake\n"


def test_a_path_that_leads_nowhere_has_status_4_and_the_nearest_is_named(person: Person) -> None:
    made = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document

    said = person.types("result", made["id"], "--select", "seed", "--select", "image.url")
    told = person.types("result", made["id"], "--select", "image.url", "--json")

    assert (said.status, said.out) == (4, "")
    assert "The result has no image.url. The nearest path is images[0].url." in said.err
    assert told.document["error"]["type"] == "not_found"


def test_a_text_that_is_no_path_is_a_mistake_in_the_command(person: Person) -> None:
    said = person.types("result", "x", "--select", "images[")

    assert said.status == 2 and "is not a path: images[" in said.err


def test_the_body_of_an_error_can_be_asked_too(person: Person) -> None:
    person.types("run", MISHAP, "--failure", "several_fields")

    said = person.types("result", jobs()[0].id, "--select", "detail[0].type")

    assert said.status == 1 and said.out.strip() and "The job failed" in said.err


def test_values_of_several_jobs_are_json_lines(person: Person) -> None:
    first, second = (
        person.types("run", SKETCH, "-p", "a lake", *SMALL, "--seed", seed, "--json").document for seed in "12"
    )

    said = person.types("result", first["id"], second["id"], "--select", "seed", "--json")

    assert said.documents == [{"id": job["id"], "values": {"seed": job["result"]["seed"]}} for job in (first, second)]


def test_differing_arguments_stand_below_each_other(person: Person) -> None:
    first, second = (
        person.types("run", SKETCH, "-p", prompt, *SMALL, *more, "--json").document["id"]
        for prompt, more in (("a lake", ()), ("a fox", ("--seed", "7")))
    )

    said = person.types("diff", first, second)

    head, *rest = said.out.split("\n\n")
    assert [line.split()[:3] for line in head.splitlines()] == [[name, SKETCH, "completed"] for name in (first, second)]
    assert rest == [
        f"prompt\n  {first}  a lake\n  {second}  a fox",
        f"seed\n  {first}  (not set)\n  {second}  7",
        "1 other argument is the same.\n",
    ]


def test_a_job_is_not_compared_with_itself(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    name = jobs()[0].id

    said = person.types("diff", name, name)

    assert said.status == 2 and "Give the ids of two jobs or more." in said.err


def test_a_job_whose_input_is_not_known_is_told_and_differs_from_none(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    ours = jobs()[0].id
    elsewhere = Job(
        id=new_id(),
        profile="lab",
        endpoint_id=SKETCH,
        state=State.COMPLETED,
        created_at=now(),
        request_id="r-1",
        input_known=False,
    )
    store = Store(history_path())
    store.add(elsewhere, {})
    store.close()

    said = person.types("diff", ours, elsewhere.id)

    assert "The arguments do not differ." in said.out
    assert f"{elsewhere.id} was made elsewhere and its input is not known." in said.err
