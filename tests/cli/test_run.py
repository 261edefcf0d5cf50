"""`faldeck run`: from flags to files."""

import json
import re
import sys
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs, output_of, png_size

from faldeck.config.settings import config_path
from faldeck.job import State


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def sent(emulator: Emulator) -> list[str]:
    """The models that were asked for work."""
    return [post["path"].removeprefix("/queue/") for post in emulator.posts()]


def test_a_picture_is_made_and_its_path_is_all_that_is_printed(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    assert (said.status, said.err) == (0, "")
    assert png_size(said.out.rstrip("\n")) == (64, 48)
    assert sent(emulator) == [SKETCH]


def test_on_a_terminal_size_time_and_cost_stand_beside_each_path(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    one = person.types("run", SKETCH, "-p", "a lake", *SMALL).out.splitlines()
    two = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--num-images", "2").out.splitlines()

    newest, first = jobs()
    assert [line.split("  ")[0] for line in two] == [output.path for output in newest.outputs]
    assert re.fullmatch(re.escape(f"{first.outputs[0].path}  64×48 · ") + r"\d+\.\ds · \$[\d.]+", one[0])
    assert all(re.search(r"  64×48 · \d+\.\ds · \$[\d.]+ for all 2$", line) for line in two)


def test_the_text_of_a_language_model_is_printed(person: Person) -> None:
    said = person.types("run", "demo/scribe/chat", "--prompt", "lakes")

    assert said.status == 0
    assert "lakes" in said.out and "{" not in said.out


def test_json_is_the_whole_job_and_nothing_else(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--seed", "7", "--priority", "low", "--json")

    job = said.document
    assert (said.status, said.err) == (0, "")
    assert list(job) == [
        *("id", "request_id", "profile", "endpoint_id", "state", "created_at", "submitted_at", "started_at"),
        *("completed_at", "queue_position", "arguments", "options", "error", "result", "outputs", "cost"),
        *("starred", "tags", "note", "group", "parent"),
    ]
    assert (job["state"], job["profile"], job["endpoint_id"]) == ("completed", "lab", SKETCH)
    assert job["arguments"] == {"prompt": "a lake", "image_size": {"width": 64, "height": 48}, "seed": 7}
    assert job["options"] == {"priority": "low"}
    assert job["result"]["seed"] == 7
    (output,) = job["outputs"]
    assert output["state"] == "saved" and Path(output["path"]).stat().st_size == output["size_bytes"]
    assert job["created_at"].endswith("Z")
    assert job["cost"]["units"] == 1


def test_async_prints_the_request_id_once_the_service_has_it(person: Person, emulator: Emulator) -> None:
    said = person.types("run", FILM, "-p", "waves", "--async")

    (job,) = jobs()
    assert said.status == 0
    assert said.out == f"{job.request_id}\n"
    assert job.state in (State.QUEUED, State.RUNNING)


def test_logs_are_printed_on_stderr_each_line_once(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--logs")

    lines = said.err.splitlines()
    assert "Warm runner found" in lines
    assert len(lines) == len(set(lines)) > 3
    assert len(said.out.splitlines()) == 1


def test_a_timeout_leaves_the_job_running_and_says_how_to_get_it_back(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()

    said = person.types("run", FILM, "-p", "waves", "--timeout", "0.5")

    (job,) = jobs()
    assert said.status == 5
    assert said.err.endswith(f"get it back with: faldeck status {job.id} --follow\n")
    assert emulator.requests(method="PUT") == []


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("fox.png", ["fox-2.png", "fox.png"]),
        ("new/fox.png", ["new/fox-2.png", "new/fox.png"]),
        ("fox.d/", ["fox.d/*/demo-sketch-fast/*-1.png", "fox.d/*/demo-sketch-fast/*-2.png"]),
        ("there.d", ["there.d/*/demo-sketch-fast/*-1.png", "there.d/*/demo-sketch-fast/*-2.png"]),
        ("foxes", ["foxes/*/demo-sketch-fast/*-1.png", "foxes/*/demo-sketch-fast/*-2.png"]),
    ],
)
def test_a_name_with_a_suffix_is_a_file_and_without_one_a_folder(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, names: list[str]
) -> None:
    (tmp_path / "there.d").mkdir()
    monkeypatch.chdir(tmp_path)

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--num-images", "2", "--download", template)

    assert said.status == 0
    assert sorted(said.out.split()) == [str(path) for name in names for path in tmp_path.glob(name)]


@pytest.mark.parametrize(
    ("template", "path"),
    [("out/{index}-{model}.{ext}", "out/1-demo-sketch-fast.png"), ("{index}.{ext}", "1.png"), ("here", None)],
)
def test_download_names_the_files(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, path: str | None
) -> None:
    monkeypatch.chdir(tmp_path)

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--download", template)

    made = Path(said.out.rstrip("\n"))
    assert said.status == 0 and made.is_file()
    if path:
        assert made == tmp_path / path
    else:
        assert made.is_relative_to(tmp_path / "here")


def test_a_template_that_nobody_can_fill_is_refused_before_anything_is_sent(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "x", "--download", "{nobody}.png")

    assert said.status == 2
    assert "{index}" in said.err
    assert emulator.posts() == []


def test_options_reach_the_service(person: Person, emulator: Emulator) -> None:
    words = ("--lifecycle", "3600", "--start-timeout", "900", "--webhook", "https://example.invalid/hook?a=1")
    assert person.types("run", SKETCH, "-p", "x", *SMALL, *words).status == 0

    (post,) = emulator.posts()
    assert json.loads(post["headers"]["x-fal-object-lifecycle-preference"]) == {"expiration_duration_seconds": 3600}
    assert post["headers"]["x-fal-request-start-timeout"] == "900"
    assert post["query"] == "fal_webhook=https%3A%2F%2Fexample.invalid%2Fhook%3Fa%3D1"


def test_a_failed_job_is_told_from_a_done_one(person: Person) -> None:
    said = person.types("run", MISHAP, "--failure", "several_fields", "--json")

    assert said.status == 1
    assert said.document["state"] == "failed"
    assert said.document["error"]["fields"][1] == {
        "loc": ["body", "loras", 0, "path"],
        "message": "Input should be a valid string",
    }
    assert "loras.0.path: Input should be a valid string" in said.err


def test_a_file_that_cannot_be_saved_is_no_success(person: Person, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder should be")

    said = person.types("run", SKETCH, "-p", "x", *SMALL, "--download", f"{taken}/{{index}}.png")

    (job,) = jobs()
    assert said.status == 1
    assert job.state is State.COMPLETED
    assert "was not saved" in said.err and said.out.startswith("http")


def test_jobs_of_the_command_are_in_the_history(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)

    (job,) = jobs()
    assert (job.state, job.title) == (State.COMPLETED, "a lake")
    assert output_of(job).startswith(b"\x89PNG")


@pytest.mark.parametrize("wish", ["7200", "date"])
def test_a_service_that_wants_hours_is_told_and_the_timeout_is_kept(
    person: Person, emulator: Emulator, wish: str
) -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    asked: list[str] = []
    later = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True) if wish == "date" else wish

    class Busy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(429)
            self.send_header("Retry-After", later)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing on stderr."""

    server = HTTPServer(("127.0.0.1", 0), Busy)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        person.set_up(f"http://127.0.0.1:{server.server_port}")
        said = person.types("run", SKETCH, "-p", "a lake", "--timeout", "1")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert said.status == 5
    assert "nothing was paid" in said.err and "answered 429" in said.err
    assert len(asked) == 1
    assert [job.state.value for job in jobs()] == ["failed"]


def test_a_gateway_that_answers_a_submit_with_the_result_is_told_of(person: Person, emulator: Emulator) -> None:
    config = config_path()
    config.write_text(config.read_text().replace(f"{emulator.url}/queue", f"{emulator.url}/run"))
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL)

    assert said.status == 0
    assert "answered the submit with the result itself" in said.err and "run_url" in said.err
    assert said.out.strip().endswith(".png")
    assert len(emulator.requests(method="POST")) == 1
