"""The OpenAI Images form that gateways offer beside or instead of a queue (protocol §9.4).

A synchronous call: what is lost with the connection is lost.
"""

from collections.abc import Mapping

from faldeck.fal import answers, outgoing
from faldeck.fal.errors import NotOffered
from faldeck.fal.http import Http
from faldeck.fal.options import SubmitOptions
from faldeck.fal.run import PATIENCE
from faldeck.fal.statuses import output_at_once
from faldeck.fal.values import Result


class Images:
    """One page of a gateway. Nothing here is sent twice."""

    def __init__(self, http: Http, images_url: str | None, names: tuple[str, ...] = (), *, is_short: bool) -> None:
        """`names` are what models are called there; `is_short` leaves out the owner of those that are not listed."""
        self._http = http
        self._images_url = images_url
        self._names = names
        self._is_short = is_short

    async def images(self, model: str, arguments: Mapping[str, object], options: SubmitOptions | None = None) -> Result:
        """Post one request, once, and wait for its pictures. It costs money.

        The result holds them as `data[].url` or `data[].b64_json`. Raises as `Run.run` does, `NotOffered` where the
        profile names no such page.
        """
        if self._images_url is None:
            raise NotOffered("This profile names no OpenAI Images page (images_url).")
        answer = await self._http.exchange(
            "POST",
            self._images_url,
            content=outgoing.body(outgoing.drawing(model, arguments, self._names, is_short=self._is_short)),
            headers=outgoing.headers(options or SubmitOptions()),
            patience=PATIENCE,
            silence=PATIENCE,
        )
        return answers.result(answer, await answers.read(output_at_once, answer))

    async def check_key(self) -> bool:
        """Find out for free whether the page refuses the key; raises as `Platform.check_key` does.

        Always False: the page is only looked at, which a page for requests need not answer.
        """
        return await looked_at(self._http, self._images_url)


async def looked_at(http: Http, url: str | None) -> bool:
    """Asks for a page, which a refused key does not get to see; always False, raises as `Images.check_key` does."""
    if url is None:
        raise NotOffered("This profile names no address to be tried.")
    answers.takes_key(await http.exchange("GET", url))
    return False
