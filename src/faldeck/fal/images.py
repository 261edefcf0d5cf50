"""The OpenAI Images form that gateways offer beside or instead of a queue (protocol §9.4).

A synchronous call: what is lost with the connection is lost.
"""

from collections.abc import Mapping

from faldeck.fal import answers, outgoing
from faldeck.fal.endpoint import OWNER
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
            content=outgoing.body({"model": self._called(model), **_common(arguments), **arguments}),
            headers=outgoing.headers(options or SubmitOptions()),
            patience=PATIENCE,
            silence=PATIENCE,
        )
        return answers.result(answer, await answers.read(output_at_once, answer))

    def _called(self, model: str) -> str:
        """A model by the page's own name for it, with the owner or without."""
        short = model.removeprefix(f"{OWNER}/")
        otherwise = short if self._is_short else model
        return next((name for name in self._names if name.removeprefix(f"{OWNER}/") == short), otherwise)

    async def check_key(self) -> bool:
        """Find out for free whether the page refuses the key; raises as `Platform.check_key` does.

        Always False: the page is only looked at, which a page for requests need not answer.
        """
        if self._images_url is None:
            raise NotOffered("This profile names no address to be tried.")
        answer = await self._http.exchange("GET", self._images_url)
        answers.takes_key(answer)
        return False


def _common(arguments: Mapping[str, object]) -> dict[str, object]:
    """The two words that OpenAI has for what fal's models call `num_images` and `image_size`."""
    common: dict[str, object] = {}
    if isinstance(count := arguments.get("num_images"), int):
        common["n"] = count
    match arguments.get("image_size"):
        case {"width": int(width), "height": int(height)}:
            common["size"] = f"{width}x{height}"
    return common
