"""Finds models by words, best match first, even if a word has a typing error; and the likely ids for a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from faldeck.fal.urls import NAMESPACES, OWNER
from faldeck.fal.values import Model
from faldeck.history import ModelMark

_WORD = re.compile(r"[a-z0-9]+")
_NO_WORD = re.compile(r"[^a-z0-9\n]+")

MAX_TYPOS = 2
"""An id with more typing errors is taken for another id."""

NEAREST_SHOWN = 3
"""How many ids are suggested for a misspelt one."""

IN_ID, IN_NAME, IN_TAGS, IN_DESCRIPTION = 0, 20, 60, 100
"""What a word costs if it is found there; the model with the lowest sum comes first."""
WHOLE_WORD, WORD_START, INSIDE_A_WORD, RUN_TOGETHER = 0, 3, 10, 12
"""What it costs beside that: as a whole word, as the start of one, inside one, across the signs between words."""
PER_WORD_LEFT = 1
"""What each word of an id costs that was not typed, so that `veo` finds `veo3` before its variants."""
STARRED, USED = -30, -10
DEPRECATED = 200
SHORTEST_FORGIVEN = 4
"""A shorter word (letters) must be spelled right."""
CHATTY = 3
"""If so many words find nothing, half of them are enough: `a model for old photos`."""
LONG_WORD = 6
"""A word of this length may have two typing errors."""

_SOUNDS = (("ph", "f"), ("ck", "k"), ("x", "ks"), ("c", "k"), ("z", "s"), ("y", "i"))
"""Spellings that sound alike: `fluks` is `flux`."""
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


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
        self._corrections: dict[str, str] = {}
        self._run_together = [_NO_WORD.sub("", f"{texts[0]}\n{texts[1]}") for texts in self._texts]
        self._id_words = [len(_WORD.findall(texts[0])) for texts in self._texts]

    def find(self, text: str, *, marks: Mapping[str, ModelMark] | None = None) -> list[Model]:
        """The models in which every word of `text` occurs, best first.

        `marks` are the person's stars and last uses by endpoint id; starred and used models come first.
        """
        words, marks = text.lower().split(), marks or {}
        found = self._matching(words, marks, least=len(words))
        corrected = [_WORD.sub(lambda part: self._corrected(part[0]), word) for word in words]
        if corrected != words:  # A misspelt word may stand in some description; what was meant comes first.
            meant = self._matching(corrected, marks, least=len(words))
            found = [*meant, *(model for model in found if model not in meant)]
        if found or len(words) < CHATTY:
            return found
        return self._matching(corrected, marks, least=(len(words) + 1) // 2)

    def _matching(self, words: Sequence[str], marks: Mapping[str, ModelMark], *, least: int) -> list[Model]:
        """The models in which at least `least` of the words occur, best first: those with the most words, first."""
        scored: list[tuple[int, int, int, Model]] = []
        for place, model in enumerate(self._models):
            costs = [cost for word in words if (cost := self._cost(word, place)) is not None]
            if len(costs) < least:
                continue
            starred, used_ms, _ = marks.get(model.endpoint_id, ModelMark())
            known = STARRED if starred else USED if used_ms else 0
            left = PER_WORD_LEFT * max(0, self._id_words[place] - len(costs)) if words else 0
            score = sum(costs) + left + known + DEPRECATED * model.is_deprecated
            scored.append((len(words) - len(costs), score, -(used_ms or 0), model))
        return [model for *_, model in sorted(scored, key=lambda entry: entry[:3])]

    def _cost(self, word: str, place: int) -> int | None:
        """What a word costs in a model, by where it stands there; None if it does not occur."""
        for cost, text in zip((IN_ID, IN_NAME, IN_TAGS, IN_DESCRIPTION), self._texts[place], strict=True):
            if (at := text.find(word)) >= 0:
                return cost + min(_place_cost(word, text, found) for found in _places(word, text, at))
        if (
            len(word) >= SHORTEST_FORGIVEN
            and (joined := _NO_WORD.sub("", word))
            and joined in self._run_together[place]
        ):
            return IN_NAME + RUN_TOGETHER
        return None

    def _corrected(self, word: str) -> str:
        """The known word that `word` may be a misspelling of, or `word` itself."""
        if word not in self._corrections:
            self._corrections[word] = self._correction(word)
        return self._corrections[word]

    def _correction(self, word: str) -> str:
        if len(word) < SHORTEST_FORGIVEN or any(word in text for texts in self._texts for text in texts[:3]):
            return word
        if (spelt := _spelt_out(word)) in self._words:
            return spelt
        if alike := self._sounds.get(_sound(word)):
            return min(alike)
        near = {known for variant in _variants_of(word) for known in self._variants.get(variant, ())}
        if not near and len(word) >= LONG_WORD:
            near = {
                known for known in self._words if len(known) >= SHORTEST_FORGIVEN and _distance(word, known, 2) <= 2
            }
        return min(near, key=lambda known: (known[0] != word[0], abs(len(known) - len(word)), known), default=word)

    @cached_property
    def _words(self) -> Collection[str]:
        """The words of all ids, names and tags."""
        return {word for texts in self._texts for text in texts[:3] for word in _WORD.findall(text)}

    @cached_property
    def _sounds(self) -> Mapping[str, Collection[str]]:
        """How a known word sounds → the words that sound so."""
        sounds: dict[str, set[str]] = {}
        for word in self._words:
            sounds.setdefault(_sound(word), set()).add(word)
        return sounds

    @cached_property
    def _variants(self) -> Mapping[str, Collection[str]]:
        """Every known word, whole and without each of its letters → the words that it may be."""
        variants: dict[str, set[str]] = {}
        for word in self._words:
            if len(word) >= SHORTEST_FORGIVEN:
                for variant in _variants_of(word):
                    variants.setdefault(variant, set()).add(word)
        return variants


def _places(word: str, text: str, first: int) -> Iterator[int]:
    """Where a word stands in a text."""
    while first >= 0:
        yield first
        first = text.find(word, first + 1)


def _place_cost(word: str, text: str, at: int) -> int:
    if at and text[at - 1].isalnum():
        return INSIDE_A_WORD
    end = at + len(word)
    return WHOLE_WORD if end == len(text) or not text[end].isalnum() else WORD_START


def _spelt_out(word: str) -> str:
    """The word with the number that it begins with as a word: `11labs` is `elevenlabs`."""
    digits = re.match(r"\d{1,2}(?=[a-z])", word)
    return _NUMBERS[int(digits[0])] + word[digits.end() :] if digits and int(digits[0]) < len(_NUMBERS) else word


def _sound(word: str) -> str:
    """The word as it sounds; double letters count once."""
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    return re.sub(r"(.)\1+", r"\1", word)


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
