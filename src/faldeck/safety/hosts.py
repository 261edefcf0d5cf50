"""Which hosts may get a key, and which network an address belongs to. Pure: no name is looked up.

A service on the internet must not make us ask an address of this machine or of its network.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from enum import IntEnum
from urllib.parse import urlsplit

_PRIVATE_NAMES = (".local", ".lan", ".internal", ".intranet", ".home.arpa")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
"""An IPv4 address in any form that the system's resolver takes: `127.1`, `0x7f000001`, `2130706433`."""


LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""The usual names of this machine. Requests to it never go through a proxy."""


class Network(IntEnum):
    """Which network an address belongs to; a larger value is nearer."""

    INTERNET = 0
    PRIVATE = 1
    MACHINE = 2


def host_of(url: str) -> str:
    """The host of a URL in lower case, without a port; empty if it is not a URL."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def netloc_of(url: str) -> str:
    """The host of a URL in lower case, with the port if it is not the usual one; empty if it is not a URL."""
    try:
        port = urlsplit(url).port
    except ValueError:
        return ""
    host = host_of(url)
    is_usual = port in (None, {"http": 80, "https": 443}.get(url.partition(":")[0].lower()))
    return host if is_usual or not host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """True for `localhost` and every loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_secure(url: str) -> bool:
    """True if a key or a person's file may be sent to `url`: over https, or to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def network_of(host: str) -> Network:
    """The network of a host, given by its name or address."""
    name = host.lower().strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return Network.MACHINE
    if name.endswith(_PRIVATE_NAMES):
        return Network.PRIVATE
    address = _address(name)
    if address is None:
        return Network.INTERNET
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback or address.is_unspecified:
        return Network.MACHINE
    return Network.INTERNET if address.is_global else Network.PRIVATE


def is_nearer(url: str, homes: Iterable[str]) -> bool:
    """True if a URL leads to a nearer network than all hosts of a service (`homes`)."""
    return network_of(host_of(url)) > max(map(network_of, homes), default=Network.INTERNET)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        if _NUMERIC.fullmatch(name):
            return ipaddress.IPv4Address(socket.inet_aton(name))
        return ipaddress.ip_address(name)
    except (ValueError, OSError):
        return None
