"""The asynchronous video page of new-api style gateways: a task is made, and asked about by its id (protocol §9.5)."""

from collections.abc import Mapping
from urllib.parse import quote

from faldeck.fal import answers, outgoing
from faldeck.fal.answers import Answer, granted, text_of
from faldeck.fal.endpoint import MAX_REQUEST_ID
from faldeck.fal.errors import NotOffered, NotReady, Refused, Unreadable
from faldeck.fal.http import PATIENCE, Http
from faldeck.fal.images import looked_at
from faldeck.fal.options import SubmitOptions
from faldeck.fal.statuses import task_of
from faldeck.fal.values import Completed, Request, Result, Status, Submitted


class Videos:
    """One page of a gateway. Nothing here is sent twice."""

    def __init__(self, http: Http, videos_url: str | None, names: tuple[str, ...] = (), *, is_short: bool) -> None:
        """`names` are what models are called there; `is_short` leaves out the owner of those that are not listed."""
        self._http = http
        self._videos_url = videos_url and videos_url.rstrip("/")
        self._names = names
        self._is_short = is_short

    def owns(self, request: Request) -> bool:
        """Whether a request is a task of this page."""
        return self._videos_url is not None and request.status_url.startswith(f"{self._videos_url}/")

    async def submit(
        self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None
    ) -> Submitted:
        """Post one request, once. It costs money. Raises as `Queue.submit` does, `NotOffered` without such a page."""
        if self._videos_url is None:
            raise NotOffered("This profile names no video page (videos_url).")
        content = outgoing.body(outgoing.filming(model, arguments, self._names, is_short=self._is_short))
        headers = outgoing.headers(options or SubmitOptions())
        patience = PATIENCE + len(content) / outgoing.SLOWEST_LINE
        answer = granted(
            await self._http.exchange("POST", self._videos_url, content=content, headers=headers, patience=patience)
        )
        said = answer.object()
        ids = (text_of(said.get(name), MAX_REQUEST_ID + 1) for name in ("task_id", "id"))
        task_id = next(filter(None, ids), "")
        if not task_id and answers.is_error(said):
            raise answers.refusal(answer)
        if not task_id.isprintable() or not 0 < len(task_id) <= MAX_REQUEST_ID:
            words = answers.message_of(said) or "no word of why"
            raise Unreadable(f"{answer.host} answered without a usable task id: {words}", status=answer.status)
        url = f"{self._videos_url}/{quote(task_id, safe='')}"
        return Submitted(Request(task_id, model, url, url, f"{url}/cancel"), None)

    async def status(self, request: Request, *, logs: bool = True) -> Status:
        """Ask once; the page tells no logs. Raises as `Queue.status` does."""
        status, _ = await self._asked(request)
        return status

    async def result(self, request: Request) -> Result:
        """The output. Raises `NotReady` while there is none, and the `Refused` that a failed task ended with."""
        status, answer = await self._asked(request)
        if not isinstance(status, Completed):
            raise NotReady(f"{answer.host} says that the task is still in progress.")
        if status.error is not None:
            raise Refused(status.error, status=answer.status, error_type=status.error_type, body=answer.json())
        return answers.result(answer, status.output)

    async def check_key(self) -> bool:
        """Find out for free whether the page refuses the key; see `Images.check_key`."""
        return await looked_at(self._http, self._videos_url)

    async def _asked(self, request: Request) -> tuple[Status, Answer]:
        answer = await self._http.exchange("GET", request.status_url)
        return await answers.read(task_of, answer), answer
