"""The commands with relays, direct calls and streams: the same words, whatever the service."""

from pathlib import Path

import pytest
from support.emulator import Emulator
from support.foreign_host import ForeignHost
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs, output_of

from fal_emulator.state import fingerprint
from faldeck.config.settings import config_path
from faldeck.job import State

KEYS = {"A_KEY": "sk-relay-a-canary", "B_KEY": "sk-relay-b-canary"}


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(emulator.url, capsys, monkeypatch)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    schema = f'schema_url = "{emulator.url}/site/api/openapi/queue/openapi.json"'
    config_path().write_text(
        f"{config_path().read_text()}\n"
        f'[profiles.a]\nqueue_url = "{emulator.url}/queue"\nauth = "Bearer"\nkey_env = "A_KEY"\n{schema}\n'
        f'[profiles.b]\nqueue_url = "{emulator.url}/queue/fal-ai"\nkey_env = "B_KEY"\n{schema}\n'
        f'images_url = "{emulator.url}/v1/images/generations"\nimages_models = ["sketch/pro"]\n'
        'models = ["sketch/fast", "reel/v2/text-to-video"]\n'
        f'[profiles.pics]\nimages_url = "{emulator.url}/v1/images/generations"\nkey_env = "B_KEY"\n{schema}\n'
    )
    return person


@pytest.mark.parametrize(
    ("profile", "kind", "model", "header"),
    [
        ("a", "relay-a", "fal-ai/sketch/fast", f"Bearer {KEYS['A_KEY']}"),
        ("a", "relay-a,result-only", "fal-ai/sketch/fast", f"Bearer {KEYS['A_KEY']}"),
        ("b", "relay-b", "sketch/fast", f"Key {KEYS['B_KEY']}"),
        ("b", "relay-b", "sketch/pro", f"Bearer {KEYS['B_KEY']}"),
    ],
    ids=["a", "a-results-only", "b", "b-images"],
)
def test_a_relay_is_used_like_the_service(
    person: Person, emulator: Emulator, foreign: ForeignHost, profile: str, kind: str, model: str, header: str
) -> None:
    emulator.faults(kind)
    said = person.types("--profile", profile, "run", model, "-p", "a lake", *SMALL)

    (job,) = jobs()
    assert (said.status, said.out) == (0, f"{job.outputs[0].path}\n")
    assert output_of(job).startswith(b"\x89PNG")
    assert emulator.keys == {fingerprint(header)}
    assert {(method, path[:11]) for method, path, _ in foreign.visits} == {("GET", "/cdn/files/")}
    assert foreign.secrets == []
    assert person.types("--profile", profile, "status", job.id).out.split()[2] == "completed"


@pytest.mark.parametrize(
    ("profile", "kind", "model"),
    [
        ("a", "relay-a", "fal-ai/sketch/fast"),
        ("a", "relay-a,result-only", "fal-ai/sketch/fast"),
        ("b", "relay-b", "sketch/fast"),
    ],
    ids=["a", "a-results-only", "b"],
)
def test_a_job_is_left_at_a_relay_asked_about_and_fetched_later(
    person: Person, emulator: Emulator, foreign: ForeignHost, profile: str, kind: str, model: str
) -> None:
    emulator.hold_jobs(kind)
    sent = person.types("--profile", profile, "run", model, "-p", "a lake", *SMALL, "--async")
    request_id = sent.out.strip()
    cancelled = person.types("cancel", request_id)
    emulator.start_jobs(kind)
    waited = person.types("wait", request_id)
    fetched = person.types("result", request_id, "--json")

    assert (sent.status, waited.status, fetched.status) == (0, 0, 0)
    assert cancelled.status != 0 and "cannot cancel: the request goes on" in cancelled.err
    assert [job.state for job in jobs()] == [State.COMPLETED]
    assert output_of(jobs()[0]).startswith(b"\x89PNG")
    assert fetched.document["request_id"] == request_id
    assert len(emulator.keys) == 1
    assert foreign.secrets == []


