"""An answer as it came: its bytes as JSON, its members as values. What an error says is in `refusals`. Pure."""

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import NamedTuple, TypeVar

from faldeck.fal.errors import InvalidResponse
from faldeck.fal.values import JSON, JsonObject, Result

MAX_DEPTH = 200
"""The deepest nesting that is accepted, so that code may recurse into a body."""
MAX_VALUES = 4_000_000
"""The most values of one body. They need a hundred times their bytes in memory."""
MAX_COUNT = 2**31
"""The largest count that is believed: no queue is longer and no picture larger."""
LARGE_BYTES = 2**20
"""Bodies of this size and more are read in a thread."""

_TOO_DEEP = "JSON nested too deeply"
_TOO_MANY = "JSON of millions of values"
_STEP = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{,]', re.DOTALL)
"""A whole text, or a sign after which another value may stand."""
_QUOTE = ord('"')
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")

Read = TypeVar("Read")


class HttpResponse(NamedTuple):
    """A whole answer from `host`. Header names are in lower case."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self, *, exact: bool = False) -> JSON:
        """The body; see `parse`. Raises `InvalidResponse`."""
        try:
            return parse(self.body, exact=exact)
        except ValueError as error:
            raise InvalidResponse(
                f"{self.host} answered {self.status} with {error}.",
                status=self.status,
                is_web_page=is_html(self.body),
            ) from None

    def object(self, *, exact: bool = False) -> JsonObject:
        """The body, which must be a JSON object; see `parse`. Raises `InvalidResponse`."""
        body = self.json(exact=exact)
        if not isinstance(body, dict):
            raise InvalidResponse(f"{self.host} answered {self.status} without a JSON object.", status=self.status)
        return body


async def read(reader: Callable[[HttpResponse], Read], answer: HttpResponse) -> Read:
    """The answer as `reader` reads it; a large one is read in a thread, so that the screen does not stop."""
    if len(answer.body) < LARGE_BYTES:
        return reader(answer)
    import asyncio  # It takes long, and who reads small answers may do without.

    return await asyncio.to_thread(reader, answer)


def parse(text: bytes, *, exact: bool = False) -> JSON:
    """JSON that the rest of the program can store. Raises ValueError with what came instead.

    Integers stay exact. Numbers that JSON cannot write (NaN, 1e400) become text; with `exact`, so do all numbers that
    are not integers. Invalid UTF-8 and single surrogates become replacement characters.
    """
    _check_count(text)
    try:
        body: JSON = json.loads(
            text.decode("utf-8-sig", "replace"), parse_constant=str, parse_float=str if exact else _float
        )
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except json.JSONDecodeError:
        found = (
            "HTML instead of JSON" if is_html(text) else "something that is not JSON" if text.strip() else "no content"
        )
        raise ValueError(found) from None
    except ValueError:
        raise ValueError("a number of thousands of digits") from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH:
        _check_depth(body)
    if _SURROGATE_ESCAPE.search(text):
        body = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    return body


def _float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _check_count(text: bytes) -> None:
    """Raises ValueError if there are too many values. Text contents do not count."""
    if sum(map(text.count, (b",", b"[", b"{"))) <= MAX_VALUES:
        return
    steps = (step for step in _STEP.finditer(text) if text[step.start()] != _QUOTE)
    if next(islice(steps, MAX_VALUES, None), None):
        raise ValueError(_TOO_MANY)


def _check_depth(body: JSON) -> None:
    level: list[JSON] = [body]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _children(node: JSON) -> list[JSON]:
    inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    return [child for child in inner if isinstance(child, dict | list)]


def is_html(text: bytes) -> bool:
    """Whether a body is a web page, or XML."""
    return text.lstrip()[:1] == b"<"


def text_of(value: JSON, limit: int = 200) -> str | None:
    """`value` if it is a text and not empty, cut to `limit` characters."""
    return value.strip()[:limit] or None if isinstance(value, str) else None


def number_of(value: JSON) -> float | None:
    """`value` if it is a number that a database can store."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        return None
    return float(value)


def count_of(value: JSON) -> int | None:
    """`value` if it is a whole number from 0 to `MAX_COUNT`."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MAX_COUNT else None


def own_headers(answer: HttpResponse) -> dict[str, str]:
    """The headers of the service, without the one that is a credential."""
    return {
        name: value[:1_000]
        for name, value in answer.headers.items()
        if name.startswith("x-fal-") and "token" not in name
    }


def result(answer: HttpResponse, output: JSON) -> Result:
    """An output with the facts in the headers of its answer (protocol §2.2)."""
    return Result(
        body=output,
        status=answer.status,
        request_id=text_of(answer.headers.get("x-fal-request-id")),
        billable_units=text_of(answer.headers.get("x-fal-billable-units")),
        headers=own_headers(answer),
    )
