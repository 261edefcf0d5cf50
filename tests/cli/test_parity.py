"""The calls that fal's shell scripts, genmedia and the official clients document, as faldeck takes them.

Above each is what was called before; the models are the emulator's.
"""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import FILM, SKETCH, SMALL, Person, jobs

from faldeck.config.settings import config_path
from faldeck.system import paths

EDIT = "demo/reel/v2/image-to-video"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def photo(person: Person, tmp_path: Path) -> Path:
    """A picture on this machine."""
    made = person.types("run", SKETCH, "-p", "a photo", *SMALL).out.strip()
    path = tmp_path / "photo.png"
    path.write_bytes(Path(made).read_bytes())
    return path


# Form: generate.sh [options], the words that mean the same, the model, what is sent

GENERATED = [
    # --prompt "A serene mountain landscape" --model M
    (("--prompt", "A serene mountain landscape", "--model", SKETCH), {"prompt": "A serene mountain landscape"}),
    # -p P -m M
    (("-p", "A sunset", "-m", SKETCH), {"prompt": "A sunset"}),
    # --size square|portrait|landscape
    ((SKETCH, "-p", "x", "--size", "square"), {"prompt": "x", "image_size": "square"}),
    ((SKETCH, "-p", "x", "--size", "portrait"), {"prompt": "x", "image_size": "portrait_4_3"}),
    ((SKETCH, "-p", "x", "--size", "landscape"), {"prompt": "x", "image_size": "landscape_4_3"}),
    ((SKETCH, "-p", "x", "--size", "landscape_16_9"), {"prompt": "x", "image_size": "landscape_16_9"}),
    # --num-images 2; genmedia: --num_images 2
    ((SKETCH, "-p", "x", "--num-images", "2"), {"prompt": "x", "num_images": 2}),
    ((SKETCH, "-p", "x", "--num_images", "2"), {"prompt": "x", "num_images": 2}),
    # --prompt "Camera slowly zooms in" --model M --image-url https://example.com/image.jpg
    (
        ("--prompt", "It zooms in", "--model", EDIT, "--image-url", "https://example.com/image.jpg"),
        {"prompt": "It zooms in", "image_url": "https://example.com/image.jpg"},
    ),
]


@pytest.mark.parametrize(("words", "arguments"), GENERATED, ids=lambda value: " ".join(value) if value else "")
def test_generate(person: Person, emulator: Emulator, words: tuple[str, ...], arguments: dict[str, object]) -> None:
    said = person.types("run", *words, "--async", "--json")

    assert said.status == 0
    (post,) = emulator.posts()
    assert post["path"] == f"/queue/{said.document['endpoint_id']}" and said.document["endpoint_id"] in words
    assert said.document["arguments"] == arguments


# generate.sh --file /path/to/photo.jpg --model M --prompt P; --image is the same
@pytest.mark.parametrize("flag", ["--file", "--image", "--image-url"])
def test_generate_with_a_file_of_this_machine(person: Person, emulator: Emulator, photo: Path, flag: str) -> None:
    said = person.types("run", "--model", EDIT, "--prompt", "It zooms in", flag, str(photo), "--json")

    assert said.status == 0
    assert said.document["arguments"]["image_url"].startswith(f"{emulator.url}/cdn/files/")


# generate.sh --image-url URL: the models of then had one name for it
@pytest.mark.parametrize("flag", ["--image-url", "--image_url"])
def test_a_picture_is_given_by_the_old_flag_whatever_the_field_is_called(person: Person, flag: str) -> None:
    link = "https://example.com/a.png"
    said = person.types("run", "demo/reel/v3/pro/image-to-video", "-p", "x", flag, link, "--dry-run")

    files = {name: value for name, value in said.document["arguments"].items() if value in (link, [link])}
    assert len(files) == 1 and not any("end" in name or "tail" in name for name in files)


# generate.sh --prompt P, whose model was the one in its own settings
def test_a_call_without_a_model_uses_the_one_of_the_config(person: Person) -> None:
    path = config_path()
    path.write_text(f'default_model = "https://fal.ai/models/{SKETCH}"\n{path.read_text()}')

    said = person.types("run", "--prompt", "A sunset", "--dry-run")

    assert (said.document["endpoint_id"], said.document["arguments"]) == (SKETCH, {"prompt": "A sunset"})
    assert person.types("run", FILM, "--prompt", "A sunset", "--dry-run").document["endpoint_id"] == FILM
    assert person.types("config", "show", "--json").document["default_model"].endswith(SKETCH)


