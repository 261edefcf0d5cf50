"""What is found in results of every shape: files once each, texts, the exact seed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldeck.schema import json_value, results

LINK = "https://v3b.fal.media/files/b/0a11c0de/x.png"
PACKED = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def found(result: Any) -> list[str]:
    return [json_value.spell(file.path) for file in results.files(result)]


def test_a_file_keeps_what_the_service_says_of_it() -> None:
    (file,) = results.files(
        {
            "video": {
                "url": LINK,
                "content_type": "video/mp4",
                "file_name": "x.mp4",
                "file_size": 756813,
                "width": 640,
                "height": 480.0,
                "duration": 5.04,
                "fps": 24,
            }
        }
    )
    assert (file.path, file.url, file.content_type, file.file_name) == (("video",), LINK, "video/mp4", "x.mp4")
    assert (file.size_bytes, file.width, file.height, file.duration_s, file.fps) == (756813, 640, 480, 5.04, 24.0)


def test_facts_that_are_missing_null_or_odd_are_none() -> None:
    odd = {"url": LINK, "file_size": None, "width": "640", "height": -1, "duration": float("nan"), "fps": 10**400}
    (file,) = results.files({"image": odd | {"content_type": 7, "file_name": ""}})
    assert (file.size_bytes, file.width, file.height, file.duration_s, file.fps) == (None,) * 5
    assert (file.content_type, file.file_name) == (None, None)


def test_files_are_found_at_any_depth_in_order_and_once_each() -> None:
    def at(name: str) -> dict[str, str]:
        return {"url": f"https://x.org/{name}"}

    result = {
        "images": [at("a"), None, at("b")],
        "layers": [{"image": at("a"), "z": 0}],
        "model_urls": {"glb": at("m.glb"), "blend": None},
        "texture_urls": [{"base_color": at("t.png")}],
    }
    assert found(result) == ["images[0]", "images[2]", "model_urls.glb", "texture_urls[0].base_color"]


@pytest.mark.parametrize(
    ("result", "places_found"),
    [
        ({"video_url": LINK, "thumbnail_url": LINK + "?2"}, ["video_url", "thumbnail_url"]),
        ({"images": [LINK, LINK + "?2"]}, ["images[0]", "images[1]"]),
        ({"image_urls": [LINK]}, ["image_urls[0]"]),
        ({"data": [{"url": LINK}]}, ["data[0]"]),
        ({"data": [{"b64_json": "iVBORw0KGgoAAAA"}]}, ["data[0]"]),
        ({"images": [PACKED]}, ["images[0]"]),
        ({"image": {"file_data": PACKED, "content_type": "image/png"}}, ["image.file_data"]),
        (
            {"artifacts": [{"base64": PACKED}], "audio_base64": "UklGRiQAAABXQVZFZm10IA=="},
            ["artifacts[0].base64", "audio_base64"],
        ),
        ({"output": [{"type": "image", "result": PACKED, "b64_json": PACKED}]}, ["output[0]"]),
        ({"data": [{"b64_json": PACKED, "mime_type": "image/jpeg"}]}, ["data[0]"]),
        ({"output": "iVBORw0KGgo is how a PNG begins in base64"}, []),
        ({"url": LINK}, [""]),
        ({"images": [{"url": "data:image/png;base64,AA"}]}, ["images[0]"]),
        ([{"response": {"image": {"url": LINK}}}], ["[0].response.image"]),
        ({"video": {"url": LINK}, "request": {"image_url": LINK + "?in"}}, ["video"]),
        ({"output": "See https://en.wikipedia.org"}, []),
        ({"output": "https://en.wikipedia.org/wiki/Cat"}, []),
        ({"status_url": LINK, "response_url": LINK, "cancel_url": LINK}, []),
        ({"detail": [{"loc": ["body"], "msg": "No", "url": "https://docs.fal.ai/errors#no"}]}, []),
        ({"image": {"url": "cat.png"}}, []),
        ({"image": {"url": None}}, []),
        (None, []),
        ("text", []),
        ([], []),
    ],
)
def test_the_shapes_that_services_and_relays_send(result: Any, places_found: list[str]) -> None:
    assert found(result) == places_found


@pytest.mark.parametrize(
    ("result", "places_found"),
    [
        ({"final": "https://relay.example/f/1"}, ["final"]),
        ({"urls": {"get": "https://relay.example/p/1", "cancel": "https://relay.example/c/1"}}, []),
        ({"video_url": "https://oss.example/a.mp4"}, ["video_url"]),
        ({"video_url": "https://oss.example/a.mp4", "image": {"url": LINK}}, ["image"]),
        ({"data": [{"url": "https://oss.example/a"}], "created": 1}, ["data[0]"]),
        ({"songs": [{"title": "a", "url": "https://oss.example/a.mp3"}]}, ["songs[0]"]),
        ({"made": {"url": "https://oss.example/a", "file_name": "a.bin"}}, ["made"]),
        ({"made": {"url": "https://oss.example/a", "content_type": "text/html"}}, []),
        ({"made": {"url": "https://oss.example/a"}}, []),
        ({"made": {"uri": "https://oss.example/a", "mimeType": "image/png"}}, ["made"]),
        ({"parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo"}}]}, ["parts[0].inlineData"]),
        ({"image": {"url": "http://127.0.0.1:8188/a.png"}}, []),
        ({"image": {"url": "http://192.168.1.5/a.png", "content_type": "image/png"}}, []),
        ({"image": {"url": "https://oss.example:port/a.png"}}, ["image"]),
        ({"image": {"url": "https://xn--0.example/a.png"}}, ["image"]),
        ({"output": LINK + " is nice"}, []),
        ({"output": "a cat", "image_url": "https://oss.example/in.png"}, []),
        ({"evil": "https://relay.example@evil.example/a"}, []),
        ({"evil": "https://relay.example.evil.example/a"}, []),
    ],
)
def test_what_is_a_file_depends_on_whose_result_it_is(result: Any, places_found: list[str]) -> None:
    relay = results.Home.of(["https://relay.example/queue", None])
    assert [json_value.spell(file.path) for file in results.files(result, relay)] == places_found


def test_a_service_on_this_machine_may_point_to_it() -> None:
    home = results.Home.of(["http://127.0.0.1:8000/queue"])
    assert results.files({"image": {"url": "http://127.0.0.1:9000/a.png"}}, home)


def test_what_was_sent_is_no_output() -> None:
    sent = results.links_in({"image_url": LINK, "loras": [{"path": LINK + "?2"}], "prompt": "see https://x.org/a"})
    assert sent == {LINK, LINK + "?2"}
    assert results.files({"image": {"url": LINK}, "images": [LINK + "?2"]}, results.Home.of([], sent)) == ()


def test_packed_images_become_data_uris_of_their_type() -> None:
    png, other = results.files({"data": [{"b64_json": "iVBORw0KGgoAAAA"}, {"b64_json": "AAAA"}]})
    assert png.url == "data:image/png;base64,iVBORw0KGgoAAAA"
    assert png.is_data
    assert png.extension == "png"
    assert other.extension == "bin"


def test_a_result_nested_without_end_is_searched_only_so_far() -> None:
    result: Any = {"image": {"url": LINK}}
    for _ in range(5_000):
        result = {"more": result}
    assert results.files(result) == ()
    assert results.files({"a": result, "image": {"url": LINK}})[0].path == ("image",)


@settings(max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(LINK),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["url", "images", "seed", "text", "file_size", "b64_json"]), inner)
        ),
    )
)
def test_no_result_however_odd_raises(result: Any) -> None:
    for file in results.files(result):
        assert file.extension
    assert all(text.text for text in results.texts(result))
    results.seed(result)


def test_texts_are_those_to_read_with_the_prompt_last() -> None:
    result = {
        "prompt": "a cat, cinematic",
        "lyrics": "[[A0]]\n[[B1]]",
        "output": "A cat sits.",
        "request_id": "abc",
        "finish_reason": "stop",
        "svg_content": "<svg> </svg>",
        "embedding_b64": "A" * 4_000,
        "description": None,
        "text": "",
        "video_url": LINK,
        "images": [{"url": LINK, "content_type": "image/png"}],
        "outputs": ["one", "two"],
    }
    assert [json_value.spell(text.path) for text in results.texts(result)] == [
        "output",
        "outputs[0]",
        "outputs[1]",
        "lyrics",
        "svg_content",
        "prompt",
    ]


def test_what_repeats_the_input_is_not_what_the_model_wrote() -> None:
    arguments: dict[str, Any] = {"prompt": "a cat", "options": {"style": "oil"}}
    result = {"prompt": "a cat", "caption": "oil", "output": "A cat sits.", "revised_prompt": "a cat, cinematic"}

    written = results.written(result, arguments)

    assert [text.text for text in written] == ["A cat sits.", "a cat, cinematic"]
    assert [text.is_prompt for text in written] == [False, True]


def test_texts_of_chats_and_relays_are_found() -> None:
    assert [text.text for text in results.texts({"choices": [{"message": {"role": "x", "content": "Hello."}}]})] == [
        "Hello."
    ]
    assert [text.text for text in results.texts({"data": {"text": "Hi."}})] == ["Hi."]


@pytest.mark.parametrize(
    ("result", "seed"),
    [
        ({"seed": 16510644661374190001}, 16510644661374190001),
        ({"seed": "16510644661374190001"}, 16510644661374190001),
        ({"data": {"seed": 7}}, 7),
        ({"seed": None}, None),
        ({"seed": True}, None),
        ({"seed": 1.5}, None),
        ({"layers": [{"seed": 7}]}, None),
        ([], None),
    ],
)
def test_the_seed_is_exact_to_the_last_digit(result: Any, seed: int | None) -> None:
    assert results.seed(json.loads(json.dumps(result))) == seed


@pytest.mark.parametrize(
    ("url", "content_type", "file_name", "extension"),
    [
        ("https://x.org/a.PNG?sig=1.jpg#x", "image/jpeg", None, "png"),
        ("https://x.org/a.bin", "image/jpg", None, "jpg"),
        ("https://x.org/a.obj", "text/plain", None, "obj"),
        ("https://x.org/a.fbx", "application/octet-stream", None, "fbx"),
        ("https://x.org/lora.safetensors", None, None, "safetensors"),
        ("https://x.org/flux-v1.1", "image/webp", None, "webp"),
        ("https://x.org/abc", "video/mp4; codecs=avc1", None, "mp4"),
        ("https://x.org/abc", "application/octet-stream", "model.usdz", "usdz"),
        ("https://x.org", None, None, "bin"),
        ("https://x.org/abc", "made/up", None, "bin"),
        ("data:image/webp;base64,AA.png", "image/png", None, "webp"),
        ("data:,hello", "text/plain", None, "txt"),
    ],
)
def test_the_extension_is_the_urls_then_the_names_then_the_types(
    url: str, content_type: str | None, file_name: str | None, extension: str
) -> None:
    assert results.extension(url, content_type, file_name) == extension


def test_texts_are_looked_for_where_people_read_and_files_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "READ", 50)
    result = {"output": "near", "rows": [[n] for n in range(100)], "text": "far", "image": {"url": "https://x/a.png"}}

    assert [text.text for text in results.texts(result)] == ["near"]
    assert [file.url for file in results.files(result)] == ["https://x/a.png"]
