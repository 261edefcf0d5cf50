"""Endpoint ids and queue URLs: the official service, and every kind of relay of protocol §9."""

import pytest
from support.far_end import ID

from faldeck.fal.errors import InvalidRequest
from faldeck.fal.urls import QueueAddress, app_id

RELAY_A = "https://relay.example/"
RELAY_B = "https://relay.example/fal-ai"
ROUTER = "https://router.example/fal-ai/fal-ai?_subdomain=queue"
EMULATOR = "http://127.0.0.1:8123/queue"
OFFICIAL = "https://queue.fal.run"


@pytest.mark.parametrize(
    ("endpoint_id", "app"),
    [
        ("fal-ai/flux/dev", "fal-ai/flux"),
        ("fal-ai/kling-video/v3/pro/image-to-video", "fal-ai/kling-video"),
        ("workflows/alice/my-flow", "workflows/alice/my-flow"),
        ("comfy/alice/wf/x", "comfy/alice/wf"),
        ("1234-my-app", "1234/my-app"),
        (" /fal-ai/flux/ ", "fal-ai/flux"),
    ],
)
def test_requests_live_under_the_app_id(endpoint_id: str, app: str) -> None:
    assert app_id(endpoint_id) == app
    assert QueueAddress(OFFICIAL).handle(endpoint_id, ID).response_url == f"{OFFICIAL}/{app}/requests/{ID}"


@pytest.mark.parametrize("endpoint_id", ["", "flux", "workflows/alice", "a//b", "a/../b", "a/b?c", "a/b c", "a/\x1b"])
def test_what_is_no_endpoint_id_is_never_sent(endpoint_id: str) -> None:
    with pytest.raises(InvalidRequest, match="not an endpoint id"):
        QueueAddress(OFFICIAL).submit_url(endpoint_id)


@pytest.mark.parametrize("request_id", ["", ".", "..", "a\nb", "x" * 1_001])
def test_what_is_no_request_id_is_never_sent(request_id: str) -> None:
    with pytest.raises(InvalidRequest, match="not a request id"):
        QueueAddress(OFFICIAL).handle("fal-ai/flux", request_id)


def test_a_request_id_cannot_leave_its_place_in_the_path() -> None:
    named = QueueAddress(OFFICIAL).handle("fal-ai/flux", "../../x?y#z")
    assert named.response_url == f"{OFFICIAL}/fal-ai/flux/requests/..%2F..%2Fx%3Fy%23z"


@pytest.mark.parametrize(
    ("queue_url", "submit_url", "response_url"),
    [
        (OFFICIAL, f"{OFFICIAL}/fal-ai/flux/dev", f"{OFFICIAL}/fal-ai/flux/requests/{ID}"),
        (EMULATOR, f"{EMULATOR}/fal-ai/flux/dev", f"{EMULATOR}/fal-ai/flux/requests/{ID}"),
        (RELAY_A, f"{RELAY_A}fal-ai/flux/dev", f"{RELAY_A}fal-ai/flux/requests/{ID}"),
        (RELAY_B, f"{RELAY_B}/flux/dev", f"{RELAY_B}/flux/requests/{ID}"),
        (f"{RELAY_A}v1/", f"{RELAY_A}fal-ai/flux/dev", f"{RELAY_A}fal-ai/flux/requests/{ID}"),
        (f"{RELAY_A}fal-ai/v1", f"{RELAY_A}fal-ai/v1/fal-ai/flux/dev", f"{RELAY_A}fal-ai/v1/fal-ai/flux/requests/{ID}"),
        (
            ROUTER,
            "https://router.example/fal-ai/fal-ai/flux/dev?_subdomain=queue",
            f"https://router.example/fal-ai/fal-ai/flux/requests/{ID}?_subdomain=queue",
        ),
    ],
)
def test_every_kind_of_base_url_gives_its_own_paths(queue_url: str, submit_url: str, response_url: str) -> None:
    address = QueueAddress(queue_url)
    assert address.submit_url("fal-ai/flux/dev") == submit_url
    assert address.handle("fal-ai/flux/dev", ID).response_url == response_url


def test_a_relay_with_the_owner_in_its_base_takes_ids_without_it() -> None:
    address = QueueAddress(RELAY_B)
    assert address.submit_url("flux-pro/kontext/text-to-image") == f"{RELAY_B}/flux-pro/kontext/text-to-image"
    named = address.handle("flux-pro/kontext/text-to-image", ID)
    assert named.status_url == f"{RELAY_B}/flux-pro/requests/{ID}/status"


