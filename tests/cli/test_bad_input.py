"""What goes wrong is told in one sentence, with its exit status, and nothing is lost."""

import errno
import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.config.settings import config_path
from faldeck.history import LogLine, Store, history_path
from faldeck.job import Failure, Job, State, now
from faldeck.job_ids import new_id
from faldeck.system import paths


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def one_sentence(text: str) -> str:
    """The only line of stderr."""
    (line,) = text.splitlines()
    assert line.startswith("faldeck: ")
    return line.removeprefix("faldeck: ")


def test_without_a_key_nothing_is_sent(person: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "a lake")

    assert said.status == 3
    assert "Set LAB_KEY or run `faldeck --profile lab key add`" in one_sentence(said.err)
    assert emulator.requests() == [] and jobs() == []


@pytest.mark.parametrize(
    ("key", "reason"), [("invalid", "invalid key credentials"), ("locked", "Exhausted balance")], ids=["401", "403"]
)
def test_a_key_that_is_refused(person: Person, monkeypatch: pytest.MonkeyPatch, key: str, reason: str) -> None:
    monkeypatch.setenv("LAB_KEY", key)

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    assert said.status == 3
    assert reason in one_sentence(said.err)
    assert jobs()[0].state is State.FAILED


@pytest.mark.parametrize("command", ["status", "watch"])
def test_an_account_that_is_locked_meanwhile_does_not_lose_the_job(
    person: Person, emulator: Emulator, command: str
) -> None:
    emulator.faults("locked@stream,locked@status")

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    (job,) = jobs()
    assert said.status == 3
    assert "User is locked" in said.err and f"faldeck status {job.id} --follow" in said.err
    emulator.faults("")
    again = ("status", job.id, "--follow") if command == "status" else ("watch",)
    assert person.types(*again).status == 0
    assert jobs()[0].state is State.COMPLETED


def test_an_unknown_model(person: Person) -> None:
    said = person.types("run", "demo/nobody/knows", "--prompt", "x")

    assert said.status == 4
    assert said.err.splitlines()[-1] == 'faldeck: The job failed: Application "knows" not found'


def test_what_is_no_endpoint_id(person: Person, emulator: Emulator) -> None:
    said = person.types("run", "no-slash", "--prompt", "x")

    assert said.status == 2
    assert "'no-slash' is not an endpoint id" in one_sentence(said.err)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("plain_422", "This input cannot be used"),
        ("several_fields", "image_url: Field required; loras.0.path: Input should be a valid string"),
        ("crash", "Internal Server Error"),
    ],
)
def test_a_job_that_failed(person: Person, failure: str, reason: str) -> None:
    said = person.types("run", MISHAP, "--failure", failure)

    assert (said.status, said.out) == (1, "")
    assert one_sentence(said.err) == f"The job failed: {reason}"


@pytest.mark.parametrize("fault", ["drop-after@submit=1x", "html@submit=1x", "truncate@submit=1x"])
def test_a_submit_without_a_good_answer_is_sent_once(person: Person, emulator: Emulator, fault: str) -> None:
    emulator.faults(fault)
    person.set_up(emulator.url, without="api_url")  # With a list of requests the answer is found there.

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    assert said.status == 5
    assert one_sentence(said.err).startswith("It may have been accepted: ")
    assert one_sentence(said.err).endswith("It is not sent again by itself.")
    assert jobs()[0].state is State.UNCONFIRMED
    assert len(emulator.posts()) == 1


def test_no_network(person: Person) -> None:
    person.set_up("http://127.0.0.1:1")

    said = person.types("run", SKETCH, "-p", "a lake")

    (job,) = jobs()
    assert said.status == 5
    assert said.err.splitlines()[-1] == "faldeck: There is no connection to the service, so nothing was sent."
    assert (job.state, job.submitted_at) == (State.FAILED, None)


