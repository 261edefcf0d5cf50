"""What a value of `faldeck run` may stand for, and flags that are called like options."""

import json
import subprocess
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

CUTOUT = "demo/cutout/remove-background"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def describe(endpoint_id: str, **inputs: object) -> None:
    """Puts a schema on disk, as if the service had given it."""
    from faldeck.app.catalogue import Catalogue, _write
    from faldeck.config.settings import load
    from faldeck.engine.gateways import Gateways

    schema = {"type": "object", "properties": inputs}
    body = {"content": {"application/json": {"schema": schema}}}
    catalogue = Catalogue(Gateways(load()), "lab")
    _write(catalogue._schema_path(endpoint_id), {"paths": {f"/{endpoint_id}": {"post": {"requestBody": body}}}})


@pytest.mark.parametrize(
    "prompt",
    [
        'it\'s a "quoted" `lake` $HOME \\n',
        "two\nlines\n\nand more",
        "日本の湖、ελληνικά, 🦊",
        "@Image1 walks into @Image2",
        "x" * 200_000,
        "\x01\x1b[31m\x7f",
    ],
    ids=["quotes", "newlines", "scripts", "mentions", "200 kB", "control characters"],
)
def test_a_prompt_is_sent_to_the_letter(person: Person, prompt: str) -> None:
    said = person.types("run", "demo/scribe/chat", "-p", prompt, "--dry-run")

    assert said.document["arguments"] == {"prompt": prompt}


