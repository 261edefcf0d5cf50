"""The OpenAI Images form that gateways offer beside or instead of a queue (protocol §9.4).

A synchronous call: if the connection breaks, its output is lost.
"""

from collections.abc import Mapping
from urllib.parse import quote

from faldeck.fal import refusals, responses, submit_options
from faldeck.fal.direct import CALL_SECONDS
from faldeck.fal.errors import ErrorResponse, InvalidResponse, NotReady, NotSupported
from faldeck.fal.refusals import raise_for_error
from faldeck.fal.responses import HttpResponse, text_of
from faldeck.fal.statuses import output_at_once, task_of
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.transport import PATIENCE, HttpClient
from faldeck.fal.urls import MAX_REQUEST_ID
from faldeck.fal.values import Completed, RequestHandle, Result, Status, SubmitReceipt


class ImagesPage:
    """One page of a gateway. Nothing is sent twice."""

    def __init__(
        self, http: HttpClient, images_url: str | None, names: tuple[str, ...] = (), *, is_short: bool
    ) -> None:
        """`names`: the names of models there; `is_short` leaves out the owner of models that are not listed."""
        self._http = http
        self._images_url = images_url
        self._names = names
        self._is_short = is_short

    async def images(self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None) -> Result:
        """Posts one request, once, and waits for its pictures. It costs money.

        The result has them as `data[].url` or `data[].b64_json`. Raises what `DirectClient.run` raises, and
        `NotSupported` if the profile names no such page.
        """
        if self._images_url is None:
            raise NotSupported("This profile names no OpenAI Images page (images_url).")
        answer = await self._http.exchange(
            "POST",
            self._images_url,
            content=submit_options.body(submit_options.drawing(model, arguments, self._names, is_short=self._is_short)),
            headers=submit_options.headers(options or SubmitOptions()),
            patience=CALL_SECONDS,
            silence=CALL_SECONDS,
        )
        return responses.result(answer, await responses.read(output_at_once, answer))

    async def check_key(self) -> bool:
        """Tests, free of charge, whether the page refuses the key; raises what `PlatformApi.check_key` raises.

        Always False: it sends a GET, which a page for requests need not answer.
        """
        return await check_page(self._http, self._images_url)


async def check_page(http: HttpClient, url: str | None) -> bool:
    """Sends a GET to a page, which refuses a wrong key. Always False; raises what `ImagesPage.check_key` raises."""
    if url is None:
        raise NotSupported("This profile names no address to be tried.")
    refusals.check_key_answer(await http.exchange("GET", url))
    return False


class VideosPage:
    """One page of a gateway. Nothing is sent twice."""

    def __init__(
        self, http: HttpClient, videos_url: str | None, names: tuple[str, ...] = (), *, is_short: bool
    ) -> None:
        """`names`: the names of models there; `is_short` leaves out the owner of models that are not listed."""
        self._http = http
        self._videos_url = videos_url and videos_url.rstrip("/")
        self._names = names
        self._is_short = is_short

    def owns(self, request: RequestHandle) -> bool:
        """Whether a request is a task of this page."""
        return self._videos_url is not None and request.status_url.startswith(f"{self._videos_url}/")

    async def submit(
        self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> SubmitReceipt:
        """Posts one request, once. It costs money.

        Raises what `QueueClient.submit` raises, and `NotSupported` without such a page.
        """
        if self._videos_url is None:
            raise NotSupported("This profile names no video page (videos_url).")
        content = submit_options.body(submit_options.filming(model, arguments, self._names, is_short=self._is_short))
        headers = submit_options.headers(options or SubmitOptions())
        patience = PATIENCE + len(content) / submit_options.SLOWEST_LINE
        answer = raise_for_error(
            await self._http.exchange("POST", self._videos_url, content=content, headers=headers, patience=patience)
        )
        payload = answer.object()
        ids = (text_of(payload.get(name), MAX_REQUEST_ID + 1) for name in ("task_id", "id"))
        task_id = next(filter(None, ids), "")
        if not task_id and refusals.is_error(payload):
            raise refusals.refusal(answer)
        if not task_id.isprintable() or not 0 < len(task_id) <= MAX_REQUEST_ID:
            words = refusals.message_of(payload) or "no word of why"
            raise InvalidResponse(f"{answer.host} answered without a usable task id: {words}", status=answer.status)
        url = f"{self._videos_url}/{quote(task_id, safe='')}"
        return SubmitReceipt(RequestHandle(task_id, model, url, url, f"{url}/cancel"), None)

    async def status(self, request: RequestHandle, *, logs: bool = True) -> Status:
        """Asks once. The page has no logs. Raises what `QueueClient.status` raises."""
        status, _ = await self._asked(request)
        return status

    async def result(self, request: RequestHandle) -> Result:
        """The output. Raises `NotReady` before there is one, and the `ErrorResponse` of a failed task."""
        status, answer = await self._asked(request)
        if not isinstance(status, Completed):
            raise NotReady(f"{answer.host} says that the task is still in progress.")
        if status.error is not None:
            raise ErrorResponse(status.error, status=answer.status, error_type=status.error_type, body=answer.json())
        return responses.result(answer, status.output)

    async def check_key(self) -> bool:
        """Tests, free of charge, whether the page refuses the key; see `ImagesPage.check_key`."""
        return await check_page(self._http, self._videos_url)

    async def _asked(self, request: RequestHandle) -> tuple[Status, HttpResponse]:
        answer = await self._http.exchange("GET", request.status_url)
        return await responses.read(task_of, answer), answer