@pytest.mark.parametrize("words", [("models",), ("schema", SKETCH), ("price", SKETCH), ("adopt", SKETCH, "6b1f")])
def test_a_question_without_a_network(person: Person, words: tuple[str, ...]) -> None:
    person.set_up("http://127.0.0.1:1")

    said = person.types(*words)

    assert (said.status, said.out) == (5, "")
    assert "No connection to 127.0.0.1" in one_sentence(said.err)


def test_html_where_a_schema_should_be(person: Person, emulator: Emulator) -> None:
    emulator.faults("html@catalogue")

    said = person.types("schema", SKETCH)

    assert said.status == 5
    assert "HTML instead of JSON" in one_sentence(said.err)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('profile = "lab\n', "line 1: `profile` is not valid TOML: unterminated string."),
        ("profil = 1", "there is no setting called `profil`"),
        ("profile = 'hk'\n[profiles.hk]\nqueue_url = 1", "[profiles.hk] `queue_url` must be text"),
        ("profile = 'hk'\n[profiles.hk]\nauth = 'Key'", "[profiles.hk] needs a `queue_url`"),
    ],
)
def test_a_config_that_cannot_be_read_is_named_with_the_place(person: Person, text: str, reason: str) -> None:
    config_path().write_text(text)

    said = person.types("models")

    assert said.status == 2
    assert str(config_path()) in one_sentence(said.err)
    assert reason in said.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("zoom = 2\n", "there is no setting called `zoom`"),
        ("confirm_above_usd = 'much'\n", "`confirm_above_usd` must be a number, not 'much'"),
        ('output_name = "{nobody}"\n', "`output_name`: '{nobody}' cannot name output files"),
        ("[profiles.hk]\nqueue_url = 1\n", "[profiles.hk] `queue_url` must be text"),
        ("[profiles.hk]\nauth = 'Key'\n", "[profiles.hk] needs a `queue_url`"),
    ],
)
def test_a_mistake_in_the_config_is_told_and_costs_itself_alone(person: Person, text: str, reason: str) -> None:
    mistaken = f"{text}{config_path().read_text()}" if "[" not in text else f"{config_path().read_text()}\n{text}"
    config_path().write_text(mistaken)

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    assert said.status == 0
    assert said.out == f"{jobs()[0].outputs[0].path}\n"
    assert str(config_path()) in said.err and reason in said.err