def test_a_text_can_come_from_a_file(person: Person, tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text("a lake\nin two lines\n", "utf-8")

    said = person.types("run", SKETCH, "--prompt", f"@{tmp_path / 'prompt.txt'}", "--dry-run")

    assert said.document["arguments"]["prompt"] == "a lake\nin two lines"


def test_two_signs_are_one_that_means_nothing(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "@@home.txt", "--dry-run")

    assert said.document["arguments"]["prompt"] == "@home.txt"


def test_a_text_file_that_is_not_there_is_no_prompt(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "@promt.txt")

    assert said.status == 2
    assert said.err == ("faldeck: -p: promt.txt: No such file or directory; a text that begins with @ is written @@\n")
    assert emulator.posts() == []


def test_a_text_can_come_from_stdin(person: Person) -> None:
    with person.starts("run", SKETCH, "-p", "-", "--dry-run", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate("a lake\n", timeout=60)

    assert json.loads(out)["arguments"]["prompt"] == "a lake"


@pytest.mark.parametrize(
    ("given", "reason"),
    [(b"\xff\xfe\x00", "-p: stdin is not text"), (b"", "-p: stdin is empty")],
    ids=["bytes", "nothing"],
)
def test_what_is_no_text_is_no_prompt(
    person: Person,
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: bytes,
    reason: str,
) -> None:
    for language in ("C", "C.UTF-8"):
        monkeypatch.setenv("LC_ALL", language)
        with (tmp_path / "given").open("wb+") as file:
            file.write(given)
            file.seek(0)
            said = person.runs("run", "demo/scribe/chat", "-p", "-", stdin=file)

        assert (said.status, said.err) == (2, f"faldeck: {reason}\n")
    assert emulator.posts() == []


def test_bytes_on_the_command_line_are_no_prompt(person: Person, emulator: Emulator) -> None:
    said = person.types("run", "demo/scribe/chat", "-p", "a \udcff")

    assert (said.status, said.err) == (2, "faldeck: -p: it has bytes that are not text\n")
    assert emulator.posts() == []


def test_an_output_of_a_job_is_an_input(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL, "--num-images", "2")
    job = jobs()[0]

    first, second = (
        person.types("run", CUTOUT, "--file", f"job:{name}", "--dry-run").document["arguments"]["image_url"]
        for name in (job.id, f"{job.request_id}#2")
    )

    assert [first, second] == [output.url for output in job.outputs]
    assert person.types("run", SKETCH, "-p", "job:x", "--dry-run").document["arguments"]["prompt"] == "job:x"


def test_a_job_knows_the_job_whose_output_it_was_given_and_its_batch(person: Person, tmp_path: Path) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    lake = jobs()[0]
    each = tmp_path / "each.csv"
    each.write_text(f"image_url\njob:{lake.id}\njob:{lake.request_id}#1\n")

    one = person.types("run", CUTOUT, "--file", f"job:{lake.id}", "--json").document
    person.types("run", CUTOUT, "--each", str(each))
    (batch,) = person.types("batch", "list", "--json").documents

    assert (one["parent"], one["group"]) == (lake.id, None)
    assert [(job.parent, job.group) for job in jobs()[:2]] == [(lake.id, batch["id"])] * 2
    assert (lake.parent, lake.group) == (None, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nobody", "there is no job nobody in the history"), ("{id}#3", "is completed and has 1 files")],
)
def test_an_output_that_is_not_there_is_named(person: Person, name: str, reason: str) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)

    said = person.types("run", CUTOUT, "--file", f"job:{name.format(id=jobs()[0].id)}")

    assert said.status == 2
    assert reason in said.err


def test_fields_that_are_called_like_options_can_be_set(person: Person) -> None:
    text = {"type": "string"}
    describe("any/llm", model=text, input=text, help=text, json={"type": "boolean"}, prompt=text)
    words = ("--model", "google/gemini", "-p", "hi", "--dry-run", "--")

    said = person.types("run", "any/llm", *words, "--input", "i", "--help", "h", "--json")

    assert said.document["arguments"] == {
        "model": "google/gemini",
        "input": "i",
        "help": "h",
        "json": True,
        "prompt": "hi",
    }
    shown = " ".join(person.types("run", "any/llm", "--help").out.split())
    assert "--input TEXT Input Must come after --" in shown
    assert "--model TEXT Model --input" in shown


def test_help_ends_with_a_call_that_works(person: Person) -> None:
    shown = person.types("run", SKETCH, "--help").out

    assert f"\nexample:\n  faldeck run {SKETCH} --prompt 'A serene mountain landscape at dawn'" in shown


def test_options_of_the_service_go_with_the_request(person: Person, emulator: Emulator) -> None:
    words = (
        "--hint",
        "abc",
        "--no-retry",
        "--lifecycle",
        "1d",
        "-H",
        "X-Fal-Tags: team=a",
        "--header",
        "X-Fal-Store-IO:0",
    )
    access = ("--access", "forbid", "--access-of", "alice=allow")

    said = person.types("run", SKETCH, "-p", "x", *SMALL, *words, *access, "--max-queue-length", "5", "--json")

    (post,) = emulator.posts()
    headers = post["headers"]
    assert said.document["state"] == "completed"
    assert (headers["x-fal-runner-hint"], headers["x-fal-no-retry"]) == ("abc", "1")
    assert (headers["x-fal-tags"], headers["x-fal-store-io"]) == ("team=a", "0")
    assert json.loads(headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 86_400,
        "initial_acl": {"default": "forbid", "rules": [{"user": "alice", "decision": "allow"}]},
    }
    assert post["query"] == "fal_max_queue_length=5"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("-H", "Authorization: Key x"), "The header Authorization is not free to choose."),
        (("-H", "nonsense"), "is not NAME: VALUE"),
        (("--lifecycle", "soon"), "must be seconds or one of immediate, 1h"),
        (("--access-of", "alice"), "is not USER="),
        (("--sync", "--webhook", "https://a.invalid"), "The option webhook is for the queue only"),
        (("--sync", "--stream"), "not allowed with"),
        (("--max-usd", "0.001"), "This costs about $0.003, more than $0.001. Nothing was sent."),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_sent(
    person: Person, emulator: Emulator, words: tuple[str, ...], reason: str
) -> None:
    said = person.types("run", SKETCH, "-p", "x", *words)

    assert said.status == 2
    assert reason in said.err
    assert emulator.posts() == [] and jobs() == []


@pytest.mark.parametrize("way", ["--sync", "--stream"])
def test_a_direct_call_needs_no_queue(person: Person, emulator: Emulator, way: str) -> None:
    said = person.types("run", "demo/scribe/chat", "-p", "lakes", way)

    assert said.status == 0
    assert "lakes" in said.out
    assert emulator.posts() == []
    assert len(emulator.requests(method="POST", path="/run/demo/scribe/chat")) == 1


