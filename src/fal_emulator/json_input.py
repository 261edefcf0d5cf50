"""Reads the JSON that callers send, and accepts only what an answer can repeat."""

import json
import math
from typing import Any

DEEPEST = 100
"""How many lists and objects may be inside each other: more than any schema asks for."""


def parsed(text: str) -> Any:
    """The document in a text; half of a surrogate pair becomes a question mark, because UTF-8 cannot write it.

    Raises ValueError for text that is not JSON, is nested too deeply, or has a number that a double cannot hold.
    """
    try:
        document: Any = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if _is_too_deep(document):
        raise ValueError("too deep")
    if "\\ud" in text.lower():
        document = json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    return document


def _is_too_deep(document: Any) -> bool:
    level: list[Any] = [[document]]
    for _ in range(DEEPEST + 1):
        inside = (item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer))
        level = [item for item in inside if isinstance(item, dict | list)]
    return bool(level)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a JSON number")
    return number
