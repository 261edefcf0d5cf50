"""A network with a proxy and a certificate authority of its own: both come from the environment."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from faldeck.fal import errors
from faldeck.fal.gateway import Gateway, Hosts

KEY = "Key any:canary-canary"
SERVICE = Hosts("https://queue.invalid")

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="certificates are made with openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of `queue.invalid` that is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("authority")
    certificate, key = folder / "ca.pem", folder / "key.pem"
    made = ["-out", str(certificate), "-keyout", str(key), "-days", "2", "-subj", "/CN=queue.invalid"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-addext", "subjectAltName=DNS:queue.invalid"]
    subprocess.run(["openssl", "req", "-x509", *kind, *made, *names], check=True, capture_output=True)
    return certificate, key


class Network:
    """A proxy, and the one service behind it; what each of them was told."""

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self.at_proxy: list[bytes] = []
        self.at_service: list[bytes] = []
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(*certificate)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to the proxy, which opens a tunnel to the service."""
        self.at_proxy.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            await writer.start_tls(self._context)
            self.at_service.append(await reader.readuntil(b"\r\n\r\n"))
            body = b'{"status":"IN_QUEUE"}'
            head = f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (ssl.SSLError, ConnectionError, asyncio.IncompleteReadError):
            pass  # Whoever called does not trust the certificate.
        finally:
            writer.close()


@pytest.fixture
async def network(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Network]:
    """The proxy is in the environment, its authority is not."""
    async with serving(Network(certificate)) as (network, port):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        yield network


@asynccontextmanager
async def serving(network: Network) -> AsyncIterator[tuple[Network, int]]:
    """The network at a port of this machine."""
    server = await asyncio.start_server(network.serve, "127.0.0.1", 0)
    async with server:
        yield network, server.sockets[0].getsockname()[1]


async def test_a_service_is_reached_by_the_companys_proxy_and_authority(
    network: Network, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with Gateway(SERVICE, KEY) as service:
        await service.status(service.handle("fal-ai/flux", "r-1"))

    assert network.at_proxy[0].startswith(b"CONNECT queue.invalid:443 ")
    assert b"canary" not in network.at_proxy[0]
    assert b"GET /fal-ai/flux/requests/r-1/status" in network.at_service[0]
    assert b"Authorization: Key any:canary-canary" in network.at_service[0]


async def test_a_certificate_that_nobody_vouches_for_is_told_no_key(network: Network) -> None:
    async with Gateway(SERVICE, KEY) as service:
        with pytest.raises(errors.NotSent, match=r"(?i)certificate"):
            await service.status(service.handle("fal-ai/flux", "r-1"))

    assert network.at_service == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE or SSL_CERT_DIR names no certificates"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE or SSL_CERT_DIR names no certificates"),
        ("HTTPS_PROXY", "http://me:pass-canary@proxy:port", "does not hold the address of a proxy"),
        ("ALL_PROXY", "ftp://me:pass-canary@proxy", "does not hold the address of a proxy"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "SOCKS proxy, which needs one more package"),
    ],
)
async def test_what_the_environment_names_wrongly_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    async with Gateway(SERVICE, KEY) as service:
        with pytest.raises(errors.InvalidRequest, match=words) as caught:
            await service.status(service.handle("fal-ai/flux", "r-1"))

    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost"])
async def test_no_proxy_is_told_the_key_of_a_service_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, host: str, unused_tcp_port: int
) -> None:
    heard = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1_000))
        writer.close()

    proxy = await asyncio.start_server(listen, "127.0.0.1", 0)
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    async with proxy, Gateway(Hosts(f"http://{host}:{unused_tcp_port}"), KEY) as service:
        with pytest.raises(errors.NotSent):
            await service.status(service.handle("fal-ai/flux", "r-1"))

    assert heard == []