def test_the_price_makes_the_cost_and_is_asked_once(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json")

    assert said.document["cost"] == {
        "units": 1,
        "unit": "megapixels",
        "unit_price_usd": 0.003,
        "total_usd": 0.003,
        "is_estimate": False,
    }
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    assert len(emulator.requests(path="/models/pricing")) == 1


def test_a_dry_run_tells_what_it_would_cost(person: Person) -> None:
    said = person.types("run", SKETCH, "-p", "a lake", "--num-images", "4", "--dry-run")

    assert said.document["estimate_usd"] == pytest.approx(0.012)


def test_a_service_without_prices_is_no_obstacle(person: Person, emulator: Emulator) -> None:
    person.set_up(emulator.url, without="api_url")

    said = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json")

    assert said.status == 0
    assert said.document["cost"]["units"] == 1
    assert said.document["cost"]["total_usd"] is None


# A file of this machine, where nobody knows the model's fields


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture in the working folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(24))
    return path


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--image-url", "photo.png"), ("image_url",)),
        (("--image-url=./photo.png",), ("image_url",)),
        (("--image", "photo.png"), ("image",)),
        (("--reference", "photo.png"), ("reference",)),
        (("--reference", "{folder}/photo.png"), ("reference",)),
        (("--reference", "file://{folder}/photo.png"), ("reference",)),
        (('--image-urls:=["https://example.com/a.png", "photo.png"]',), ("image_urls", 1)),
        (("--loras[0].path", "./photo.png"), ("loras", 0, "path")),
        (("--input", "input.json"), ("image", "url")),
    ],
)
def test_a_local_file_is_never_sent_as_text(
    person: Person, emulator: Emulator, photo: Path, words: tuple[str, ...], place: tuple[str | int, ...]
) -> None:
    (photo.parent / "input.json").write_text('{"image": {"url": "photo.png"}}')
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, *(word.format(folder=photo.parent) for word in words), "--async", "--json")

    assert said.status == 0, said.err
    (job,) = jobs()
    person.types("wait", job.id)
    assert len(emulator.requests(method="POST", path=f"/queue/{SKETCH}")) == 1
    sent = person.types("show", job.id, "--as", "json").document
    for step in place:
        sent = sent[step]
    assert sent.startswith(f"{emulator.url}/cdn/files/")


def test_a_service_without_storage_gets_a_local_file_as_data(person: Person, emulator: Emulator, photo: Path) -> None:
    person.set_up(emulator.url, without="rest_url")
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, "-p", "x", "--image-url", "photo.png", "--json")

    assert said.document["arguments"]["image_url"].startswith("data:image/png;base64,")
    assert len(emulator.posts()) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--file", "photo.png"), "--file: the fields of demo/sketch/fast are not known, so name the one"),
        (("--file", "https://example.com/a.png"), "--file: the fields of demo/sketch/fast are not known"),
        (("--file:=1",), "--file: the fields of demo/sketch/fast are not known"),
        (("--image-url", "phota.png"), "image_url: there is no file phota.png."),
        (("--image", "phota.png"), "image: there is no file phota.png."),
        (("--reference", "./phota.png"), "reference: there is no file phota.png."),
        (("--image-url", "."), "image_url: . is a folder, not a file."),
        (("--text", "@phota.txt"), "--text: phota.txt: No such file"),
        (("--image-url", "job:nobody"), "--image-url: there is no job nobody in the history"),
        (("-p", "x", "--demo"), "--demo must come before the command: faldeck --demo run"),
        (("-p", "x", "--profile=lab"), "--profile must come before the command: faldeck --profile NAME run"),
    ],
)
def test_what_is_no_file_here_is_refused_before_anything_is_sent(
    person: Person, emulator: Emulator, photo: Path, words: tuple[str, ...], reason: str
) -> None:
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, *words)

    assert (said.status, reason in said.err) == (2, True), said.err
    assert emulator.posts() == []


def test_after_two_dashes_a_profile_belongs_to_the_model(person: Person, emulator: Emulator) -> None:
    emulator.faults("500@catalogue")

    said = person.types("run", SKETCH, "-p", "x", "--dry-run", "--", "--profile", "lab")

    assert said.document["arguments"] == {"prompt": "x", "profile": "lab"}


def test_prose_and_links_are_sent_to_the_letter_without_a_schema(
    person: Person, emulator: Emulator, photo: Path
) -> None:
    emulator.faults("500@catalogue")
    given = {
        "prompt": "photo.png",
        "negative_prompt": "./photo.png",
        "image_url": "https://example.com/a.png",
        "mask_url": "data:image/png;base64,AA",
        "path": "owner/model",
        "webhook_url": "none",
        "voice": "photo",
        "version": "v1.1",
    }
    words = [word for name, text in given.items() for word in (f"--{name}", text)]

    said = person.types("run", SKETCH, *words, "--dry-run")

    assert said.document["arguments"] == given and said.document["uploads"] == []


def test_texts_come_from_files_and_jobs_without_a_schema_too(person: Person, emulator: Emulator, photo: Path) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()
    (photo.parent / "prompt.txt").write_text("a lake in two lines")
    emulator.faults("500@catalogue")

    said = person.types("run", "some/model", "-p", "@prompt.txt", "--image-url", f"job:{job.id}", "--dry-run")

    assert said.document["arguments"] == {"prompt": "a lake in two lines", "image_url": job.outputs[0].url}