def test_a_call_without_any_model_says_how_to_name_one(person: Person) -> None:
    said = person.types("run", "--prompt", "A sunset")

    assert said.status == 2 and "default_model" in said.err


# generate.sh --status ID --model M, and the like
@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("--status ID", "faldeck status ID"),
        ("--status=ID", "faldeck status ID"),
        ("--result ID --model demo/x", "faldeck result ID --model demo/x"),
        ("--model demo/x --cancel ID", "faldeck cancel ID --model demo/x"),
        ("--schema demo/x", "faldeck schema demo/x"),
        ("--query 'a fox'", "faldeck models 'a fox'"),
        ("--category text-to-image", "faldeck models --category text-to-image"),
        ("--prompt 'a fox' --model demo/x --async", "faldeck run --prompt 'a fox' --model demo/x --async"),
        ("-p fox", "faldeck run -p fox"),
        ("--add-fal-key 0f1e:secret", "faldeck key add"),
        ("--demo --status ID", "faldeck --demo status ID"),
        ("--profile lab --status ID", "faldeck --profile lab status ID"),
    ],
)
def test_old_flags_are_answered_with_ours(person: Person, emulator: Emulator, words: str, meant: str) -> None:
    said = person.types(*shlex.split(words))

    assert (said.status, said.err) == (2, f"faldeck: use: {meant}\n")
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "words", [("--status", "ID"), ("--status", "ID", "--model", SKETCH), (SKETCH, "--status", "ID")]
)
def test_old_flags_of_run_are_answered_with_ours(person: Person, emulator: Emulator, words: tuple[str, ...]) -> None:
    for _ in range(2):
        said = person.types("run", *words)
        assert said.status == 2 and said.err.endswith("faldeck: use: faldeck status ID\n")
        assert emulator.posts() == []
        emulator.faults("500@catalogue")  # And once more without a schema.
        shutil.rmtree(paths.cache_dir(), ignore_errors=True)


# URL=$(upload.sh --file photo.jpg); generate.sh --image-url "$URL"
def test_upload_first(person: Person, photo: Path) -> None:
    url = person.types("upload", str(photo)).out.strip()

    assert person.types("run", EDIT, "-p", "It zooms in", "--image-url", url, "--json").document["state"] == "completed"


