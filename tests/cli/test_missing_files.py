"""A file that cannot be fetched keeps no command waiting, and a wrong one is not called saved."""

import pytest
from support.raw_service import PNG, CompletedService, http
from support.shell import Person, jobs, output_of

from faldeck.cli import follow
from faldeck.engine.timing import Timing
from faldeck.job import FileState

NOWHERE = "http://127.0.0.1:1/a.png"
CALL = ("run", "some/model", "-p", "prompt=a lake")


@pytest.fixture
def person(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person("http://127.0.0.1:1", capsys, monkeypatch)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands wait half a second for a file of which nothing comes."""
    monkeypatch.setattr(follow, "STALL_SECONDS", 0.5)
    monkeypatch.setattr(follow, "FILE_CHECK_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("way", ["refused", "silent"])
def test_run_leaves_a_file_that_does_not_come_and_ends_as_the_job_did(person: Person, way: str) -> None:
    with CompletedService({}, {"/a.png": [b""]}).serving() as silent:
        url = NOWHERE if way == "refused" else f"{silent.url}/a.png"
        result = {"images": [{"url": url}, {"url": "{url}/b.png"}]}
        with CompletedService(result, {"/b.png": [http()]}).serving() as service:
            person.set_up(service.url)
            said = person.types(*CALL)

    (job,) = jobs()
    assert said.status == 0
    assert f"{url} has not been fetched" in said.err
    assert f"`faldeck result {job.id} --download` tries again" in said.err
    assert [output.state for output in job.outputs] == [FileState.FETCHING, FileState.SAVED]
    assert said.out.splitlines() == [url, job.outputs[1].path]
    assert service.submits == 1


@pytest.mark.usefixtures("hasty")
def test_what_was_left_is_fetched_when_it_is_asked_for(person: Person) -> None:
    answers = {"/a.png": [http(b"", status="500 No"), http()]}
    with CompletedService({"images": [{"url": "{url}/a.png"}]}, answers).serving() as service:
        person.set_up(service.url)
        person.types(*CALL)
        (job,) = jobs()
        said = person.types("result", job.id, "--download")

    assert said.status == 0
    assert output_of(jobs()[0]) == PNG


@pytest.mark.usefixtures("hasty")
def test_watch_and_wait_leave_it_too(person: Person) -> None:
    with CompletedService({"images": [{"url": NOWHERE}]}).serving() as service:
        person.set_up(service.url)
        person.types(*CALL)
        (job,) = jobs()
        watched = person.types("watch")
        waited = person.types("wait", job.id)

    assert (watched.status, waited.status) == (0, 0)
    for said in (watched, waited):
        assert f"{NOWHERE} has not been fetched" in said.err


@pytest.mark.parametrize("odd", ["https://files.example:port/a.png", "https://xn--0.example/a.png", "{url}/odd.png"])
def test_an_odd_address_stops_neither_run_nor_the_other_file(person: Person, odd: str) -> None:
    files = {"/b.png": [http()], "/odd.png": [http(b"", "Location: http://[zz]/", status="302 Found")]}
    result = {"images": [{"url": odd}, {"url": "{url}/b.png"}]}
    with CompletedService(result, files).serving() as service:
        person.set_up(service.url)
        said = person.types(*CALL)

    (job,) = jobs()
    assert said.status == 1
    assert "was not saved" in said.err and "not a web address" in said.err and "unexpected error" not in said.err
    assert [output.state for output in job.outputs] == [FileState.FAILED, FileState.SAVED]


@pytest.mark.parametrize(
    "answer",
    [
        http(PNG[:9], f"Content-Length: {len(PNG)}"),
        http(b""),
        http(b"{}", kind="application/json"),
        http(b'{"detail": "not found"}', kind="application/json", status="404 Not Found"),
    ],
)
def test_a_wrong_file_is_told_and_ends_the_command_with_1(
    person: Person, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(Timing, "retry", lambda *_: 0.01)
    with CompletedService({"images": [{"url": "{url}/a.png"}]}, {"/a.png": [answer]}).serving() as service:
        person.set_up(service.url)
        said = person.types(*CALL)

    assert said.status == 1
    assert "was not saved" in said.err
    assert f".\n`faldeck result {jobs()[0].id} --download` tries again" in said.err and ".." not in said.err
    assert len(service.fetched) > 1
    assert service.submits == 1
