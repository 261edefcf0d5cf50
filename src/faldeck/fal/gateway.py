"""Everything that the service of a profile can do, as the methods of one class."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

import httpx

from faldeck.fal.direct import DirectClient
from faldeck.fal.download import Downloader, DownloadStart
from faldeck.fal.errors import NotSupported
from faldeck.fal.multipart import DEFAULT_POLICY, FileOptions, PartPolicy, Progress
from faldeck.fal.openai_api import ImagesPage, VideosPage
from faldeck.fal.platform import HostProbe, ModelApi, ModelFilters, PastRequestFilters, PlatformApi, ProbeResult
from faldeck.fal.queue import QueueClient
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.transport import HttpClient
from faldeck.fal.upload import FileStorage
from faldeck.fal.urls import Hosts, QueueAddress
from faldeck.fal.values import (
    Cancellation,
    JsonObject,
    ModelPage,
    PastRequest,
    Price,
    RequestHandle,
    Result,
    Status,
    StreamProgress,
    SubmitReceipt,
)

__all__ = ["Gateway", "Hosts"]


class Gateway:
    """One service, at the addresses that a profile names. Opens its connections on first use.

    `authorization` is the complete header value (`Key ...`, `Bearer ...`), or None to ask without a key. Every method
    raises only `FalError`s. Only uploads are retried here. A read may be repeated, a submit never.
    """

    def __init__(
        self,
        hosts: Hosts,
        authorization: str | None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        user_agent: str = "faldeck",
        part_policy: PartPolicy = DEFAULT_POLICY,
    ) -> None:
        """`transport` replaces the network in tests; `part_policy` says how large files are cut for an upload."""
        self.hosts = hosts
        self._http = HttpClient(hosts.keyed, authorization, transport=transport, user_agent=user_agent)
        self._address = QueueAddress(hosts.queue_url)
        self._queue = QueueClient(self._http, self._address)
        self._direct = DirectClient(self._http, hosts.run_url)
        self._models = ModelApi(self._http, hosts)
        self._platform = PlatformApi(self._http, hosts, self._address)
        self._storage = FileStorage(self._http, hosts, part_policy)
        self._downloader = Downloader(self._http, self._address, hosts.every)
        self._probe = HostProbe(self._http)

        # The pages of a relay have a header of their own, and their key goes to no other host.
        page_key = f"{hosts.images_auth} {authorization.rpartition(' ')[2]}" if authorization else None
        page_urls = tuple(url for url in (hosts.images_url, hosts.videos_url) if url)
        self._page_http = HttpClient(page_urls, page_key, transport=transport, user_agent=user_agent)
        is_short = self._address.has_owner
        self._images = ImagesPage(self._page_http, hosts.images_url, hosts.images_models, is_short=is_short)
        self._videos = VideosPage(self._page_http, hosts.videos_url, hosts.videos_models, is_short=is_short)

    def __repr__(self) -> str:
        return f"Gateway({self.hosts.queue_url!r})"

    @property
    def service_time(self) -> datetime | None:
        """The time on the service's own clock; None before its first answer."""
        return self._http.service_time or self._page_http.service_time

    # Requests in the queue

    def handle(self, endpoint_id: str, request_id: str) -> RequestHandle:
        """A request that was made elsewhere, by the rule of protocol §2.1. Raises `InvalidRequest` for bad ids."""
        return self._address.handle(endpoint_id, request_id)

    def restore(
        self,
        endpoint_id: str,
        request_id: str,
        status_url: str | None,
        response_url: str | None,
        cancel_url: str | None,
    ) -> RequestHandle:
        """A request from its stored parts; see `QueueAddress.restore`. The URLs of a video task stay as they are.

        Raises `InvalidRequest` for bad ids.
        """
        task = RequestHandle(request_id, endpoint_id, status_url or "", response_url or "", cancel_url or "")
        if self._videos.owns(task):
            return task
        return self._address.restore(endpoint_id, request_id, status_url, response_url, cancel_url)

    async def submit(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> SubmitReceipt | Result:
        """Posts one request to the queue, once. It costs money; see `QueueClient.submit`."""
        return await self._queue.submit(endpoint_id, arguments, options)

    def follow(self, request: RequestHandle) -> AsyncGenerator[Status, None]:
        """The statuses of a request as the service streams them; see `QueueClient.follow`."""
        return self._queue.follow(request)

    async def status(self, request: RequestHandle, *, logs: bool = True) -> Status:
        """The status of a request, asked once; see `QueueClient.status`."""
        return await self._of(request).status(request, logs=logs)

    async def result(self, request: RequestHandle) -> Result:
        """The result of a request; see `QueueClient.result`."""
        return await self._of(request).result(request)

    async def cancel(self, request: RequestHandle) -> Cancellation:
        """Asks the service to stop; see `QueueClient.cancel`. Raises `NotSupported` for a video task."""
        if self._videos.owns(request):
            raise NotSupported(f"{self.hosts.videos_url} cannot cancel: the task goes on to its end.")
        return await self._queue.cancel(request)

    def _of(self, request: RequestHandle) -> QueueClient | VideosPage:
        """The page or queue that the request was made at."""
        return self._videos if self._videos.owns(request) else self._queue

    # Requests that are answered with their output, and a relay's pages

    async def run(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Result:
        """Posts one request and waits for its output. It costs money; see `DirectClient.run`."""
        return await self._direct.run(endpoint_id, arguments, options)

    def stream(
        self, endpoint_id: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> AsyncGenerator[StreamProgress | Result, None]:
        """Posts one request and gives its progress, then its result. It costs money; see `DirectClient.stream`."""
        return self._direct.stream(endpoint_id, arguments, options)

    async def create_images(
        self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Result:
        """Posts one request to the OpenAI Images page. It costs money; see `ImagesPage.images`."""
        return await self._images.images(model, arguments, options)

    async def submit_video(
        self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> SubmitReceipt:
        """Posts one task to the video page. It costs money; see `VideosPage.submit`."""
        return await self._videos.submit(model, arguments, options)

    # Models, the account and the key

    def models(self, *, cursor: str | None = None, **filters: Unpack[ModelFilters]) -> AsyncGenerator[ModelPage, None]:
        """The catalogue page by page, from `cursor` on; see `ModelApi.models`."""
        return self._models.models(cursor=cursor, **filters)

    async def schema(self, endpoint_id: str) -> JsonObject:
        """The OpenAPI document of an endpoint. Raises `NotFound` if it has none."""
        return await self._models.schema(endpoint_id)

    async def prices(self, endpoint_ids: Sequence[str]) -> tuple[Price, ...]:
        """The prices of endpoints for this account; see `PlatformApi.prices`."""
        return await self._platform.prices(endpoint_ids)

    def past_requests(
        self, endpoint_id: str, *, payloads: bool = False, **filters: Unpack[PastRequestFilters]
    ) -> AsyncGenerator[PastRequest, None]:
        """This account's earlier requests to an endpoint; see `PlatformApi.past_requests`."""
        return self._platform.past_requests(endpoint_id, payloads=payloads, **filters)

    async def check_key(self) -> bool:
        """Tests the key without cost; raises `Unauthorized` or `Forbidden` if it is refused.

        False if the service did not refuse the key but might accept any key; see `PlatformApi.check_key`.
        """
        if self.hosts.queue_url or self.hosts.api_url:
            return await self._platform.check_key()
        return await (self._images if self.hosts.images_url else self._videos).check_key()

    async def probe(self, url: str) -> ProbeResult:
        """Whether and how fast a host answers; asked without the key; see `HostProbe.probe`."""
        return await self._probe.probe(url)

    # Files

    async def upload(self, path: Path, *, progress: Progress | None = None, **options: Unpack[FileOptions]) -> str:
        """Uploads a file and gives its URL; see `FileStorage.upload`."""
        return await self._storage.upload(path, progress=progress, **options)

    def download(
        self, url: str, *, offset: int = 0, etag: str | None = None
    ) -> AbstractAsyncContextManager[DownloadStart]:
        """Opens a file of a result, from byte `offset` on; see `Downloader.download`."""
        return self._downloader.download(url, offset=offset, etag=etag)

    async def aclose(self) -> None:
        """Closes every connection. Jobs at the service go on."""
        await self._http.aclose()
        await self._page_http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