# generate.sh --async, then --status ID --model M, --result ID --model M, --cancel ID --model M
def test_submit_now_and_ask_later(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    request_id = person.types("run", FILM, "--prompt", "Epic battle scene", "--async").out.strip()

    waiting = person.types("status", request_id, "--model", FILM, "--json").document
    early = person.types("result", request_id, "--model", FILM)
    emulator.start_jobs()
    person.types("wait", request_id)
    done = person.types("result", request_id, "--model", FILM, "--json").document
    late = person.types("cancel", request_id, "--model", FILM)

    assert (waiting["state"], early.status) == ("queued", 5)
    assert done["result"]["video"]["url"] == done["outputs"][0]["url"]
    assert late.status == 1 and "too late" in late.err


def test_cancel_in_the_queue(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    request_id = person.types("run", FILM, "-p", "waves", "--async").out.strip()

    assert person.types("cancel", request_id, "--model", FILM, "--json").document["state"] == "cancelled"


# generate.sh --sync
def test_one_call_without_the_queue(person: Person, emulator: Emulator) -> None:
    assert person.types("run", "-p", "a lake", "--model", SKETCH, *SMALL, "--sync", "--json").status == 0
    assert len(emulator.requests(method="POST", path=f"/run/{SKETCH}")) == 1


# generate.sh --logs, with --poll-interval 1
def test_logs_come_once_each(person: Person) -> None:
    said = person.types("run", FILM, "-p", "waves", "--logs", "--poll-interval", "0.05")
    request_id = jobs()[0].request_id or ""

    assert said.err.splitlines() == person.types("logs", request_id).out.splitlines() != []


# generate.sh --timeout 1: "Error: Timeout after 1s", "Request ID: ..."
def test_a_timeout_names_the_request_and_leaves_it_running(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()

    said = person.types("run", FILM, "-p", "waves", "--timeout", "0.5", "--json")

    again = f"faldeck status {jobs()[0].id} --follow"
    assert said.status == said.document["error"]["exit_status"] == 5
    assert said.document["error"]["hint"] == again and again in said.err
    emulator.start_jobs()
    assert person.types("status", jobs()[0].id, "--follow").status == 0


# generate.sh --lifecycle 3600
def test_files_that_expire(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "x", "--lifecycle", "3600", "--async")

    (post,) = emulator.posts()
    assert json.loads(post["headers"]["x-fal-object-lifecycle-preference"]) == {"expiration_duration_seconds": 3600}


# generate.sh --schema M; get-schema.sh --model M [--input|--output]; genmedia schema M --format openapi
def test_schemas(person: Person) -> None:
    whole = person.types("schema", SKETCH, "--openapi").document
    taken = person.types("schema", SKETCH, "--input").document
    given = person.types("schema", SKETCH, "--output").document

    assert whole["info"]["x-fal-metadata"]["endpointId"] == SKETCH
    assert "prompt" in taken["properties"] and "images" in given["properties"]


# search-models.sh --category C; --query Q; genmedia models Q --category C --limit N --status S --endpoint_id A,B
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--category", "text-to-video"), {FILM}),
        (("reel",), {FILM, EDIT}),
        (("image to video",), None),
        (("sketch", "--category", "text-to-image", "--limit", "1"), None),
        (("--endpoint_id", f"{SKETCH},{FILM}"), {SKETCH, FILM}),
        (("--endpoint-id", SKETCH, "--endpoint-id", FILM), {SKETCH, FILM}),
        (("--endpoint-id", SKETCH, "--status", "active"), {SKETCH}),
        (("--endpoint-id", SKETCH, "--status", "all"), {SKETCH}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_models_are_found(person: Person, words: tuple[str, ...], found: set[str] | None) -> None:
    said = person.types("models", *words, "--json")

    ids = {model["endpoint_id"] for model in said.documents}
    assert said.status == 0 and ids
    assert found is None or (found <= ids and ("--status" not in words or ids == found))
    assert "--endpoint_id" not in words or ids == found
    assert "--limit" not in words or len(ids) == 1


# generate.sh --add-fal-key; without one: "Error: FAL_KEY not set"
def test_a_missing_key_is_told_with_what_gives_one(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    said = person.types("run", SKETCH, "-p", "x")

    assert said.status == 3
    assert "LAB_KEY" in said.err and "key add" in said.err


# genmedia run M --download "out-{index}.{ext}"
@pytest.mark.parametrize(
    ("template", "named"),
    [("out-{index}.{ext}", "out-1.png"), ("{name}-{index}.{ext}", None), ("{request_id}/{index}.{ext}", None)],
)
def test_files_are_named_by_a_template(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str, named: str | None
) -> None:
    monkeypatch.chdir(tmp_path)

    job = person.types("run", SKETCH, "-p", "x", *SMALL, "--download", template, "--json").document

    path = Path(job["outputs"][0]["path"])
    assert path.is_file() and path.is_relative_to(tmp_path)
    assert named is None or path == tmp_path / named
    assert "{request_id}" not in template or path.parent.name == job["request_id"]


# genmedia pricing M
def test_prices(person: Person) -> None:
    assert person.types("price", SKETCH, "--json").documents[0]["endpoint_id"] == SKETCH


# fal_client.submit(..., hint=, priority=, start_timeout=, webhook_url=, headers=); X-Fal-Object-Lifecycle-Preference
def test_options_of_the_official_clients(person: Person, emulator: Emulator) -> None:
    options = ("--hint", "abc", "--priority", "low", "--start-timeout", "30", "--webhook", f"{emulator.url}/hook")
    access = ("--lifecycle", "1d", "--access", "forbid", "--access-of", "alice=allow")

    said = person.types("run", SKETCH, "-p", "x", *options, *access, "-H", "X-Fal-Tags: team=a", "--async")

    (post,) = emulator.posts()
    headers = post["headers"]
    assert said.status == 0
    assert (headers["x-fal-runner-hint"], headers["x-fal-queue-priority"]) == ("abc", "low")
    assert float(headers["x-fal-request-start-timeout"]) == float(headers["x-fal-request-timeout"]) == 30
    assert headers["x-fal-tags"] == "team=a"
    assert post["query"].startswith("fal_webhook=http")
    assert json.loads(headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 86_400,
        "initial_acl": {"default": "forbid", "rules": [{"user": "alice", "decision": "allow"}]},
    }


# fal.stream(...)
def test_a_streamed_text(person: Person, emulator: Emulator) -> None:
    assert "lakes" in person.types("run", "demo/scribe/chat", "-p", "lakes", "--stream").out
    assert len(emulator.requests(method="POST", path="/run/demo/scribe/chat/stream")) == 1
