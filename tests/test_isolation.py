"""Tests see nothing of the machine they run on."""

import asyncio
import os
import socket
from pathlib import Path

import pytest
from support.emulator import Emulator


def test_home_is_empty_and_the_tests_own(isolation: Path, tmp_path: Path) -> None:
    assert Path.home() == isolation == tmp_path / "home"
    assert list(isolation.iterdir()) == []


def test_no_key_and_no_proxy_of_the_machine_is_seen() -> None:
    assert [name for name in os.environ if name.upper().endswith(("_KEY", "_PROXY", "_TOKEN"))] == []


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_test_that_talks_to_the_network_fails(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as stranger, pytest.raises(pytest.fail.Exception, match="talk to"):
        stranger.connect(address)


async def test_a_test_that_talks_to_a_name_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"queue\.fal\.run"):
        await asyncio.get_running_loop().getaddrinfo("queue.fal.run", 443)


def test_names_below_invalid_are_unknown() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80))


def test_a_request_that_a_test_left_open_is_not_in_the_log_of_the_next(emulator: Emulator) -> None:
    emulator.faults("slow@catalogue=1000000")
    with socket.create_connection(("127.0.0.1", int(emulator.url.rpartition(":")[2])), timeout=30) as left_open:
        left_open.sendall(b"GET /api/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        emulator.forget_all()
        while left_open.recv(65536):  # Until its connection is closed.
            pass
    assert emulator.requests() == []
