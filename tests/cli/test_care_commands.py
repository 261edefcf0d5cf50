"""Commands that care for jobs: tag, note, star, delete; and commands on several jobs at once."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs, output_of

from faldeck.cli import asking
from faldeck.history import Store, history_path
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def three(person: Person) -> Sequence[Job]:
    """Three jobs that have ended, newest first."""
    store = Store(history_path())
    for title in ("an owl in rain", "a fox in fog", "a fox in snow"):
        job = Job(
            id=new_id(),
            profile="lab",
            endpoint_id=SKETCH,
            state=State.COMPLETED,
            created_at=now(),
            title=title,
            request_id=f"{title.replace(' ', '-')}-1",
        )
        store.add(job, {"prompt": title})
    store.close()
    return jobs()


def test_a_tag_is_given_and_taken(person: Person, three: Sequence[Job]) -> None:
    first, second, third = three

    said = person.types("tag", "Poster", first.id, "a-fox-in-fog-1")
    assert (said.status, said.out) == (0, "2 jobs got the tag Poster\n")
    assert [job.tags for job in jobs()] == [("Poster",), ("Poster",), ()]

    said = person.types("tag", "poster", first.id, third.id, "--json")
    assert said.document == {"jobs": 2, "changed": 1}

    said = person.types("tag", "--remove", "POSTER", first.id, second.id, third.id)
    assert said.out == "3 jobs lost the tag POSTER\n"
    assert [job.tags for job in jobs()] == [(), (), ()]


@pytest.mark.parametrize("tag", ["two words", "a,b", "", "x" * 41])
def test_a_word_that_can_be_no_tag_is_refused(person: Person, three: Sequence[Job], tag: str) -> None:
    said = person.types("tag", tag, three[0].id)
    assert said.status == 2 and "A tag has" in said.err
    assert jobs()[0].tags == ()


def test_the_ids_may_stand_on_both_sides_of_an_option(person: Person, three: Sequence[Job]) -> None:
    said = person.types("tag", "poster", three[0].id, "--json", three[1].id)
    assert said.document == {"jobs": 2, "changed": 2}


def test_all_that_a_search_finds_are_marked(person: Person, three: Sequence[Job]) -> None:
    assert person.types("tag", "fox", "--search", "fox").status == 0
    assert person.types("star", "--search", "fox").out == "2 jobs starred\n"
    assert person.types("note", "--search", "fox", "for the talk").status == 0
    assert [(job.tags, job.starred, job.note) for job in jobs()] == [
        (("fox",), True, "for the talk"),
        (("fox",), True, "for the talk"),
        ((), False, ""),
    ]


def test_a_search_that_finds_none_says_so(person: Person, three: Sequence[Job]) -> None:
    for words in (("tag", "x", "--search", "walrus"), ("delete", "--search", "walrus", "--yes")):
        said = person.types(*words)
        assert said.status == 4 and "walrus" in said.err


@pytest.mark.parametrize("words", [("tag", "x"), ("star",), ("delete",), ("cancel",), ("show",), ("open",)])
def test_neither_ids_nor_a_search_is_a_question(person: Person, three: Sequence[Job], words: tuple[str, ...]) -> None:
    said = person.types(*words)
    assert said.status == 2 and "Which jobs?" in said.err
    both = person.types(*words, three[0].id, "--search", "fox")
    assert both.status == 2 and "not both" in both.err
    empty = person.types(*words, "--search", " ")
    assert empty.status == 2


def test_an_unknown_id_does_not_stop_the_others(person: Person, three: Sequence[Job]) -> None:
    said = person.types("star", three[0].id, "walrus", three[1].id)

    assert said.status == 4
    assert "walrus" in said.err
    assert [job.starred for job in jobs()] == [True, True, False]


def test_a_note_replaces_the_one_before_and_can_be_removed(person: Person, three: Sequence[Job]) -> None:
    person.types("note", three[0].id, "first\x1b[31m")
    assert jobs()[0].note == "first"
    person.types("note", three[0].id, "second")
    assert jobs()[0].note == "second"
    assert person.types("note", three[0].id, "").out == "1 job lost the note\n"
    assert jobs()[0].note == ""


def test_a_note_without_quotes_says_what_is_wrong(person: Person, three: Sequence[Job]) -> None:
    said = person.types("note", three[0].id, "two", "words")
    assert said.status == 2 and "quotes" in said.err


def test_a_star_is_given_and_taken(person: Person, three: Sequence[Job]) -> None:
    assert person.types("star", three[0].id, "--json").document == {"jobs": 1, "models": 0, "changed": 1}
    assert person.types("star", three[0].id, "--json").document["changed"] == 0
    assert jobs()[0].starred
    assert person.types("unstar", three[0].id).out == "1 job unstarred\n"
    assert not jobs()[0].starred


def test_a_model_is_starred_and_listed(person: Person, three: Sequence[Job]) -> None:
    assert person.types("models", "--starred").status == 4
    person.types("models")

    said = person.types("star", SKETCH, f"https://fal.ai/models/{FILM}", three[0].id)
    assert (said.status, said.out) == (0, "1 job and 2 models starred\n")

    assert [line.split()[0] for line in person.types("models", "--starred").out.splitlines()] == [FILM, SKETCH]
    starred = [model["endpoint_id"] for model in person.types("models", "--json").documents if model["is_starred"]]
    assert sorted(starred) == [FILM, SKETCH]
    person.types("unstar", FILM)
    (line,) = person.types("models", "--starred", "--json").documents
    assert line["endpoint_id"] == SKETCH


def test_a_misspelt_model_is_not_starred(person: Person, three: Sequence[Job]) -> None:
    person.types("models")
    said = person.types("star", "demo/sketch/fsat")
    assert said.status == 4 and f"Did you mean {SKETCH}?" in said.err


def test_jobs_are_deleted_with_their_files(person: Person) -> None:
    for prompt in ("a lake", "a fox"):
        person.types("run", SKETCH, "-p", prompt, *SMALL)
    gone, kept = jobs()

    said = person.types("delete", gone.id, "--files", "--yes", "--json")

    assert said.status == 0
    assert said.document["jobs"] == said.document["files"] == 1 and said.document["kept_files"] == []
    assert not Path(gone.outputs[0].path or "").exists()
    assert jobs() == [kept] and output_of(kept)
    assert person.types("show", gone.id).status == 4


def test_a_file_that_cannot_be_deleted_is_told(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()
    Path(job.outputs[0].path or "").write_bytes(b"edited")

    said = person.types("delete", job.id, "--files", "--yes")

    assert said.status == 1
    assert f"not deleted: {job.outputs[0].path}: it was changed after it was saved" in said.out
    assert jobs() == []


def test_without_a_terminal_nothing_is_deleted_unless_yes_is_given(person: Person, three: Sequence[Job]) -> None:
    said = person.types("delete", *(job.id for job in three))
    assert said.status == 2
    assert "Delete 3 jobs?" in said.err and "Nothing was deleted" in said.err and "--yes" in said.err
    assert len(jobs()) == 3


@pytest.mark.parametrize(("answer", "left"), [("y\n", 2), ("n\n", 3), ("\n", 3)])
def test_a_person_is_asked(
    person: Person, three: Sequence[Job], monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    asked: list[str] = []

    async def is_yes(question: str) -> bool:
        asked.append(question)
        return answer == "y\n"

    monkeypatch.setattr(asking, "can_ask", lambda: True)
    monkeypatch.setattr(asking, "is_yes", is_yes)
    person.types("delete", three[0].id)
    assert len(jobs()) == left
    assert asked == ["Delete 1 job? It cannot be undone. [y/N] "]


def test_a_job_under_way_is_named_before_it_is_deleted(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    person.types("run", FILM, "-p", "waves", "--async")
    (job,) = jobs()

    said = person.types("delete", job.id)
    assert said.status == 2 and "go on at the service" in said.err
    assert len(jobs()) == 1

    assert person.types("delete", job.id, "--yes").status == 0
    assert jobs() == []
    assert emulator.requests(method="PUT", path="cancel") == []


def test_a_killed_delete_is_finished_by_the_next_one(person: Person, three: Sequence[Job]) -> None:
    from faldeck.history import Lease

    store = Store(history_path())
    store.trash.delete([three[0].id], Lease("killed", 5), 1)
    store.leases.release("killed")
    person.types("delete", three[1].id, "--yes")
    assert store.trash.restore([three[0].id, three[1].id]) == {}
    store.close()


def test_several_jobs_are_cancelled_at_once(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    for prompt in ("waves one", "waves two"):
        person.types("run", FILM, "-p", prompt, "--async")
    emulator.forget()
    emulator.hold_jobs()
    person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async")

    said = person.types("cancel", "--search", "waves", "--json")

    assert said.status == 0
    assert len(said.documents) == 2
    assert len(emulator.requests(method="PUT", path="/cancel")) == 2


def test_of_several_results_a_failed_one_does_not_stop_the_others(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    person.types("run", MISHAP, "--failure", "crash")
    person.types("run", SKETCH, "-p", "a fox", *SMALL)
    fox, crash, lake = jobs()

    said = person.types("result", lake.id, crash.id, "walrus", fox.id)

    assert said.out.splitlines() == [lake.outputs[0].path, fox.outputs[0].path]
    assert said.status == 4 and "walrus" in said.err and "The job failed" in said.err
    lines = [json.loads(line) for line in person.types("result", lake.id, fox.id, "--json").out.splitlines()]
    assert [line["id"] for line in lines] == [lake.id, fox.id]


def test_several_jobs_are_shown_logged_and_exported(person: Person, three: Sequence[Job]) -> None:
    fox, fog, _ = three
    assert [line["id"] for line in person.types("show", fox.id, fog.id, "--json").documents] == [fox.id, fog.id]
    assert person.types("show", "--search", "fox").out.count("model") == 2
    exported = person.types("export", fog.id, fox.id).documents
    assert [line["id"] for line in exported] == [fog.id, fox.id]
    assert person.types("export", fox.id, "--state", "failed").status == 2
    assert person.types("logs", fox.id, fog.id).status == 0
    said = person.types("open", fox.id, fog.id)
    assert said.status == 4 and said.err.count("has no files") == 2


def test_a_job_gets_its_tags_and_note_before_it_is_sent(person: Person, emulator: Emulator) -> None:
    person.set_up("http://127.0.0.1:1")
    person.types(
        "run", SKETCH, "-p", "a", "--tag", "Fox", "--tag", "snow", "--tag", "fox", "--note", "x\x1b[1m", "--async"
    )
    (job,) = jobs()
    assert job.request_id is None
    assert (job.tags, job.note) == (("fox", "snow"), "x")
    assert [one["id"] for one in person.types("jobs", "--tag", "FOX", "--json").documents] == [job.id]


def test_every_job_of_a_batch_gets_the_tags_and_one_that_is_sent_again_too(person: Person) -> None:
    words = ("run", MISHAP, "--failure", "crash", "--repeat", "2", "--tag", "poster", "--note", "for the talk")
    person.types(*words)
    person.types(*words)

    assert [(job.tags, job.note) for job in jobs()] == [(("poster",), "for the talk")] * 4


def test_a_tag_makes_no_other_batch_of_the_same_requests(person: Person) -> None:
    words = ("run", SKETCH, "-p", "a lake", *SMALL, "--repeat", "2")
    person.types(*words)

    assert "nothing is sent" in person.types(*words, "--tag", "other").err
    assert len(jobs()) == 2


def test_a_word_that_can_be_no_tag_sends_nothing(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", "--tag", "two words")
    assert said.status == 2 and "no blanks" in said.err
    assert jobs() == [] and emulator.posts() == []
