"""Finds models while their name is being typed: all words, best place first, with one slip of the finger forgiven."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from faldeck.fal.listings import Model

_WORD = re.compile(r"[a-z0-9]+")

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


def _slips(word: str) -> Iterator[str]:
    """The word, and the word with each one letter left out: two words one slip apart share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
