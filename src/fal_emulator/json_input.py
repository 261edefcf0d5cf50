"""Reads the JSON that callers send, and takes only what every answer can repeat."""

import json
from typing import Any

from faldeck.schema import json_value

DEEPEST = 100
"""How many lists and objects may be inside each other: more than any schema asks for."""


def parsed(text: str) -> Any:
    """The document in a text; half a character, which no answer could repeat, becomes a question mark.

    Raises ValueError for what is no JSON, is too deep, or has a number in it that JSON cannot write.
    """
    document: Any = json_value.read(text)
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
