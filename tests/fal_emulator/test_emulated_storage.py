"""Tokens, uploads and downloads (protocol §5)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support.emulator import Emulator
from support.emulator_caller import DROPPED, LAKE, Caller

BYTES = bytes(range(256)) * 8


@pytest.fixture
def caller(emulator: Emulator) -> Iterator[Caller]:
    """A caller of the shared emulator."""
    with Caller(emulator) as caller:
        yield caller


def upload(caller: Caller, **headers: str) -> str:
    """The URL of a new file."""
    token = caller.http.post("/rest/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    headers = {"Authorization": f"Bearer {token['token']}", "Content-Type": "image/png"} | headers
    url: str = caller.http.post("/cdn/files/upload", content=BYTES, headers=headers).json()["access_url"]
    return url


def test_a_token_is_good_for_a_while_and_says_so_with_an_offset(caller: Caller) -> None:
    token = caller.http.post("/rest/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()

    assert token["token_type"] == "Bearer"
    assert token["base_url"] == f"{caller.emulator.url}/cdn"
    assert token["expires_at"].endswith("+00:00")
    assert datetime.fromisoformat(token["expires_at"]) > datetime.now(UTC)


def test_storage_needs_a_key(caller: Caller) -> None:
    caller.http.headers.pop("Authorization")

    answer = caller.http.post("/rest/storage/auth/token", json={})

    assert (answer.status_code, answer.json()) == (401, {"detail": "Authorization header is required"})
    assert caller.http.post("/cdn/files/upload", content=b"x").status_code == 401


def test_a_file_keeps_its_name_and_type_and_needs_no_key_to_be_read(caller: Caller) -> None:
    url = upload(caller, **{"X-Fal-File-Name": "../my cat.png"})

    assert url.endswith("_my-cat.png")
    caller.http.headers.pop("Authorization")
    answer = caller.http.get(url)
    assert answer.content == BYTES
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(BYTES))


def test_a_part_of_a_file_is_read_by_its_range(caller: Caller) -> None:
    url = upload(caller)

    answer = caller.http.get(url, headers={"Range": "bytes=100-"})

    assert answer.status_code == 206
    assert answer.content == BYTES[100:]
    assert answer.headers["content-range"] == f"bytes 100-{len(BYTES) - 1}/{len(BYTES)}"


def test_a_file_is_put_to_a_signed_address_without_a_key(caller: Caller) -> None:
    wish = {"content_type": "image/jpeg", "file_name": "cat.jpg"}
    target = caller.http.post("/rest/storage/upload/initiate?storage_type=fal-cdn-v3", json=wish).json()
    caller.http.headers.pop("Authorization")

    assert caller.http.put(target["file_url"], content=BYTES).status_code == 403
    answer = caller.http.put(target["upload_url"], content=BYTES, headers={"Content-Type": "image/jpeg"})

    assert (answer.status_code, answer.text) == (200, "")
    assert caller.http.get(target["file_url"]).content == BYTES


def test_a_signed_upload_comes_in_numbered_parts(caller: Caller) -> None:
    wish = {"content_type": "video/mp4", "file_name": "film.mp4"}
    target = caller.http.post("/rest/storage/upload/initiate-multipart?storage_type=fal-cdn-v3", json=wish).json()
    path, _, query = target["upload_url"].partition("?")

    parts = [
        caller.http.put(f"{path}/{number}?{query}", content=BYTES[half])
        for number, half in ((2, slice(1000, None)), (1, slice(1000)))
    ]
    assert [part.headers["etag"] for part in parts] == [part.json()["etag"] for part in parts]
    caller.http.post(f"{path}/complete?{query}", json={"parts": [part.json() for part in parts]}).raise_for_status()

    assert caller.http.get(target["file_url"]).content == BYTES


def test_an_upload_without_all_its_parts_is_refused(caller: Caller) -> None:
    begun = caller.http.post("/cdn/files/upload/multipart", headers={"Authorization": "Bearer t"}).json()
    path = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    caller.http.put(f"{path}/1", content=b"")

    parts = [{"partNumber": 1, "etag": "a"}, {"partNumber": 2, "etag": "b"}]
    assert caller.http.post(f"{path}/complete", json={"parts": parts}).status_code == 400
    assert caller.http.post(f"{path}/complete", json={"parts": parts[:1]}).status_code == 200
    assert caller.http.get(begun["access_url"]).content == b""


@pytest.mark.parametrize("numbers", [[1, "2"], ["a/b"], [0], [-1], [None], [1.5], [10**400], [[1]]])
def test_parts_without_a_proper_number_are_missing(caller: Caller, numbers: list[Any]) -> None:
    begun = caller.http.post("/cdn/files/upload/multipart", headers={"Authorization": "Bearer t"}).json()
    path = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    caller.http.put(f"{path}/1", content=BYTES)

    parts = [{"partNumber": number, "etag": "a"} for number in numbers]
    answer = caller.http.post(f"{path}/complete", json={"parts": parts})

    assert (answer.status_code, answer.json()) == (400, {"detail": "A part is missing"})


def test_a_part_that_is_named_twice_is_there_once(caller: Caller) -> None:
    begun = caller.http.post("/cdn/files/upload/multipart", headers={"Authorization": "Bearer t"}).json()
    path = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    part = caller.http.put(f"{path}/1", content=BYTES).json()

    caller.http.post(f"{path}/complete", json={"parts": [part, part]}).raise_for_status()

    assert caller.http.get(begun["access_url"]).content == BYTES


def test_a_completion_whose_answer_was_lost_may_be_asked_for_again(caller: Caller) -> None:
    begun = caller.http.post("/cdn/files/upload/multipart", headers={"Authorization": "Bearer t"}).json()
    path = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    part = caller.http.put(f"{path}/1", content=BYTES).json()
    caller.emulator.faults("drop-after@upload=1x")
    with pytest.raises(DROPPED):
        caller.http.post(f"{path}/complete", json={"parts": [part]})

    assert caller.http.post(f"{path}/complete", json={"parts": [part]}).status_code == 200
    assert caller.http.get(begun["access_url"]).content == BYTES


@pytest.mark.parametrize("wish", [b"[]", b"{}", b'{"file_name": 1, "content_type": "a/b"}'])
def test_an_upload_that_does_not_say_what_it_is_is_refused(caller: Caller, wish: bytes) -> None:
    assert caller.http.post("/rest/storage/upload/initiate", content=wish).status_code == 422


def test_a_file_whose_life_is_over_is_gone(caller: Caller) -> None:
    url = upload(caller, **{"X-Fal-Object-Lifecycle": json.dumps({"expiration_duration_seconds": 0})})

    assert caller.http.get(url).status_code == 404


@pytest.mark.parametrize("preference", ["tomorrow", '{"expiration_duration_seconds": 1' + "0" * 400 + "}", "[" * 3000])
def test_a_lifecycle_that_is_none_is_a_bad_request(caller: Caller, preference: str) -> None:
    headers = {"X-Fal-Object-Lifecycle-Preference": preference}

    assert caller.http.post("/queue/demo/sketch/fast", json=LAKE, headers=headers).status_code == 400


def test_an_uploaded_picture_is_what_gets_edited(caller: Caller) -> None:
    painted = caller.finish("demo/sketch/fast", LAKE).json()["images"][0]["url"]
    wish = {"prompt": "mirror it", "image_url": painted, "strength": 0.01}

    edited = caller.finish("demo/sketch/edit", wish).json()["images"][0]

    assert (edited["width"], edited["height"]) == (64, 48)


@pytest.mark.parametrize(
    "address",
    [
        "{}/cdn/files/b/0000/none.png",
        "{}/cdn/files/b/../emulator.sqlite3",
        "{}/cdn/files/b/0000/" + "n" * 300,
        "http://[bad/cdn/files/x",
        "data:image/png;base64,ä",
    ],
    ids=["unknown", "outside", "endless", "no URL", "no bytes"],
)
def test_an_address_of_ours_that_leads_nowhere_fails_the_request(caller: Caller, address: str) -> None:
    wish = {"prompt": "night", "image_url": address.format(caller.emulator.url)}

    answer = caller.finish("demo/sketch/edit", wish)

    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "file_download_error")


def test_no_path_leads_out_of_the_files(caller: Caller) -> None:
    outside = caller.emulator.state / "emulator.sqlite3"
    assert outside.exists()

    for path in ("../emulator.sqlite3", "%2e%2e/emulator.sqlite3", "b/../../emulator.sqlite3"):
        assert caller.http.get(f"/cdn/files/{path}").status_code == 404
