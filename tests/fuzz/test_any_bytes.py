"""The parsers under any bytes: each gives a value or one of its own errors, of bounded size, and nothing else.

`python tests/fuzz/long_run.py` asks them a million times more, `pytest -m atheris` lets atheris look for the inputs.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzzing import thorough

from faldeck.app.model_search import Finder
from faldeck.config import settings
from faldeck.fal import errors, refusals, responses
from faldeck.fal.direct import Transcript
from faldeck.fal.responses import HttpResponse
from faldeck.fal.sse import MAX_LINE_BYTES, Decoder, Lines
from faldeck.fal.statuses import output_at_once, output_of, status_of
from faldeck.fal.values import Model
from faldeck.history import Store
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id
from faldeck.query import parse
from faldeck.safety import sanitize
from faldeck.schema import document, results

BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(alphabet='[]{}",:0123456789eE+-.truefalsnNaI\\ud8', max_size=60).map(str.encode),
    st.sampled_from([b"[" * 50_000, b'{"a":' * 300 + b"1" + b"}" * 300, b"1e400", b"NaN", b"-Infinity", b"9" * 5_000]),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(["status", "detail", "logs", "error", "metrics", "url", "images", "data", "b64_json"]),
                st.sampled_from(
                    ["paths", "post", "requestBody", "content", "schema", "$ref", "allOf", "anyOf", "enum"]
                ),
                st.sampled_from(["properties", "items", "type", "x-fal-order-properties", "components", "schemas"]),
                st.sampled_from(["choices", "delta", "output", "loc", "msg", "queue_position", "inference_time"]),
            ),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=30,
)


TOML = st.one_of(
    st.binary(max_size=120),
    st.text(alphabet="[]{}=.,\"'#\n\\ \t0123456789abcdef_-:", max_size=80).map(str.encode),
    st.lists(
        st.sampled_from(
            [
                *(b"[profiles.x]", b"[profiles]", b"[[profiles.x]]", b'profile = "x"', b"profiles = 3"),
                *(b'queue_url = "https://x.example/"', b"queue_url = 7", b'base = "fal"', b"colour = []"),
                *(b'key_env = "sk-canary-0123456789"', b'auth = "Bearer sk-canary-0123456789"'),
                *(b'images_url = "http://\\u0000"', b'models = ["a/b", 1]', b"1979-13-99 = 1979-13-99"),
                *(b"confirm_above_usd = nan", b"confirm_above_usd = 1e400", b'output_dir = "~nobody/\\u0000"'),
                *(b'output_name = "{index.__class__}"', b'output_name = "{0!r:>{9}}"'),
                *(b'download = """', b"download = '''", b"\xff\xfe"),
            ]
        ),
        max_size=8,
    ).map(b"\n".join),
)
"""Files that may be a config."""


def answer(body: Any, status: int = 200) -> HttpResponse:
    """An answer with a JSON body."""
    return HttpResponse("far", status, {}, json.dumps(body).encode())


@thorough(400)
@given(BYTES)
@example(b'"\\ud800"')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_json_that_can_be_stored_or_no_json(text: bytes) -> None:
    try:
        body = responses.parse(text)
    except ValueError as error:
        assert len(str(error)) < 100
        return
    json.dumps(body, allow_nan=False, ensure_ascii=False).encode()


@thorough(400)
@given(JSON, st.sampled_from([200, 202, 400, 404, 422, 499, 500, 503]))
@example({"status": "COMPLETED", "metrics": {"inference_time": 10**400}}, 200)
@example({"status": "IN_QUEUE", "queue_position": True, "logs": [None, 7, {"message": 1}]}, 202)
def test_any_json_is_a_status_a_result_or_a_named_error(body: Any, status: int) -> None:
    for read in (status_of, output_of, output_at_once):
        try:
            read(answer(body, status))
        except errors.FalError as error:
            assert len(error.message) <= refusals.MAX_MESSAGE + 200


@thorough(300)
@given(st.lists(st.binary(max_size=80), max_size=8))
@example([b"data: {}", b"\r", b"\n\r\n"])
def test_an_event_stream_is_the_same_however_it_is_cut(chunks: list[bytes]) -> None:
    def events(pieces: list[bytes]) -> list[object]:
        lines, decoder = Lines(), Decoder()
        return [event for piece in pieces for line in lines.feed(piece) if (event := decoder.feed(line))]

    whole = b"".join(chunks)
    assert events(chunks) == events([whole]) == events([bytes([byte]) for byte in whole])


def test_a_line_of_ten_megabytes_is_dropped_and_the_next_is_read() -> None:
    lines = Lines()
    found = [line for _ in range(160) for line in lines.feed(b"x" * 2**16)]
    assert found == []
    assert len(lines._rest) <= MAX_LINE_BYTES
    assert lines.feed(b"\ndata: 1\n") == [b"data: 1"]


