"""Finds models by words, best match first, even if a word has a typing error or is another word for the same thing."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from faldeck.app.misspelt_models import SHORTEST_FORGIVEN, closest, distance, nearest
from faldeck.app.search_words import FILLERS, MAKERS, NUMBERS, SOUNDS, has_meaning, meanings
from faldeck.fal.values import Model
from faldeck.history import ModelMark

__all__ = ["Finder", "closest", "nearest"]

_WORD = re.compile(r"[a-z0-9]+")
_SIGNS = str.maketrans(dict.fromkeys(string.punctuation + string.whitespace, " "))

COSTS = (0, 20, 60, 100)
"""What a word costs that is found in the id, the name, the tags, the description; the lowest sum comes first."""
WHOLE_WORD, WORD_START, INSIDE_A_WORD = 0, 3, 10
"""What it costs beside that: as a whole word, as the start of one, inside one."""
RUN_TOGETHER = 32
"""What a word costs that is found across the signs between the words of an id or a name."""
PER_WORD_LEFT = 1
"""What each word of an id costs that was not typed, so that `veo` finds `veo3` before its variants."""
STARRED, USED = -30, -10
DEPRECATED = 200
CHATTY = 3
"""If so many words find nothing, half of them are enough: `something for old photos`."""
LONG_WORD = 6
"""A word of this length may have two typing errors."""
MOST_KEPT = 200
"""How many words are kept with what was found for them: each letter that is typed changes only the last word."""


class Finder:
    """A search over one list of models."""

    def __init__(self, models: Sequence[Model], also: Mapping[str, str] | None = None) -> None:
        """`also` are further words of models, by endpoint id, which count like the name: aliases, notes."""
        self._models = models
        self._also = also or {}
        self._corrections: dict[str, str] = {}
        self._hits: dict[str, Mapping[int, int]] = {}

    @cached_property
    def _fields(self) -> Sequence[tuple[str, str, str, str]]:
        """Of each model the words of id, name, tags and description; made for the first search, not at the start."""
        return [
            (
                _folded(model.endpoint_id),
                _folded(f"{model.name} {self._also.get(model.endpoint_id, '')}"),
                _folded(f"{model.category} {' '.join(model.tags)} {_makers(model.endpoint_id)}"),
                _folded(model.description),
            )
            for model in self._models
        ]

    @cached_property
    def _texts(self) -> Sequence[str]:
        return ["".join(fields) for fields in self._fields]

    @cached_property
    def _run_together(self) -> Sequence[str]:
        return [f"{fields[0]}\n{fields[1]}".replace(" ", "") for fields in self._fields]

    @cached_property
    def _id_words(self) -> Sequence[int]:
        return [len(fields[0].split()) for fields in self._fields]

    def find(
        self, text: str, *, marks: Mapping[str, ModelMark] | None = None, only: Container[int] | None = None
    ) -> list[Model]:
        """The models in which every word of `text` occurs, best first.

        `marks` are the person's stars and last uses by endpoint id; starred and used models come first. `only` are the
        places in the list of the models that count; all by default.
        """
        words = [word for typed in text.split() if (word := _folded(typed).strip())]
        words = [word for word in words if word not in FILLERS] or words
        ways = [words]
        corrected = [" ".join(map(self._corrected, word.split())) for word in words]
        if corrected != words:  # A misspelt word may stand in some description; what was meant comes first.
            ways.insert(0, corrected)
        if (meant := [part for word in corrected for part in meanings(word)]) != corrected:
            ways.append(meant)
        found: dict[int, None] = {}
        for way in ways:
            found |= dict.fromkeys(self._matching(way, marks or {}, only, least=len(way)))
        if not found and len(meant) >= CHATTY:
            found = dict.fromkeys(self._matching(meant, marks or {}, only, least=(len(meant) + 1) // 2))
        return [self._models[place] for place in found]

    def places_with(self, phrase: str) -> set[int]:
        """The places in the list of the models that have these words together, as whole words."""
        words = _folded(phrase)
        return {index for index, text in enumerate(self._texts) if words in text}

    def _matching(
        self, words: Sequence[str], marks: Mapping[str, ModelMark], only: Container[int] | None, *, least: int
    ) -> list[int]:
        """The places of the models with at least `least` of the words, best first: those with the most words, first."""
        hits = [self._found(word) for word in words]
        if not words:
            places: Collection[int] = range(len(self._models))
        elif least == len(words):
            fewest, *others = sorted(hits, key=len)
            places = [place for place in fewest if all(place in other for other in others)]
        else:
            places = {place for hit in hits for place in hit}
        scored: list[tuple[int, int, int, int]] = []
        for place in places:
            if only is not None and place not in only:
                continue
            costs = [hit[place] for hit in hits if place in hit]
            if len(costs) < least:
                continue
            model = self._models[place]
            starred, used_ms, _ = marks.get(model.endpoint_id, _UNMARKED)
            known = STARRED if starred else USED if used_ms else 0
            left = PER_WORD_LEFT * max(0, self._id_words[place] - len(costs)) if words else 0
            score = sum(costs) + left + known + DEPRECATED * model.is_deprecated
            scored.append((len(words) - len(costs), score, -(used_ms or 0), place))
        return [place for *_, place in sorted(scored)]

    def _found(self, word: str) -> Mapping[int, int]:
        """The places of the models in which a word occurs → what it costs there."""
        hits = self._hits.get(word)
        if hits is None:
            if len(self._hits) >= MOST_KEPT:
                self._hits.clear()
            hits = self._hits[word] = dict(self._search(word))
        return hits

    def _search(self, word: str) -> Iterator[tuple[int, int]]:
        begun, whole = f" {word}", f" {word} "
        for index, text in enumerate(self._texts):
            if word in text:
                for cost, field in zip(COSTS, self._fields[index], strict=True):
                    if word in field:
                        how = WHOLE_WORD if whole in field else WORD_START if begun in field else INSIDE_A_WORD
                        yield index, cost + how
                        break
        joined = word.replace(" ", "")
        if len(joined) >= SHORTEST_FORGIVEN:
            for index, text in enumerate(self._run_together):
                if joined in text and word not in self._texts[index]:
                    yield index, RUN_TOGETHER

    # Misspelt words

    def prepare(self) -> None:
        """Does now, in a thread, what the first search and the first misspelt word would wait for."""
        self._found("prepared")
        self._corrected("prepared")

    def _corrected(self, word: str) -> str:
        """The known word that `word` may be a misspelling of, or `word` itself."""
        if word not in self._corrections:
            self._corrections[word] = self._correction(word)
        return self._corrections[word]

    def _correction(self, word: str) -> str:
        if word in self._all_names or has_meaning(word):
            return word
        if len(word) < SHORTEST_FORGIVEN:  # Only a missing letter is forgiven, and only in words of three.
            return self._likeliest(word, self._variants.get(word, ()) if len(word) == SHORTEST_FORGIVEN - 1 else ())
        if (spelt := _spelt_out(word)) in self._words:
            return spelt
        if alike := self._sounds.get(_sound(word)):
            return self._likeliest(word, alike)
        near = {known for variant in _variants_of(word) for known in self._variants.get(variant, ())}
        if not near and len(word) >= LONG_WORD:
            letters = set(word)
            near = {
                known
                for known in self._words
                if len(known) >= SHORTEST_FORGIVEN
                and abs(len(known) - len(word)) <= 2
                and len(letters.symmetric_difference(known)) <= 4
                and distance(word, known, 2) <= 2
            }
        return self._likeliest(word, near)

    def _likeliest(self, word: str, near: Collection[str]) -> str:
        """That of some known words which was probably meant; `word` itself if there are none."""

        def unlikely(known: str) -> tuple[bool, int, int, str]:
            return known[0] != word[0], abs(len(known) - len(word)), -self._words[known], known

        return min(near, key=unlikely, default=word)

    @cached_property
    def _all_names(self) -> str:
        """All ids, names and tags, each also with its words run together."""
        return "\n".join([text for fields in self._fields for text in fields[:3]] + [*self._run_together])

    @cached_property
    def _words(self) -> Mapping[str, int]:
        """The words of all ids, names and tags, and two words of ids run together → how many models have them."""
        counts: Counter[str] = Counter()
        for fields in self._fields:
            counts.update({word for text in fields[:3] for word in _WORD.findall(text)})
            counts.update(
                {one + other for one, other in pairwise(fields[0].split()) if one.isalpha() and other.isalpha()}
            )
        return counts

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


_UNMARKED = ModelMark()


def _folded(text: str) -> str:
    """The words of a text in lower case and without accents, with one blank around each."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return f" {' '.join(text.lower().translate(_SIGNS).split())} "


def _makers(endpoint_id: str) -> str:
    """Who makes a model, by the name of its family in the id."""
    return " ".join(maker for family, maker in MAKERS.items() if family in endpoint_id)


def _spelt_out(word: str) -> str:
    """The word with the number that it begins with as a word: `11labs` is `elevenlabs`."""
    digits = re.match(r"\d{1,2}(?=[a-z])", word)
    return NUMBERS[int(digits[0])] + word[digits.end() :] if digits and int(digits[0]) < len(NUMBERS) else word


def _sound(word: str) -> str:
    """The word as it sounds; double letters count once."""
    for spelling, sound in SOUNDS:
        word = word.replace(spelling, sound)
    return re.sub(r"(.)\1+", r"\1", word)


def _variants_of(word: str) -> Iterator[str]:
    """The word, whole and without each of its letters. Two words with one error between them share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