def test_a_config_that_cannot_be_read_hides_no_history(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    config_path().write_text("profil = 1")

    assert [job["arguments"]["prompt"] for job in person.types("jobs", "--json").documents] == ["a lake"]


def test_a_history_that_cannot_be_made_sends_nothing(person: Person, emulator: Emulator) -> None:
    paths.data_dir().parent.mkdir(parents=True)
    paths.data_dir().write_text("a file where the folder should be")

    for words in (("jobs",), ("run", SKETCH, "-p", "a lake")):
        said = person.types(*words)
        assert (said.status, said.out) == (1, "")
        assert str(paths.data_dir()) in one_sentence(said.err)
    assert emulator.posts() == []


def test_a_history_that_is_no_database_is_set_aside_by_name(person: Person, emulator: Emulator) -> None:
    paths.data_dir().mkdir(parents=True)
    (paths.data_dir() / "history.db").write_bytes(b"no database" * 1000)

    said = person.types("run", SKETCH, "-p", "a lake")

    set_aside = next(paths.data_dir().glob("history.corrupt-*.db"))
    assert said.status == 0 and set_aside.name in said.err
    assert set_aside.read_bytes() == b"no database" * 1000
    assert len(emulator.posts()) == 1


def test_a_full_disk_at_the_submit_sends_nothing(person: Person, emulator: Emulator) -> None:
    prompt = json.dumps({"prompt": "x" * 2000, "note": "y" * 400_000})
    person.types("models")
    person.types("schema", SKETCH)

    with person.starts("run", "demo/scribe/chat", "--input", "-", stdin=-1, preexec_fn=_small_disk) as process:
        out, err = process.communicate(prompt, timeout=60)

    assert (process.returncode, out) == (1, "")
    assert one_sentence(err).startswith("The history cannot be used: ")
    assert emulator.posts() == []


def _small_disk() -> None:
    """Lets no file of this process grow beyond what an empty history needs."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def test_text_of_a_service_reaches_the_terminal_without_its_escapes(person: Person, tmp_path: Path) -> None:
    said = "\x1b]0;owned\x07\x1b[2Jbad \u202enews\r\x7f"
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps({"error": {"message": said}}))
    store = Store(history_path())
    job = Job(
        id=new_id(),
        profile="lab",
        endpoint_id=said,
        state=State.FAILED,
        created_at=now(),
        title=said,
        error=Failure(message=said),
    )
    store.add(job, {"prompt": said})
    store.save(job, logs=[LogLine("", "", said)])
    store.close()

    for words in (
        ("schema", str(file)),
        ("jobs",),
        ("jobs", "--json"),
        ("status", job.id, "--json"),
        ("status", job.id),
        ("logs", job.id),
    ):
        shown = person.types(*words)
        assert all(character.isprintable() or character == "\n" for character in shown.out + shown.err)
        assert "bad" in shown.out + shown.err


def test_a_cache_that_cannot_be_written_stops_no_request(person: Person, emulator: Emulator) -> None:
    paths.cache_dir().parent.mkdir(parents=True)
    paths.cache_dir().write_text("a file where the folder should be")

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    (job,) = jobs()
    assert (said.status, said.out, said.err) == (0, f"{job.outputs[0].path}\n", "")
    assert job.cost is not None and job.cost.total_usd
    assert len(emulator.posts()) == 1
    assert person.types("schema", SKETCH, "--json").status == 0
    assert person.types("price", SKETCH).status == 0


def test_errors_of_the_disk_are_told_with_the_file(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from faldeck.app import catalogue

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/some/cache")

    monkeypatch.setattr(catalogue, "_write", full)

    said = person.types("models")

    assert said.status == 1
    assert one_sentence(said.err) == "/some/cache: No space left on device."


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[" * 100_000, "nested too deeply"), ('{"a": NaN}', "NaN is not a number"), ("{", "not valid JSON")],
    ids=["deep", "nan", "broken"],
)
def test_a_file_that_is_no_schema_is_told(person: Person, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "schema.json").write_text(text)

    for part in ((), ("--openapi",)):
        said = person.types("schema", str(tmp_path / "schema.json"), *part)
        assert (said.status, said.out) == (2, "")
        assert reason in one_sentence(said.err)


def test_an_import_of_no_file_is_a_mistake_like_any_other(person: Person, tmp_path: Path) -> None:
    said = person.types("import", str(tmp_path / "nofile"))

    assert (said.status, said.out) == (2, "")
    assert str(tmp_path / "nofile") in one_sentence(said.err)


def test_what_cannot_be_a_request_id_is_asked_about_nowhere(person: Person, emulator: Emulator) -> None:
    for name in ("../x", "a/b", "..", "a?b", "a b"):
        said = person.types("status", name, "--model", SKETCH)
        assert (said.status, said.out) == (2, "")
        assert "is not a request id" in one_sentence(said.err)
    assert emulator.requests() == []


def test_an_unforeseen_error_says_what_where_and_no_key(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from faldeck.engine.gateways import Gateways
    from faldeck.system import log_file

    monkeypatch.setenv("LAB_KEY", key := "0f1e2d3c:unforeseen-canary")

    def broken(*_: object) -> None:
        raise RuntimeError(f"\x1b[2J{key}")

    monkeypatch.setattr(Gateways, "_open", broken)
    written = person.types("price", SKETCH)
    log_file.close_log()
    log_file.path().unlink()
    log_file.path().parent.rmdir()
    log_file.path().parent.write_text("a file where the folder should be")
    unsaved = person.types("price", SKETCH)

    assert one_sentence(written.err).endswith(f"RuntimeError: ***. Details are in {log_file.path()}")
    assert one_sentence(unsaved.err).endswith(f"RuntimeError: ***. {log_file.path()} cannot be written.")