def test_an_images_page_is_one_call_whose_end_is_its_answer(
    person: Person, emulator: Emulator, foreign: ForeignHost
) -> None:
    emulator.faults("relay-images")
    said = person.types("--profile", "pics", "run", "sketch/fast", "-p", "a lake", *SMALL, "--json")

    assert (said.status, said.document["state"], said.document["options"]) == (0, "completed", {"mode": "images"})
    assert output_of(jobs()[0]).startswith(b"\x89PNG")
    assert [post["path"] for post in emulator.requests(method="POST")] == ["/v1/images/generations"]
    assert emulator.keys == {fingerprint(f"Bearer {KEYS['B_KEY']}")}
    assert foreign.secrets == []


def test_a_lost_answer_of_an_images_page_is_told_and_not_asked_for_again(person: Person, emulator: Emulator) -> None:
    emulator.faults("relay-images,drop-after@images=1x")
    said = person.types("--profile", "pics", "run", "sketch/fast", "-p", "a lake", *SMALL)

    assert said.status != 0
    assert "may have been accepted" in said.err
    assert [job.state for job in jobs()] == [State.UNCONFIRMED]
    assert len(emulator.requests(method="POST")) == 1


def test_an_upload_is_refused_clearly_where_the_relay_has_no_storage(
    person: Person, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults("relay-b")
    (tmp_path / "words.txt").write_text("a few words")
    refused = person.types("--profile", "b", "upload", str(tmp_path / "words.txt"))

    assert refused.status != 0
    assert "no storage (rest_url)" in refused.err
    assert emulator.requests(path="/rest/") == []


def test_only_the_models_of_the_relays_list_are_listed(person: Person) -> None:
    config_path().write_text(config_path().read_text().replace("[profiles.lab]", '[profiles.lab]\nmodels = ["x/y"]'))

    assert person.types("models", "--refresh").out.split()[0] == "x/y"


def test_a_list_of_the_profiles_own_is_never_an_old_one(person: Person, emulator: Emulator) -> None:
    config_path().write_text(
        f'profile = "img"\n[profiles.img]\nimages_url = "{emulator.url}/v1/images/generations"\n'
        'images_models = ["flux-pro/kontext"]\napi_url = "http://127.0.0.1:1/api"\nkey_env = "A_KEY"\n'
    )

    said = person.types("models")

    assert (said.status, said.err) == (0, "")
    assert said.out.split() == ["flux-pro/kontext"]


def test_a_direct_call_prints_what_it_made(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--sync")

    (job,) = jobs()
    assert (said.status, said.out) == (0, f"{job.outputs[0].path}\n")
    assert [post["path"] for post in emulator.requests(method="POST")] == [f"/run/{SKETCH}"]


def test_a_streamed_text_is_printed_once(person: Person) -> None:
    said = person.types("run", "demo/scribe/chat", "-p", "Write about the sea", "--stream")
    again = person.types("run", "demo/scribe/chat", "-p", "Write about the sea")

    assert said.status == 0
    assert said.out == again.out
    assert said.out.count("\n") == 1


def test_a_streamed_picture_prints_its_path_and_no_prompt(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--stream")

    assert (said.status, said.out) == (0, f"{jobs()[0].outputs[0].path}\n")


def test_a_streamed_job_is_one_json_object_where_that_is_asked_for(person: Person) -> None:
    said = person.types("run", "demo/scribe/chat", "-p", "the sea", "--stream", "--json")

    assert said.document["state"] == "completed"
    assert said.document["options"] == {"mode": "stream"}


def test_a_direct_call_that_fails_says_why(person: Person) -> None:
    said = person.types("run", MISHAP, "--failure", "crash", "--sync")

    assert said.status == 1
    assert "The job failed" in said.err
    assert jobs()[0].state is State.FAILED


def test_a_direct_call_cannot_be_left_behind(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--sync", "--async")

    assert said.status == 2
    assert "--async" in said.err
    assert emulator.requests(method="POST") == []
