"""How near to this machine the files of a service may be: where its own addresses are, and no nearer.

A URL is judged by its host, and a connection by the address that it was really made to: a name may lead anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from faldeck.fal.errors import ForeignHost
from faldeck.safety import hosts
from faldeck.safety.hosts import Network

_CONNECTING, _CONNECTED = "connection.connect_tcp.started", "connection.connect_tcp.complete"
"""Events of a request in httpx, before and after its connection is made; nothing has been sent by then."""


class AllowedAddresses:
    """The addresses from which files of a service may be fetched."""

    def __init__(self, homes: Iterable[str]) -> None:
        """`homes` are the URLs of the service, which may be on this machine or its network."""
        self._homes = frozenset(map(hosts.host_of, homes))
        self._nearest = max(map(hosts.network_of, self._homes), default=Network.INTERNET)

    def check(self, url: str) -> None:
        """Raises `ForeignHost` for a URL that names a nearer address than the service has."""
        if hosts.is_nearer(url, self._homes):
            raise _not_asked(hosts.host_of(url), "an address")

    def extensions(self, target: httpx.URL) -> Mapping[str, Any]:
        """The extensions of a request to `target`, with which `check_address` is done before anything is sent."""
        host = target.raw_host.decode("ascii", "replace")
        connects_to = ""

        async def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal connects_to
            if event == _CONNECTING:
                connects_to = info["host"]
            # A connection to another host is one to a proxy, which looks the name up itself.
            elif event == _CONNECTED and connects_to == host:
                stream = info["return_value"]
                try:
                    await self.check_address(target.host, stream.get_extra_info("server_addr")[0])
                except ForeignHost:
                    await stream.aclose()
                    raise

        return {"trace": trace}

    async def check_address(self, host: str, address: str) -> None:
        """Raises `ForeignHost` if a host was found at a nearer address than those of the service.

        The service's own names are looked up only if it matters: in a company's network they may lead there, too.
        """
        network = hosts.network_of(address)
        if network <= self._nearest or host.rstrip(".") in self._homes:
            return
        if network > max([network_of for home in self._homes for network_of in await _networks(home)], default=0):
            raise _not_asked(host, f"which is at {address}, an address")


async def _networks(host: str) -> list[Network]:
    """The networks of a host's addresses; empty if it cannot be looked up."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return []
    return [hosts.network_of(str(address[0])) for *_, address in found]


def _not_asked(host: str, what: str) -> ForeignHost:
    return ForeignHost(f"The service points to {host}, {what} of this machine or its network. Not asked.")
