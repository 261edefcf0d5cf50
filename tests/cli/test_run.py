"""`faldeck run`: from flags to files."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, MISHAP, SKETCH, SMALL, Person, jobs, output_of, png_size

from faldeck.config.settings import config_path
from faldeck.job import State
from faldeck.system import paths


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


def test_types_come_from_the_schema_and_never_from_the_look_of_a_value(person: Person) -> None:
    words = ("--prompt", "2024", "--num-images", "2", "--no-enable-safety-checker", "--sync-mode")
    said = person.types("run", SKETCH, *words, "--image-size.width", "64", "--image-size.height", "48", "--dry-run")

    assert said.status == 0
    assert said.document["arguments"] == {
        "prompt": "2024",
        "image_size": {"width": 64, "height": 48},
        "num_images": 2,
        "sync_mode": True,
        "enable_safety_checker": False,
    }


def test_a_dry_run_sends_and_records_nothing(
    person: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "a lake", "--size", "portrait", "--dry-run")

    assert said.document["arguments"]["image_size"] == "portrait_4_3"
    assert emulator.posts() == []
    assert jobs() == []


def test_flags_go_on_top_of_a_json_input(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"prompt": "a lake", "seed": 18446744073709551615}')

    said = person.types("run", SKETCH, "--input", str(file), "--seed", "8", "--dry-run")

    assert said.document["arguments"] == {"prompt": "a lake", "seed": 8}


def test_input_can_come_from_stdin(person: Person) -> None:
    with person.starts("run", SKETCH, "--input", "-", "--dry-run", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate('{"prompt": "日本の湖\\n\\"quoted\\""}', timeout=60)

    assert json.loads(out)["arguments"] == {"prompt": '日本の湖\n"quoted"'}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[1]", "must be a JSON object"), ("{", "not valid JSON"), (None, "No such file"), (b"\xff", "it is not text")],
)
def test_an_input_that_is_no_json_object_is_refused(
    person: Person, tmp_path: Path, text: str | bytes | None, reason: str
) -> None:
    file = tmp_path / "input.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    said = person.types("run", SKETCH, "--input", str(file))

    assert said.status == 2
    assert said.err.count("\n") == 1 and reason in said.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--num-images", "9", "-p", "x"), "num_images: must be at most 4"),
        (("--num-images", "many", "-p", "x"), "--num-images: must be a whole number"),
        ((), "prompt: is required"),
        (("-p", "x", "--image-size", "huge"), "--image-size: must be a size"),
        (("-p", "x", "--num-image", "2"), "did you mean --num-images?"),
        (("-p",), "-p: a value is missing"),
        (("-p", "x", "stray"), "stray: a value without a flag"),
        (("-p", "x", "--start-timeout", "0.05"), "start timeout must be more than"),
        (("-p", "x", "--priority", "high"), "invalid choice: 'high'"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_sent(
    person: Person, emulator: Emulator, words: tuple[str, ...], reason: str
) -> None:
    said = person.types("run", SKETCH, *words)

    assert said.status == 2
    assert said.out == "" and reason in said.err
    assert emulator.posts() == []
    assert jobs() == []


def test_help_shows_the_models_fields(person: Person) -> None:
    said = person.types("run", SKETCH, "--help")

    folded = " ".join(said.out.split())
    assert said.status == 0
    assert "--num-images INTEGER How many pictures to paint. (1 to 4; default 1)" in folded
    assert "--prompt TEXT" in folded and "(required; at most 2,500 characters)" in folded
    assert "--timeout S" in folded


def test_help_for_a_model_that_nobody_describes_says_so(person: Person) -> None:
    said = person.types("run", "demo/nobody/knows", "--help")

    assert said.status == 4
    assert said.out.startswith("usage: ") and said.err.count("\n") == 1


def test_after_two_dashes_every_flag_is_the_models(person: Person) -> None:
    said = person.types("run", MISHAP, "--dry-run", "--", "--prompt", "--json", "--failure", "none")

    assert said.document["arguments"] == {"failure": "none", "prompt": "--json"}


def test_a_local_file_is_uploaded_wherever_a_file_is_wanted(person: Person, emulator: Emulator, tmp_path: Path) -> None:
    picture = person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n")

    said = person.types("run", "demo/cutout/remove-background", "--file", picture, "--json")

    assert said.document["state"] == "completed"
    assert said.document["arguments"]["image_url"].startswith(f"{emulator.url}/cdn/")
    assert png_size(said.document["outputs"][0]["path"]) == (64, 48)


def test_a_local_file_that_is_not_there_is_named(person: Person, emulator: Emulator) -> None:
    said = person.types("run", "demo/cutout/remove-background", "--image-url", "gone.png")

    assert said.status == 2
    assert said.err == "faldeck: image_url: there is no file gone.png.\n"
    assert emulator.posts() == []


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


def test_without_a_schema_values_are_text_and_json_where_it_is_asked_for(person: Person, emulator: Emulator) -> None:
    emulator.faults("500@catalogue")
    texts = ("-p", "2024", "--duration", "5", "--title=true", "--loud", "--no-sync-mode")
    numbers = ("--num-images:=2", "seed:=7", "--tags:=[1]", "--image-size.width:=64")

    said = person.types("run", SKETCH, *texts, *numbers, "--dry-run")

    assert said.status == 0
    assert "are not known, so nothing is checked" in said.err
    assert said.document["arguments"] == {
        "prompt": "2024",
        "duration": "5",
        "num_images": 2,
        "seed": 7,
        "loud": True,
        "sync_mode": False,
        "tags": [1],
        "image_size": {"width": 64},
        "title": "true",
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--seed:=seven",), "--seed: not valid JSON"),
        (("--tag", "a", "--tag", "b"), "--tag is given twice; for a list write --tag:='[…]'"),
        (("cat",), "cat: a value without a flag"),
        (("--",), "no field for"),
    ],
)
def test_without_a_schema_no_word_is_lost(
    person: Person, emulator: Emulator, words: tuple[str, ...], reason: str
) -> None:
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, "-p", "x", "--", *words)

    assert said.status == 2 and reason in said.err
    assert emulator.posts() == []


def test_with_a_schema_a_value_can_be_json_too(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "x", "--seed:=7", "num_images:=2", "--dry-run")

    assert said.document["arguments"] == {"prompt": "x", "num_images": 2, "seed": 7}


def test_an_old_schema_does_when_the_service_is_away(person: Person) -> None:
    assert person.types("schema", SKETCH).status == 0
    (schema,) = (paths.cache_dir() / "lab" / "schemas").iterdir()
    os.utime(schema, (0, 0))
    person.set_up("http://127.0.0.1:1")

    said = person.types("run", SKETCH, "--prompt", "2024", "--num-images", "9", "--dry-run")

    assert said.status == 2
    assert said.err == "faldeck: num_images: must be at most 4\n"


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


# A name with a typo


@pytest.fixture
def listed(person: Person) -> None:
    """The catalogue is on disk."""
    assert person.types("models").status == 0


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("demo/sketch/fsat", SKETCH),
        ("demo/sketc/fas", SKETCH),
        ("demo/Sketch/fast", SKETCH),
        ("demo/reel/v2/text-to-vidoe", FILM),
    ],
)
@pytest.mark.parametrize("way", [(), ("--async",), ("--sync",), ("--repeat", "2"), ("--model", SKETCH), ("--dry-run",)])
def test_a_misspelt_model_is_asked_about_before_money_moves(
    person: Person, emulator: Emulator, typed: str, meant: str, way: tuple[str, ...]
) -> None:
    words = (typed, *way) if "--model" not in way else ("--model", typed, *way)

    said = person.types("run", *words, "-p", "x")

    assert said.status == 2
    assert f"{typed} is not in the catalogue; did you mean {meant}" in said.err and "--unlisted" in said.err
    assert emulator.posts() == [] and jobs() == []


@pytest.mark.usefixtures("listed")
def test_a_model_that_looks_misspelt_is_sent_to_where_it_is_meant(person: Person, emulator: Emulator) -> None:
    person.types("run", "demo/sketch/fsat", "-p", "x", "--unlisted", "--async")

    assert len(emulator.requests(method="POST", path="/queue/demo/sketch/fsat")) == 1


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    "endpoint_id", ["me/private-model", "workflows/demo/poscard", "comfy/demo/sketch/fsat", "demo/sketch/brand-new"]
)
def test_other_unlisted_models_are_sent_to_without_a_question(
    person: Person, emulator: Emulator, endpoint_id: str
) -> None:
    person.types("run", endpoint_id, "-p", "x", "--async")

    assert len(emulator.requests(method="POST", path=f"/queue/{endpoint_id}")) == 1


def test_without_a_catalogue_no_name_is_asked_about(person: Person, emulator: Emulator) -> None:
    person.types("run", "demo/sketch/fsat", "-p", "x", "--async")

    assert len(emulator.requests(method="POST", path="/queue/demo/sketch/fsat")) == 1


def test_a_path_that_the_model_does_not_have_fails_in_its_words_and_the_nearest_id_is_offered(
    person: Person, emulator: Emulator
) -> None:
    person.types("models", "--refresh")
    said = person.types("run", "demo/sketch/fastest-of-all", "-p", "a lake")

    assert said.status == 1
    assert "Path /fastest-of-all not found" in said.err
    assert "demo/sketch/fast" in said.err.splitlines()[-1]
    assert len(emulator.posts()) == 1
