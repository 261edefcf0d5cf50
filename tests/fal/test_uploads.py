"""Files on their way up: which door they take, what is said of them, and what the service gets to see."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from support.far_end import KEY, OFFICIAL, Far, Step, answer

from faldeck.fal import errors, multipart
from faldeck.fal.errors import Backoff
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.multipart import PartPolicy
from faldeck.fal.submit_options import Access, lifecycle

ONCE = PartPolicy(tries=1)
THRICE = PartPolicy(backoff=Backoff(first=0.001))
TOKEN = {
    "token": "t0k",
    "token_type": "Bearer",
    "base_url": "https://v3b.fal.media",
    "expires_at": "2099-01-01T00:00:00+00:00",
}
UPLOADED = {"access_url": "https://v3b.fal.media/files/b/0a/cat.png", "uploaded": True}
INITIATED = {"upload_url": "https://v3b.fal.media/files/b/0a/cat.png?signature=s", "file_url": UPLOADED["access_url"]}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4_000
ASK_TOKEN = ("POST", "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3")
UPLOAD = ("POST", "https://v3b.fal.media/files/upload")


def gateway(far: Far, part_policy: PartPolicy = ONCE, hosts: Hosts = OFFICIAL) -> Gateway:
    """A gateway whose service is `far`."""
    return Gateway(hosts, f"Key {KEY}", transport=httpx.MockTransport(far), part_policy=part_policy)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "Kätzchen im Schnee.png"
    path.write_bytes(PICTURE)
    return path


async def test_a_file_goes_to_the_cdn_in_one_request(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    url = await gateway(far).upload(picture, lifecycle=3600)
    assert url == UPLOADED["access_url"]
    assert far.asked == [ASK_TOKEN, UPLOAD]
    assert far.keys == [f"Key {KEY}", "Bearer t0k"]
    assert far.requests[0].content == b"{}"
    sent = far.requests[1]
    assert await sent.aread() == PICTURE
    assert sent.headers["content-length"] == str(len(PICTURE))
    assert sent.headers["content-type"] == "image/png"
    assert sent.headers["x-fal-file-name"] == "Katzchen_im_Schnee.png"
    assert json.loads(sent.headers["x-fal-object-lifecycle"]) == {"expiration_duration_seconds": 3600}
    assert sent.headers["x-fal-object-lifecycle-preference"] == sent.headers["x-fal-object-lifecycle"]


async def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "nothing.txt").touch()
    far = Far(answer(TOKEN), answer(UPLOADED))
    assert await gateway(far).upload(tmp_path / "nothing.txt") == UPLOADED["access_url"]
    assert far.requests[1].headers["content-length"] == "0"


async def test_name_and_type_can_be_given(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far).upload(picture, content_type="image/webp", file_name="mask.webp")
    assert far.requests[1].headers["content-type"] == "image/webp"
    assert far.requests[1].headers["x-fal-file-name"] == "mask.webp"


async def test_the_type_is_the_bytes_own_where_the_name_lies(tmp_path: Path) -> None:
    lying = tmp_path / "cat.jpg"
    lying.write_bytes(PICTURE)
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far).upload(lying)
    assert far.requests[1].headers["content-type"] == "image/png"


async def test_who_may_read_a_file_is_said_with_its_life(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far).upload(picture, lifecycle=60, access=Access("forbid", {"alice": "allow"}))
    assert json.loads(far.requests[1].headers["x-fal-object-lifecycle"]) == {
        "expiration_duration_seconds": 60,
        "initial_acl": {"default": "forbid", "rules": [{"user": "alice", "decision": "allow"}]},
    }


async def test_nothing_is_said_of_a_files_life_unless_it_is_wished(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far).upload(picture)
    assert not [name for name in far.requests[1].headers if "lifecycle" in name]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("never", None), ("immediate", 60), ("1h", 3600), ("1d", 86_400), ("30d", 2_592_000), ("7", 7)],
)
def test_the_words_for_a_life_are_the_official_clients(text: str, seconds: int | None) -> None:
    assert lifecycle(text) == seconds


@pytest.mark.parametrize("text", ["0", "-5", "2w", "", "1.5"])
def test_what_is_no_life_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"lifecycle|invalid literal"):
        lifecycle(text)


async def test_the_profiles_own_cdn_is_used(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    await gateway(far, hosts=OFFICIAL._replace(cdn_url="https://cdn.example/")).upload(picture)
    assert far.asked[1] == ("POST", "https://cdn.example/files/upload")


async def test_one_token_serves_until_shortly_before_its_end(picture: Path) -> None:
    far = Far(answer(TOKEN), answer(UPLOADED))
    service = gateway(far)
    await service.upload(picture)
    await service.upload(picture)
    assert far.asked == [ASK_TOKEN, UPLOAD, UPLOAD]


@pytest.mark.parametrize("offset", ["+00:00", ""])
async def test_a_token_that_is_about_to_end_is_not_used_again(picture: Path, offset: str) -> None:
    ends = (datetime.now(UTC) + timedelta(seconds=30)).replace(tzinfo=None).isoformat() + offset
    given: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        if "auth/token" not in str(request.url):
            return answer(UPLOADED)
        given.append(f"t{len(given)}")
        return answer({**TOKEN, "token": given[-1], "expires_at": ends})

    far = Far(serve)
    service = gateway(far)
    for _ in range(2):
        await service.upload(picture)
        assert far.asked[-2:] == [ASK_TOKEN, UPLOAD]
        assert far.keys[-1] == f"Bearer {given[-1]}"


async def test_a_token_that_the_service_has_forgotten_is_fetched_again(picture: Path) -> None:
    refused = answer({"detail": "token expired"}, 401)
    far = Far(answer(TOKEN), refused, answer({**TOKEN, "token": "new"}), answer(UPLOADED))
    assert await gateway(far).upload(picture) == UPLOADED["access_url"]
    assert far.asked == [ASK_TOKEN, UPLOAD, ASK_TOKEN, UPLOAD]
    assert far.keys[-1] == "Bearer new"
    assert await far.requests[-1].aread() == PICTURE


async def test_a_new_token_that_is_refused_too_is_the_end(picture: Path) -> None:
    refused = answer({"detail": "no"}, 401)
    far = Far(answer(TOKEN), refused, answer(TOKEN), refused)
    with pytest.raises(errors.Unauthorized):
        await gateway(far).upload(picture)
    assert len(far.requests) == 4


class ReadingTransport(httpx.AsyncBaseTransport):
    """Reads the body piece by piece, as a server does, and keeps how large the pieces were."""

    def __init__(self, far: Far) -> None:
        self._far = far
        self.pieces: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.pieces = [len(piece) async for piece in request.stream]
        return self._far(request)


async def test_a_file_is_read_in_pieces_and_its_progress_told(picture: Path) -> None:
    transport = ReadingTransport(Far(answer(TOKEN), answer(UPLOADED)))
    told: list[tuple[int, int]] = []
    async with Gateway(OFFICIAL, f"Key {KEY}", transport=transport) as service:
        await service.upload(picture, progress=lambda sent, total: told.append((sent, total)))
    assert max(transport.pieces) <= multipart.CHUNK_BYTES
    assert sum(transport.pieces) == len(PICTURE)
    assert [sent for sent, _ in told] == sorted({sent for sent, _ in told})
    assert (told[0], told[-1]) == ((0, len(PICTURE)), (len(PICTURE), len(PICTURE)))


async def test_a_file_that_becomes_shorter_is_not_taken_for_a_network_fault(picture: Path) -> None:
    def shorten(sent: int, total: int) -> None:
        picture.write_bytes(PICTURE[:100])

    transport = ReadingTransport(Far(answer(TOKEN), answer(UPLOADED)))
    async with Gateway(OFFICIAL, f"Key {KEY}", transport=transport) as service:
        with pytest.raises(OSError, match="shorter"):
            await service.upload(picture, progress=shorten)


@pytest.mark.parametrize(
    "steps",
    [
        (answer({"detail": "Not Found"}, 404),),
        (httpx.Response(200, html="<h1>hello</h1>"),),
        (answer({"token": "t", "base_url": "http://evil.example"}),),
        (answer({"token": "t"}),),
        (answer(TOKEN), answer({"detail": "no"}, 500)),
        (answer(TOKEN), answer({"uploaded": True})),
    ],
)
async def test_without_a_cdn_door_the_older_two_steps_are_taken(
    picture: Path, steps: tuple[httpx.Response, ...]
) -> None:
    far = Far(*steps, answer(INITIATED), httpx.Response(200))
    assert await gateway(far).upload(picture, lifecycle=60) == INITIATED["file_url"]
    initiate, put = far.requests[-2:]
    assert str(initiate.url) == "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3"
    assert json.loads(initiate.content) == {"content_type": "image/png", "file_name": "Katzchen_im_Schnee.png"}
    assert json.loads(initiate.headers["x-fal-object-lifecycle"]) == {"expiration_duration_seconds": 60}
    assert (put.method, str(put.url)) == ("PUT", INITIATED["upload_url"])
    assert "authorization" not in put.headers
    assert await put.aread() == PICTURE


@pytest.mark.parametrize(("status", "kind"), [(401, errors.Unauthorized), (403, errors.Forbidden), (429, errors.Busy)])
async def test_a_refused_key_is_not_tried_at_the_other_door(
    picture: Path, status: int, kind: type[errors.FalError]
) -> None:
    far = Far(answer({"detail": "no"}, status))
    with pytest.raises(kind):
        await gateway(far).upload(picture)
    assert len(far.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [httpx.WriteError("reset"), httpx.ConnectError("no route"), answer({}, 503), answer({"detail": "oh"}, 500)],
    ids=["lost", "not sent", "busy", "server fault"],
)
async def test_a_fault_on_the_way_is_answered_by_another_try(picture: Path, fault: Step) -> None:
    far = Far(answer(TOKEN), fault, fault, answer(UPLOADED))
    assert await gateway(far, THRICE).upload(picture) == UPLOADED["access_url"]
    assert far.asked == [ASK_TOKEN, UPLOAD, UPLOAD, UPLOAD]
    assert await far.requests[-1].aread() == PICTURE


async def test_a_lost_line_is_not_tried_at_the_other_door(picture: Path) -> None:
    far = Far(answer(TOKEN), httpx.WriteError("reset"))
    with pytest.raises(errors.ResponseLost):
        await gateway(far, THRICE).upload(picture)
    assert far.asked == [ASK_TOKEN, UPLOAD, UPLOAD, UPLOAD]


async def test_an_upload_url_in_the_clear_is_not_used(picture: Path) -> None:
    far = Far(answer({}, 404), answer({**INITIATED, "upload_url": "http://evil.example/put"}))
    with pytest.raises(errors.InvalidResponse, match="upload_url"):
        await gateway(far).upload(picture)


async def test_a_profile_without_storage_says_so(picture: Path) -> None:
    far = Far(answer(TOKEN))
    with pytest.raises(errors.NotSupported, match="rest_url"):
        await gateway(far, hosts=Hosts("https://relay.example")).upload(picture)
    assert far.requests == []


async def test_a_missing_file_is_the_disks_own_error(tmp_path: Path) -> None:
    far = Far(answer(TOKEN))
    with pytest.raises(FileNotFoundError):
        await gateway(far).upload(tmp_path / "none.png")
    assert far.requests == []
