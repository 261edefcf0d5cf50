"""Which network an address belongs to, in every spelling that a resolver takes."""

import pytest

from faldeck.safety import hosts
from faldeck.safety.hosts import Network


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("127.0.0.1", Network.MACHINE),
        ("127.1", Network.MACHINE),
        ("2130706433", Network.MACHINE),
        ("0x7f000001", Network.MACHINE),
        ("0.0.0.0", Network.MACHINE),
        ("::1", Network.MACHINE),
        ("[::ffff:127.0.0.1]", Network.MACHINE),
        ("localhost", Network.MACHINE),
        ("LOCALHOST.", Network.MACHINE),
        ("a.localhost", Network.MACHINE),
        ("10.0.0.7", Network.PRIVATE),
        ("192.168.1.5", Network.PRIVATE),
        ("169.254.169.254", Network.PRIVATE),
        ("fd00::1", Network.PRIVATE),
        ("metadata.google.internal", Network.PRIVATE),
        ("v3b.fal.media", Network.INTERNET),
        ("1.1.1.1", Network.INTERNET),
        ("127.0.0.1.example", Network.INTERNET),
        ("", Network.INTERNET),
    ],
)
def test_an_address_is_known_in_every_spelling(host: str, network: Network) -> None:
    assert hosts.network_of(host) is network


@pytest.mark.parametrize("url", ["https://x:port/a", "https://x:99999999/a", "https://[zz]/a", "none", ""])
def test_what_is_no_url_has_no_host_to_compare(url: str) -> None:
    assert hosts.netloc_of(url) == ""


def test_a_usual_port_is_no_part_of_the_host() -> None:
    assert hosts.netloc_of("https://Relay.Example:443/x") == "relay.example"
    assert hosts.netloc_of("http://127.0.0.1:8000/x") == "127.0.0.1:8000"


def test_only_who_lives_as_near_may_point_there() -> None:
    assert hosts.is_nearer("http://127.0.0.1:9/a", ["queue.fal.run"])
    assert hosts.is_nearer("http://127.0.0.1:9/a", ["10.0.0.7"])
    assert not hosts.is_nearer("http://127.0.0.1:9/a", ["127.0.0.1"])
    assert not hosts.is_nearer("http://10.0.0.8/a", ["10.0.0.7"])
    assert not hosts.is_nearer("https://v3b.fal.media/a", ["queue.fal.run"])


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("https://queue.fal.run", True),
        ("http://queue.fal.run", False),
        ("http://127.0.0.1:8000/queue", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8000", True),
        ("http://localhost", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://10.0.0.1", False),
        ("ftp://127.0.0.1", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://host:99999", False),
        ("", False),
    ],
)
def test_a_key_goes_over_https_or_to_this_machine(url: str, is_so: bool) -> None:
    assert hosts.is_secure(url) is is_so
