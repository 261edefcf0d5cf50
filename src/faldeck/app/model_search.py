"""Finds models while their name is being typed: all words, best place first, with one slip of the finger forgiven."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from faldeck.fal.urls import NAMESPACES, OWNER
from faldeck.fal.values import Model

_WORD = re.compile(r"[a-z0-9]+")

MOST_SLIPS = 2
"""Slips of the finger after which an endpoint id is another id, and no misspelt one."""

NEAREST_SHOWN = 3
"""Ids that are suggested for a misspelt one."""

IN_ID, IN_NAME, IN_TAGS, IN_DESCRIPTION = 0, 20, 60, 100
"""What a word found there costs; the lowest sum comes first."""
INSIDE_A_WORD = 10
STARRED, USED = -30, -10
DEPRECATED = 200
SHORTEST_FORGIVEN = 4
"""Letters a word must have before a slip in it is forgiven."""


class Finder:
    """A search over one list of models."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models
        self._texts = [
            (
                model.endpoint_id.lower(),
                model.name.lower(),
                f"{model.category} {' '.join(model.tags)}".lower(),
                model.description.lower(),
            )
            for model in models
        ]

    def find(self, text: str, *, marks: Mapping[str, tuple[bool, int | None]] | None = None) -> list[Model]:
        """The models in which every word of `text` occurs, best first.

        `marks` are the person's stars and last uses by endpoint id: what they know comes before what they do not.
        """
        marks = marks or {}
        words = text.lower().split()
        scored: list[tuple[int, int, Model]] = []
        for model, texts in zip(self._models, self._texts, strict=True):
            score = self._score(words, texts)
            if score is not None:
                starred, used_ms = marks.get(model.endpoint_id, (False, None))
                known = STARRED if starred else USED if used_ms else 0
                scored.append((score + known + DEPRECATED * model.is_deprecated, -(used_ms or 0), model))
        if not scored:
            mended = _WORD.sub(lambda found: self._mended(found[0]), text.lower())
            return self.find(mended, marks=marks) if mended != text.lower() else []
        return [model for _, _, model in sorted(scored, key=lambda entry: entry[:2])]

    def _score(self, words: Iterable[str], texts: tuple[str, ...]) -> int | None:
        total = 0
        for word in words:
            for cost, text in zip((IN_ID, IN_NAME, IN_TAGS, IN_DESCRIPTION), texts, strict=True):
                at = text.find(word)
                if at >= 0:
                    total += cost + min(at, 15) + (INSIDE_A_WORD if at and text[at - 1].isalnum() else 0)
                    break
            else:
                return None
        return total

    def _mended(self, word: str) -> str:
        """The known word that is one slip away from `word`, or `word` itself."""
        if len(word) < SHORTEST_FORGIVEN or any(word in text for texts in self._texts for text in texts[:3]):
            return word
        near = {known for variant in _slips(word) for known in self._variants.get(variant, ())}
        return min(near, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default=word)

    @cached_property
    def _variants(self) -> Mapping[str, Collection[str]]:
        """Every known word with each one letter left out → the words it may be."""
        words = {word for texts in self._texts for text in texts[:3] for word in _WORD.findall(text)}
        variants: dict[str, set[str]] = {}
        for word in words:
            if len(word) >= SHORTEST_FORGIVEN:
                for variant in _slips(word):
                    variants.setdefault(variant, set()).add(word)
        return variants


def nearest(endpoint_id: str, ids: Iterable[str]) -> list[str]:
    """The ids that `endpoint_id` may be a misspelling of, the likeliest first; none where it is one of them.

    A slip is a letter too many, missing, wrong, or swapped with its neighbour; an owner left out is one as well
    (`flux/dev`). Capitals and the kind of a separator cost nothing. A short name is forgiven one slip, a workflow none.
    """
    known = set(ids)
    typed = _folded(endpoint_id)
    if endpoint_id in known or typed.partition("/")[0] in NAMESPACES:
        return []
    is_short = typed.count("/") < 2 and len(typed.rpartition("/")[2]) < SHORTEST_FORGIVEN
    most = 1 if is_short else MOST_SLIPS
    spellings = [(typed, 0)]
    if not typed.startswith(f"{OWNER}/"):
        spellings.append((f"{OWNER}/{typed.removeprefix('fal/')}", 1))
    scored = []
    for one in known:
        folded = _folded(one)
        slips = min(cost + _distance(spelt, folded, most - cost) for spelt, cost in spellings)
        if slips <= most:
            scored.append((slips, abs(len(one) - len(endpoint_id)), one))
    return [one for _, _, one in sorted(scored)[:NEAREST_SHOWN]]


def closest(endpoint_id: str, ids: Iterable[str]) -> str | None:
    """The id nearest to one that the service has shown not to exist: of the same app where there is one.

    None where it is one of `ids`, or nothing is like it.
    """
    import difflib

    known = set(ids)
    if endpoint_id in known:
        return None
    if near := nearest(endpoint_id, known):
        return near[0]
    app = "/".join(endpoint_id.split("/")[:2])
    kin = [one for one in sorted(known) if one == app or one.startswith(f"{app}/")]
    like = difflib.get_close_matches(endpoint_id, kin, 1, 0.0) or difflib.get_close_matches(endpoint_id, known, 1)
    return like[0] if like else None


def _folded(endpoint_id: str) -> str:
    """The id with all that people mix up made alike."""
    return re.sub(r"[_.\s]", "-", endpoint_id.strip().strip("/").casefold())


def _distance(one: str, other: str, most: int) -> int:
    """The slips between two texts; a number above `most` where there are more."""
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
    return 1 + min(_distance(*pair, most - 1) for pair in next_ones)


def _slips(word: str) -> Iterator[str]:
    """The word, and the word with each one letter left out: two words one slip apart share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
