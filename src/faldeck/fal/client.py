"""Everything that one profile's service can do, behind one name."""

from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from faldeck.fal.direct import DirectClient
from faldeck.fal.download import Downloader
from faldeck.fal.errors import NotSupported
from faldeck.fal.multipart import DEFAULT_POLICY, PartPolicy
from faldeck.fal.platform import HostProbe, ModelApi, PlatformApi
from faldeck.fal.queue import QueueClient
from faldeck.fal.relay_pages import ImagesPage, VideosPage
from faldeck.fal.transport import HttpClient
from faldeck.fal.upload import FileStorage
from faldeck.fal.urls import Hosts, QueueAddress
from faldeck.fal.values import Cancellation, RequestHandle, Result, Status

__all__ = ["Gateway", "Hosts"]


class Gateway:
    """A service as a profile names it. Opens its connections on first use; retries nothing but a file's upload.

    `authorization` is the complete header value (`Key ...`, `Bearer ...`), None to ask without a key. Every method
    raises `FalError`s only; a read may be asked again, a submit never.
    """

    def __init__(
        self,
        hosts: Hosts,
        authorization: str | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        user_agent: str = "faldeck",
        cutting: PartPolicy = DEFAULT_POLICY,
    ) -> None:
        self.hosts = hosts
        self._http = HttpClient(hosts.keyed, authorization, transport=transport, user_agent=user_agent)
        address = QueueAddress(hosts.queue_url)

        queue = QueueClient(self._http, address)
        self.named = queue.named
        self.submit = queue.submit
        self.follow = queue.follow
        self._queue = queue

        direct = DirectClient(self._http, hosts.run_url)
        self.run = direct.run
        self.stream = direct.stream

        images_key = f"{hosts.images_auth} {authorization.rpartition(' ')[2]}" if authorization else None
        pages = tuple(url for url in (hosts.images_url, hosts.videos_url) if url)
        self._pages_http = HttpClient(pages, images_key, transport=transport, user_agent=user_agent)
        page = ImagesPage(self._pages_http, hosts.images_url, hosts.images_models, is_short=address.has_owner)
        self.images = page.images
        self._videos = VideosPage(self._pages_http, hosts.videos_url, hosts.videos_models, is_short=address.has_owner)
        self.film = self._videos.submit

        catalogue = ModelApi(self._http, hosts)
        self.models = catalogue.models
        self.schema = catalogue.schema

        platform = PlatformApi(self._http, hosts, address)
        self.prices = platform.prices
        self.past_requests = platform.past_requests
        look = page if hosts.images_url else self._videos
        self.check_key = platform.check_key if hosts.queue_url or hosts.api_url else look.check_key

        self.upload = FileStorage(self._http, hosts, cutting).upload
        self.download = Downloader(self._http, address, hosts.every).download
        self.reach = HostProbe(self._http).reach

    def __repr__(self) -> str:
        return f"Gateway({self.hosts.queue_url!r})"

    @property
    def service_time(self) -> datetime | None:
        """What the service's own clock shows now; None before it has answered anything."""
        return self._http.service_time or self._pages_http.service_time

    def restored(
        self,
        endpoint_id: str,
        request_id: str,
        status_url: str | None,
        response_url: str | None,
        cancel_url: str | None,
    ) -> RequestHandle:
        """A request from what was kept of it; see `QueueClient.restored`. A video task is where it was."""
        task = RequestHandle(request_id, endpoint_id, status_url or "", response_url or "", cancel_url or "")
        if self._videos.owns(task):
            return task
        return self._queue.restored(endpoint_id, request_id, status_url, response_url, cancel_url)

    async def status(self, request: RequestHandle, *, logs: bool = True) -> Status:
        """How far a request is; see `QueueClient.status`."""
        return await self._of(request).status(request, logs=logs)

    async def result(self, request: RequestHandle) -> Result:
        """What a request has made; see `QueueClient.result`."""
        return await self._of(request).result(request)

    async def cancel(self, request: RequestHandle) -> Cancellation:
        """Asks the service to stop; see `QueueClient.cancel`. Raises `NotSupported` for a video task."""
        if self._videos.owns(request):
            raise NotSupported(f"{self.hosts.videos_url} cannot cancel: the task goes on to its end.")
        return await self._queue.cancel(request)

    def _of(self, request: RequestHandle) -> QueueClient | VideosPage:
        """Who is asked about a request."""
        return self._videos if self._videos.owns(request) else self._queue

    async def aclose(self) -> None:
        """Close every connection. Jobs go on without us."""
        await self._http.aclose()
        await self._pages_http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
