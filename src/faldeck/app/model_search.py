"""Finds models by words, best match first, even if a word has a typing error; and the likely ids for a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from faldeck.fal.urls import NAMESPACES, OWNER
from faldeck.fal.values import Model

_WORD = re.compile(r"[a-z0-9]+")

MAX_TYPOS = 2
"""An id with more typing errors is taken for another id."""

NEAREST_SHOWN = 3
"""How many ids are suggested for a misspelt one."""

IN_ID, IN_NAME, IN_TAGS, IN_DESCRIPTION = 0, 20, 60, 100
"""What a word costs if it is found there; the model with the lowest sum comes first."""
INSIDE_A_WORD = 10
STARRED, USED = -30, -10
DEPRECATED = 200
SHORTEST_FORGIVEN = 4
"""A shorter word (letters) must be spelled right."""


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

        `marks` are the person's stars and last uses by endpoint id; starred and used models come first.
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
            corrected = _WORD.sub(lambda found: self._corrected(found[0]), text.lower())
            return self.find(corrected, marks=marks) if corrected != text.lower() else []
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

    def _corrected(self, word: str) -> str:
        """The known word that differs from `word` by one typing error, or `word` itself."""
        if len(word) < SHORTEST_FORGIVEN or any(word in text for texts in self._texts for text in texts[:3]):
            return word
        near = {known for variant in _variants_of(word) for known in self._variants.get(variant, ())}
        return min(near, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default=word)

    @cached_property
    def _variants(self) -> Mapping[str, Collection[str]]:
        """Every known word, whole and without each of its letters → the words that it may be."""
        words = {word for texts in self._texts for text in texts[:3] for word in _WORD.findall(text)}
        variants: dict[str, set[str]] = {}
        for word in words:
            if len(word) >= SHORTEST_FORGIVEN:
                for variant in _variants_of(word):
                    variants.setdefault(variant, set()).add(word)
        return variants


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
        typos = min(cost + _distance(spelt, folded, most - cost) for spelt, cost in spellings)
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


def _distance(one: str, other: str, most: int) -> int:
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
    return 1 + min(_distance(*pair, most - 1) for pair in next_ones)


def _variants_of(word: str) -> Iterator[str]:
    """The word, whole and without each of its letters. Two words with one error between them share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
