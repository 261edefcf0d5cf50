"""The likely ids for a misspelt one: how many typing errors lie between two names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from faldeck.fal.urls import NAMESPACES, OWNER

MAX_TYPOS = 2
"""An id with more typing errors is taken for another id."""

NEAREST_SHOWN = 3
"""How many ids are suggested for a misspelt one."""

SHORTEST_FORGIVEN = 4
"""A shorter word (letters) must be spelled right."""


def nearest(endpoint_id: str, ids: Iterable[str]) -> list[str]:
    """The ids that `endpoint_id` may be a misspelling of, the likeliest first; empty if it is one of them.

    A typing error is one letter added, missing, wrong or swapped with the next; a missing owner (`flux/dev`) counts as
    one, too. Capitals and separators do not count. A short name may have one error, the id of a workflow none.
    """
    known = set(ids)
    typed = _folded(endpoint_id)
    if endpoint_id in known or typed.partition("/")[0] in NAMESPACES:
        return []
    is_short = typed.count("/") < 2 and len(typed.rpartition("/")[2]) < SHORTEST_FORGIVEN
    most = 1 if is_short else MAX_TYPOS
    spellings = [(typed, 0)]
    if not typed.startswith(f"{OWNER}/"):
        spellings.append((f"{OWNER}/{typed.removeprefix('fal/')}", 1))
    scored = []
    for one in known:
        folded = _folded(one)
        typos = min(cost + distance(spelt, folded, most - cost) for spelt, cost in spellings)
        if typos <= most:
            scored.append((typos, abs(len(one) - len(endpoint_id)), one))
    return [one for _, _, one in sorted(scored)[:NEAREST_SHOWN]]


def closest(endpoint_id: str, ids: Iterable[str]) -> str | None:
    """The id that is most similar to one that does not exist, from the same app if possible.

    None if it is one of `ids`, or if no id is similar.
    """
    import difflib

    known = set(ids)
    if endpoint_id in known:
        return None
    if near := nearest(endpoint_id, known):
        return near[0]
    app = "/".join(endpoint_id.split("/")[:2])
    same_app = [one for one in sorted(known) if one == app or one.startswith(f"{app}/")]
    like = difflib.get_close_matches(endpoint_id, same_app, 1, 0.0) or difflib.get_close_matches(endpoint_id, known, 1)
    return like[0] if like else None


def _folded(endpoint_id: str) -> str:
    """The id in lower case and with one kind of separator, since people mix those up."""
    return re.sub(r"[_.\s]", "-", endpoint_id.strip().strip("/").casefold())


def distance(one: str, other: str, most: int) -> int:
    """The number of typing errors between two texts; if there are more than `most`, any larger number."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    pairs = enumerate(zip(one, other, strict=False))
    start = next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if not one or not other:
        return len(one) + len(other)
    if not most:
        return 1
    next_ones = [(one[1:], other), (one, other[1:]), (one[1:], other[1:])]
    if one[:2] == other[1::-1]:
        next_ones.append((one[2:], other[2:]))
    return 1 + min(distance(*pair, most - 1) for pair in next_ones)
