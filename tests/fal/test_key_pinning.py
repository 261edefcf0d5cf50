"""Whose key goes where: only to the hosts that the profile names, over https, and into no text."""

import traceback

import httpx
import pytest
from support.far_end import ID, KEY, OFFICIAL, Far, answer, gateway, request

from faldeck.fal import errors
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.fal.values import RequestHandle

SECRET = KEY.split(":")[1]
RELAY = Hosts("https://relay.example/")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://queue.fal.run.evil.example/x",
        "https://evil.example/queue.fal.run",
        "https://queue.fal.run@evil.example/x",
        "https://queue.fal.run:8443/x",
        "http://queue.fal.run/x",
        "https://queue.fal.run\\@evil.example/x",
        "https://queue.fal.run%2eevil.example/x",
        "https://queue.fal.run./x",
        "https://queue.f\u0430l.run/x",
        "https://xn--queue.fal.run/x",
        "https://evil.example#@queue.fal.run/x",
        "https://evil.example?@queue.fal.run/x",
        "https://queue.fal.run:0443@evil.example/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0x7f000001/x",
        "//evil.example/x",
        "file:///etc/passwd",
        "https:///x",
        "https://" + "a" * 70_000,
        "https://[::1",
        "https://\ud800/x",
        "",
    ],
)
async def test_nothing_is_sent_to_a_host_that_the_profile_does_not_name(url: str) -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    lure = RequestHandle(ID, "fal-ai/flux", url, url, url)
    service = gateway(far)
    for call in (service.status, service.result, service.cancel):
        with pytest.raises((errors.ForeignHost, errors.InvalidRequest)):
            await call(lure)
    with pytest.raises((errors.ForeignHost, errors.InvalidRequest)):
        await anext(service.follow(lure))
    assert far.requests == []


@pytest.mark.parametrize("url", ["https://QUEUE.fal.run/x", "https://queue.fal.run:443/x", "HTTPS://queue.fal.run/x"])
async def test_a_host_is_the_same_however_it_is_spelled(url: str) -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    await gateway(far).status(RequestHandle(ID, "x/y", url, "", ""))

    assert far.keys == [f"Key {KEY}"]
    assert (far.requests[0].url.scheme, far.requests[0].url.host) == ("https", "queue.fal.run")


async def test_user_names_in_a_url_do_not_replace_the_key() -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    lure = RequestHandle(ID, "x/y", "https://a:b@queue.fal.run/x", "", "")
    await gateway(far).status(lure)
    assert far.keys == [f"Key {KEY}"]
    assert far.requests[0].url.userinfo == b""


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_with_the_key(code: int) -> None:
    far = Far(answer({}, code, location="https://evil.example/x"))
    with pytest.raises(errors.ErrorResponse, match=r"evil\.example"):
        await gateway(far).status(request())
    assert len(far.requests) == 1


async def test_a_key_never_travels_in_the_clear() -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    open_hosts = Hosts("http://relay.example/")
    with pytest.raises(errors.InvalidRequest, match="https only"):
        await gateway(far, open_hosts).status(request(open_hosts))
    assert far.requests == []
    await gateway(far, open_hosts, None).status(request(open_hosts))
    assert far.keys == [None]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
async def test_this_machine_needs_no_https(host: str) -> None:
    far = Far(answer({"status": "IN_QUEUE"}))
    local = Hosts(f"http://{host}:8000/queue")
    await gateway(far, local).status(request(local))
    assert far.keys == [f"Key {KEY}"]


async def test_a_relays_key_stays_away_from_the_public_catalogue() -> None:
    far = Far(answer({"models": [], "next_cursor": None}), answer({"openapi": "3.0.4"}))
    service = gateway(far, RELAY)
    assert [page.models async for page in service.models()] == [()]
    await service.schema("fal-ai/flux/dev")
    assert [str(sent.url.host) for sent in far.requests] == ["api.fal.ai", "fal.ai"]
    assert far.keys == [None, None]


async def test_the_official_catalogue_gets_the_key_and_the_schema_site_does_not() -> None:
    far = Far(answer({"models": [], "next_cursor": None}), answer({"openapi": "3.0.4"}))
    service = gateway(far)
    assert [page.models async for page in service.models()] == [()]
    await service.schema("fal-ai/flux/dev")
    assert far.keys == [f"Key {KEY}", None]


async def test_a_file_is_fetched_without_the_key_even_from_our_own_host() -> None:
    far = Far(answer({}, 302, location="https://queue.fal.run/file"), answer({}, 302, location="/again"), answer({}))
    async with gateway(far).download("https://queue.fal.run/file.png"):
        pass
    assert far.keys == [None, None, None]


async def test_cookies_are_not_kept() -> None:
    far = Far(answer({"status": "IN_QUEUE"}, set_cookie="track=1"))
    service = gateway(far)
    await service.status(request())
    await service.status(request())
    assert "cookie" not in far.requests[1].headers


def shown(error: BaseException) -> str:
    """Everything a crash report could print."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(report.format()) + repr(error) + repr(vars(error))


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadError("reset"),
        answer({"detail": f"Bad credentials: Key {KEY}"}, 401),
        answer({"detail": [{"loc": ["body", KEY], "msg": KEY, "type": KEY, "input": KEY}]}, 422),
        answer({"error": {"message": SECRET, "code": KEY}}, 400),
        answer({}, 500, x_fal_error_type=KEY, x_fal_request_id=KEY, location=f"https://evil.example/?k={KEY}"),
        httpx.Response(200, content=f"<p>{KEY}"),
        answer({"status": None, "detail": KEY}),
    ],
)
async def test_the_key_is_in_no_error_even_when_the_service_repeats_it(fault: httpx.Response | Exception) -> None:
    service = gateway(Far(fault))
    with pytest.raises(errors.FalError) as caught:
        await service.submit("fal-ai/flux/dev", {})
    assert SECRET not in shown(caught.value)
    assert SECRET not in repr(service) + repr(vars(service)) + repr(vars(service._http))


async def test_the_key_is_in_no_log_line() -> None:
    far = Far(answer({"status": "IN_PROGRESS", "logs": [{"message": f"Authorization: Key {KEY}"}]}))
    status = await gateway(far).status(request())
    assert [log.message for log in status.logs] == ["Authorization: Key ***"]


@pytest.mark.parametrize("key", ["Key a\r\nb", "Key ü", "Key \x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        Gateway(OFFICIAL, key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("url", ["relay.example", "ftp://relay.example", "https://"])
def test_a_profile_must_name_web_addresses(url: str) -> None:
    with pytest.raises(errors.ForeignHost, match="not a web address"):
        Gateway(Hosts(url), None)