@thorough(200)
@given(st.lists(st.dictionaries(st.sampled_from(["output", "delta", "choices", "x"]), JSON, max_size=3), max_size=6))
def test_a_transcript_holds_whatever_is_said(events: list[Any]) -> None:
    transcript = Transcript()
    for event in events:
        transcript.add_event(event)
        assert isinstance(transcript.text, str)
    assert (transcript.output() is None) is (not events)


@thorough(300)
@given(JSON)
def test_any_json_has_files_and_texts_or_none(body: Any) -> None:
    for file in results.files(body):
        assert file.url
        assert sanitize.file_name(file.extension)
    results.texts(body)
    results.seed(body)


@thorough(300)
@given(JSON)
def test_any_json_is_a_schema_or_none(body: Any) -> None:
    try:
        model = document.read(body, "a/b")
    except document.BrokenSchema:
        return
    assert model.fields


@thorough(60)
@given(st.text(max_size=60), JSON)
@example('"fox" OR NOT (', {"prompt": "fox"})
@example("\ud800* -fox ^2 NEAR(a b)", None)
@example("ſ\u0345 ﬀ İ", {"prompt": "İ"})
def test_any_words_can_be_searched_for(words: str, arguments: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "history.db")
        job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.FAILED, created_at=now(), title=words)
        store.add(job, {"prompt": words, "more": arguments})
        found = [one.id for one in store.page(parse(words).query, limit=5)]
        store.page(parse(f"{words} model:{words} state:failed").query, limit=5)
        store.close()

    assert found in ([job.id], [])


@thorough(150)
@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=3))
@example("fulx" * 2_000, ["flux" * 2_000])
def test_any_words_find_models_or_none(words: str, names: list[str]) -> None:
    models = [Model(endpoint_id=f"a/{name}", name=name, category=name, description=name) for name in names]

    assert {model.name for model in Finder(models).find(words)} <= set(names)


@thorough(150)
@given(TOML)
@example(b"a = " + b"[" * 20_000)
@example(b"a = " + b"9" * 5_000)
@example(b"[a" + b".a" * 20_000 + b"]")
@example(b"a = {" * 2_000)
@example(b"a = 1 1\n" * 10_000)
@example(b'a = """\n' + b"x\n" * 10_000)
@example(b"\n".join(b"a%d = 1" % number for number in range(10_000)))
@example(b"[profiles.x]\nkey_env = sk-canary-0123456789")
@example(b'[profiles.x]\nqueue_url = "https://me:canary@x.example"')
@example(b'[profiles.x]\nkey_env = ["canary"]')
@example(b"download = '''\nkey_env = 'canary'\n'''")
@example(b"output_name = '''{\nkey_env = 'canary'\n'''")
@example(b"profile = '''\nkey_env = 'canary'\n'''")
@example(b"[profiles.x]\nqueue_url = '''\nkey_env = 'canary'\n'''")
def test_any_file_is_a_config_or_says_what_is_wrong(text: bytes) -> None:
    settings.config_path().parent.mkdir(parents=True, exist_ok=True)
    settings.config_path().write_bytes(text)
    for strict in (True, False):
        try:
            told = settings.load(strict=strict, environ={}).problems
        except settings.ConfigError as error:
            told = (str(error),)
        assert len("".join(told)) < 100_000
        assert "canary" not in "".join(told)


@thorough(400)
@given(st.text(max_size=200))
@example("\x1b]8;;http://evil\x07x\x1b]8;;\x07")
@example("\u202e\u2066\u200f\x9b1m\x85")
def test_cleaned_text_cannot_touch_a_terminal(text: str) -> None:
    for cleaned in (sanitize.clean(text), sanitize.clean_line(text), sanitize.file_name(text)):
        assert all(char == "\n" or not ("\x00" <= char < " " or "\x7f" <= char <= "\x9f") for char in cleaned)
        assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        cleaned.encode()
    assert sanitize.clean(sanitize.clean(text)) == sanitize.clean(text)
    assert "/" not in sanitize.file_name(text)


@pytest.mark.parametrize("text", ["x" * 500 + ".png", "湖" * 500 + ".jpeg", "." + "é" * 500, "a." + "b" * 500])
def test_a_file_name_is_short_enough_for_every_disk(text: str) -> None:
    name = sanitize.file_name(text)

    assert 100 < len(name.encode()) <= 120
    assert name.endswith((".png", ".jpeg", "é", "b"))


@thorough(100)
@given(st.text(max_size=60))
@example("https://x.example/a b\n\x1b]0;x\x07é\u202e\ud800")
def test_an_address_is_one_plain_word(url: str) -> None:
    address = sanitize.address(url)

    assert address.isascii() and address.isprintable() and " " not in address
    assert sanitize.address(address) == address
