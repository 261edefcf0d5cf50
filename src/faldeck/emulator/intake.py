"""Reads the JSON that callers send, and takes only what every answer can repeat."""

import json
import math
from typing import Any

DEEPEST = 100
"""How many lists and objects may be inside each other: more than any schema asks for."""


def parsed(text: str) -> Any:
    """The document in a text; half a character, which no answer could repeat, becomes a question mark.

    Raises ValueError for what is no JSON, is too deep, or has a number in it that JSON cannot write.
    """
    try:
        document = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise ValueError("too deep") from None
    if _is_too_deep(document):
        raise ValueError("too deep")
    if "\\ud" in text.lower():
        document = json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    return document


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number of JSON")
    return number


def _is_too_deep(document: Any) -> bool:
    level: list[Any] = [[document]]
    for _ in range(DEEPEST + 1):
        inside = (item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer))
        level = [item for item in inside if isinstance(item, dict | list)]
    return bool(level)
