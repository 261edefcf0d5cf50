"""Files of a service are not fetched from nearer than the service is, whatever names lead there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.raw_service import PNG, RawService, http

from faldeck.fal.errors import ForeignHost
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.safety import hosts

SERVICE = Hosts("https://queue.example")
PUBLIC = "127.0.0.2"
"""Stands for an address in the internet."""


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names lead to; `PUBLIC` counts as an address in the internet."""
    found: dict[str, str] = {"queue.example": "127.0.0.2"}
    look_up, network_of = socket.getaddrinfo, hosts.network_of

    def answer(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return look_up(found.get(name, host), *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(
        hosts, "network_of", lambda host: hosts.Network.INTERNET if host == PUBLIC else network_of(host)
    )
    return found


@contextmanager
def serving(answer: bytes = b"") -> Iterator[RawService]:
    """A host on this machine that answers every request so."""
    with RawService(lambda method, path: answer or http(), closes=True).serving() as service:
        yield service


async def fetched(url: str, service: Hosts = SERVICE) -> bytes:
    """The file at `url`, as a job of the service would fetch it."""
    async with Gateway(service, "Key any:canary") as gateway, gateway.download(url) as download:
        return b"".join([chunk async for chunk in download.chunks])


def port(service: RawService) -> str:
    return service.url.rpartition(":")[2]


async def test_a_name_that_leads_to_this_machine_is_not_asked(names: dict[str, str]) -> None:
    names["files.example"] = "127.0.0.1"
    with serving() as inner, pytest.raises(ForeignHost, match=r"files\.example.*127\.0\.0\.1.*Not asked"):
        await fetched(f"http://files.example:{port(inner)}/secret")
    assert inner.asked == []


async def test_a_redirect_to_such_a_name_is_not_followed(names: dict[str, str]) -> None:
    names |= {"inner.example": "127.0.0.1", "cdn.example": PUBLIC}
    with serving() as inner:
        location = f"Location: http://inner.example:{port(inner)}/secret"
        outer = RawService(lambda method, path: http(b"", location, status="302 Found"), closes=True)
        outer._socket.close()
        outer._socket = socket.create_server((PUBLIC, 0))
        with outer.serving():
            with pytest.raises(ForeignHost, match=r"inner\.example"):
                await fetched(f"http://cdn.example:{outer._socket.getsockname()[1]}/file.png")
            assert len(outer.asked) == 1
    assert inner.asked == []


async def test_a_service_whose_own_name_leads_there_may_point_there(names: dict[str, str]) -> None:
    names |= {"relay.corp.example": "127.0.0.1", "files.corp.example": "127.0.0.1"}
    with serving() as inner:
        home = Hosts(f"https://relay.corp.example:{port(inner)}/queue")
        assert await fetched(f"http://files.corp.example:{port(inner)}/file.png", home) == PNG


async def test_a_proxy_looks_names_up_itself(names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    names["files.example"] = "127.0.0.1"
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert await fetched("http://files.example/file.png") == PNG
    assert proxy.asked == [("GET", "http://files.example/file.png")]