@pytest.mark.parametrize(
    ("queue_url", "returned", "home"),
    [
        (OFFICIAL, f"{OFFICIAL}/x/y/requests/{ID}?a=1", f"{OFFICIAL}/x/y/requests/{ID}?a=1"),
        (OFFICIAL, f"http://queue.fal.run/x/y/requests/{ID}", f"{OFFICIAL}/x/y/requests/{ID}"),
        (OFFICIAL, f"https://queue.falrun.com/x/y/requests/{ID}", f"{OFFICIAL}/x/y/requests/{ID}"),
        (RELAY_A, f"{OFFICIAL}/fal-ai/flux/requests/{ID}", f"{RELAY_A}fal-ai/flux/requests/{ID}"),
        (
            "https://gw.example/api",
            f"{OFFICIAL}/fal-ai/x/requests/{ID}",
            f"https://gw.example/api/fal-ai/x/requests/{ID}",
        ),
        (
            "https://gw.example/api",
            f"https://old.example/api/a/b/requests/{ID}",
            f"https://gw.example/api/a/b/requests/{ID}",
        ),
        (RELAY_B, f"{OFFICIAL}/fal-ai/flux-pro/requests/{ID}", f"{RELAY_B}/flux-pro/requests/{ID}"),
        (RELAY_B, f"{OFFICIAL}/flux-pro/requests/{ID}", f"{RELAY_B}/flux-pro/requests/{ID}"),
        (
            ROUTER,
            f"{OFFICIAL}/fal-ai/flux/requests/{ID}?x=1",
            f"https://router.example/fal-ai/fal-ai/flux/requests/{ID}?x=1&_subdomain=queue",
        ),
        (EMULATOR, f"http://127.0.0.1:9/queue/a/b/requests/{ID}", f"{EMULATOR}/a/b/requests/{ID}"),
    ],
)
def test_a_returned_url_is_brought_home(queue_url: str, returned: str, home: str) -> None:
    restored = QueueAddress(queue_url).restore("fal-ai/flux/dev", ID, None, returned, None)
    assert restored.response_url == home


@pytest.mark.parametrize(
    ("queue_url", "returned", "place"),
    [
        (RELAY_A, f"{OFFICIAL}/files/x.png?sig=1", f"{RELAY_A}files/x.png?sig=1"),
        (RELAY_A, "https://v3.fal.media/files/x.png", "https://v3.fal.media/files/x.png"),
        (OFFICIAL, f"{OFFICIAL}/files/x.png", f"{OFFICIAL}/files/x.png"),
        ("", f"{OFFICIAL}/files/x.png", f"{OFFICIAL}/files/x.png"),
    ],
)
def test_a_file_at_the_official_queue_is_fetched_from_the_relay(queue_url: str, returned: str, place: str) -> None:
    assert QueueAddress(queue_url).file_url(returned) == place


def test_a_request_path_that_no_rule_gives_is_kept() -> None:
    returned = f"https://relay.example/queue/seedance-2.0/fast/requests/{ID}"
    restored = QueueAddress("https://relay.example/queue").restore("b/seedance-2.0/fast/t2v", ID, None, returned, None)
    assert restored.status_url == f"{returned}/status"
    assert restored.cancel_url == f"{returned}/cancel"


def test_each_missing_url_follows_from_the_others() -> None:
    restored = QueueAddress(RELAY_A).restore("fal-ai/flux/dev", ID, None, None, None)
    assert restored == QueueAddress(RELAY_A).handle("fal-ai/flux/dev", ID)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/collect",
        "javascript:alert(1)",
        "n/a",
        "null",
        "/",
        f"{OFFICIAL}",
        f"{OFFICIAL}/",
        f"{OFFICIAL}/fal-ai/flux/requests/",
        "https://dashboard.example/open?what=request",
    ],
)
def test_a_url_that_leads_to_no_request_is_as_good_as_none(url: str) -> None:
    restored = QueueAddress(OFFICIAL).restore("fal-ai/flux", ID, url, url, url)
    assert restored == QueueAddress(OFFICIAL).handle("fal-ai/flux", ID)


def test_a_url_that_cannot_be_read_is_as_good_as_none() -> None:
    restored = QueueAddress(OFFICIAL).restore("fal-ai/flux", ID, "http://[::1", None, None)
    assert restored == QueueAddress(OFFICIAL).handle("fal-ai/flux", ID)
