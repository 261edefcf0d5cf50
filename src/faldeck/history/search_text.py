"""The words by which a job is found. Only this module makes them, from a job's row and from typed text.

The index (`search_index`) holds a set of words for each job. In scripts without blanks between words it holds each pair
of neighbouring characters, so that any part of a text is found. A filter value (state, model, ...) is a word that
starts with `~`, which no text has; so words and filters together are one query to the index.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Protocol

from faldeck.job import State

MOST_INPUT, MOST_OUTPUT = 8_000, 4_000
"""Characters of the arguments' and of the result's texts that are indexed."""

LONGEST_WORD = 40
"""Characters of a word that are indexed and searched."""

MOST_PAIRS = 12
"""Pairs of characters of one typed word in a query to the index; the rest is checked in the texts."""

MARK_COLUMNS = """
    job.profile, job.endpoint_id, job.state, job.starred, job.tags_json, job.note, job.error_json, job.outputs_json,
    job.kinds, job.no_history"""
"""The columns of `job` for `mark_words`."""

SEARCHED_COLUMNS = f"{MARK_COLUMNS}, body.arguments_json, body.result_json"
"""The columns of `job JOIN body` for `words`."""


STORED_TEXT = """(
    SELECT job.endpoint_id || char(10) || job.note || char(10) || ifnull(job.tags_json, '') || char(10)
        || ifnull(job.error_json, '') || char(10) || ifnull(job.outputs_json, '') || char(10)
        || body.arguments_json || char(10) || ifnull(body.result_json, '')
    FROM body WHERE body.id = job.id)"""
"""The texts of a row of `job` as they are stored, for `may_have`: all its `texts`, if there are no escapes."""


class SearchedRow(Protocol):
    """The `SEARCHED_COLUMNS` of one job by name."""

    def __getitem__(self, name: str, /) -> Any: ...

    def keys(self) -> Iterable[str]: ...


EVERY = "~"
"""The word that each job has."""

_MARKS = (
    "\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0963\u0971-\u0dff\u0e31-\u0e3a"
)
_MARKS += "\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84\u102b-\u103e\u1056-\u1059\u17b4-\u17d3\u200d"
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_UNSPACED = re.compile("[^\0-\u0dff\u10a0-\u177f\u1800-\u2e7f]+")
"""The scripts in which most people put no blanks between words: Thai to Burmese, Khmer, and all from the CJK radicals
on. The others are named, since `re` compiles a range character by character."""
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
"""A blank for each character of ASCII that is in no word."""
_ACCENTS = re.compile("[\u0300-\u036f]")
_PLAIN = re.compile(r"[a-y0-9]+")
_LINKS = ("http:", "https:", "data:", "file:")
_UUID_LENGTH = 36
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Request ids and the like: their own index finds them, or people do not type them."""
_MOST_OF_LINK = 64
"""The most characters of a file name in a link; longer ones are not names."""


def storable(text: str) -> str:
    """`text` as a database can store it: invalid characters, as in some file names, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def folded(text: str) -> str:
    """`text` without upper case, accents, and the different forms of one character."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", storable(text)))
    return unicodedata.normalize("NFC", bare.casefold())


def spaced(texts: Iterable[str]) -> str:
    """The words of texts with one blank between them, and one at each end."""
    return f" {' '.join(_split(folded(chr(10).join(texts))))} "


def _split(text: str) -> list[str]:
    """The words of a folded text, in order."""
    # A pattern takes several times as long, but for other scripts there is no shorter way.
    return text.translate(_BLANKS).split() if text.isascii() else _WORD.findall(text)


@lru_cache(maxsize=500)
def marker(kind: str, value: str = "") -> str:
    """The index word for a fact about a job: `~sfailed`."""
    if _PLAIN.fullmatch(value):
        return f"~{kind}{value}"
    return f"~{kind}" + "".join(one if _PLAIN.match(one) else f"z{ord(one):x}z" for one in value)


# What a job has


def texts(row: SearchedRow) -> Iterator[str]:
    """Every text by which a job is found."""
    yield str(row["endpoint_id"])
    yield str(row["note"])
    yield from _documents(row["tags_json"])
    yield from _documents(row["error_json"], only=("message",))
    yield from _documents(row["outputs_json"], only=("file_name", "path"))
    if not row["no_history"]:
        yield "\n".join(_documents(row["arguments_json"]))[:MOST_INPUT]
        yield "\n".join(_documents(row["result_json"]))[:MOST_OUTPUT]


def has(row: SearchedRow, needle: str) -> bool:
    """Whether the texts contain `needle`, a result of `spaced`."""
    return needle in spaced(texts(row))


def may_have(stored: str, needle: str) -> bool:
    """Whether the texts may contain `needle`, from `STORED_TEXT` and a needle in ASCII: rules most jobs out."""
    # In ASCII, small letters are what `folded` makes; a pattern that heeds the case is several times as fast.
    return "\\" in stored or not stored.isascii() or _apart(needle).search(stored.lower()) is not None


@lru_cache(maxsize=8)
def _apart(needle: str) -> re.Pattern[str]:
    """A pattern for the words of a needle with anything except words between them."""
    return re.compile(r"[\W_]+".join(map(re.escape, needle.split())))


def words(row: SearchedRow) -> set[str]:
    """Every word of the index for a job."""
    text = folded("\n".join(texts(row)))
    found = set(_split(text))
    if _UNSPACED.search(text):
        found = {one for word in found for one in _indexed(word)}
    else:
        found = {word[:LONGEST_WORD] for word in found}
    return found | markers(row)


def words_beginning(row: SearchedRow, firsts: Collection[str]) -> set[str]:
    """The part of `words` from texts that starts with any of some characters. Most words are not looked at closely."""
    found = _split(folded("\n".join(texts(row))))
    candidates = {word for first in firsts for word in found if first in word}
    return {one for word in candidates for one in _indexed(word) if one[0] in firsts}


def mark_words(row: SearchedRow) -> set[str]:
    """The part of `words` from a person's marks: star, tags and note."""
    typed = spaced([str(row["note"]), *_documents(row["tags_json"])])
    return {one for word in typed.split() for one in _indexed(word)} | markers(row)


def markers(row: SearchedRow) -> set[str]:
    """The words for facts about a job, besides those of its texts."""
    found = {EVERY, marker("p", str(row["profile"])), marker("m", str(row["endpoint_id"]))}
    if State(str(row["state"])).is_final:  # The others are few, and their own index finds them.
        found.add(marker("s", str(row["state"])))
    found.update(marker("k", kind) for kind in str(row["kinds"] or "").split(",") if kind)
    found.update(marker("t", folded_tag(tag)) for tag in json.loads(str(row["tags_json"] or "[]")))
    facts = {"note": row["note"], "error": row["error_json"], "file": row["outputs_json"], "tag": row["tags_json"]}
    found.update(marker("h", name) for name, value in facts.items() if value)
    return found | ({marker("star")} if row["starred"] else set())


def folded_tag(tag: str) -> str:
    """`tag` as in the table `tag`: without the difference of upper and lower case."""
    return storable(str(tag).casefold())


def _indexed(word: str) -> Iterator[str]:
    """The index words of a word: in scripts without blanks, the pairs of neighbours and the last character."""
    if word.isascii():
        yield word[:LONGEST_WORD]
        return
    for part, is_unspaced in _parts(word):
        if is_unspaced:
            yield from map("".join, pairwise(part))
            yield part[-1]
        else:
            yield part[:LONGEST_WORD]


def _parts(word: str) -> Iterator[tuple[str, bool]]:
    """A word cut where its script changes; each part with whether its script has no blanks between words."""
    end = 0
    for found in _UNSPACED.finditer(word):
        if found.start() > end:
            yield word[end : found.start()], False
        yield found[0], True
        end = found.end()
    if end < len(word):
        yield word[end:], False


def _documents(text: object, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Every text in a JSON document, outermost first: the names of files instead of links, and the seeds.

    `only`: the names of the members to read.
    """
    try:
        level = [("", json.loads(str(text)))] if text else []
    except (ValueError, RecursionError):
        return  # Nothing in a broken document can be found.
    while level:
        inner: list[tuple[str, object]] = []
        for name, value in level:
            if isinstance(value, str):
                if (not only or name in only) and not (len(value) == _UUID_LENGTH and _UUID.fullmatch(value)):
                    yield _file_name(value) if value.startswith(_LINKS) or name == "path" else value
            elif isinstance(value, dict):
                inner.extend(value.items())
            elif isinstance(value, list):
                inner.extend((name, one) for one in value)
            elif name == "seed" and isinstance(value, int) and not only:
                yield str(value)
        level = inner


def _file_name(place: str) -> str:
    name = "" if place.startswith("data:") else place.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return name if len(name) <= _MOST_OF_LINK else ""


# What is typed


def asked(text: str) -> list[str]:
    """The queries to the index for typed words. A job must match all; each may be the start of a word."""
    found: list[str] = []
    for word in _WORD.findall(folded(text)):
        for part, is_unspaced in _parts(word):
            if is_unspaced and len(part) > 1:
                found += [f'"{pair}"' for pair in list(map("".join, pairwise(part)))[:MOST_PAIRS]]
            else:
                found.append(f'"{part[:LONGEST_WORD]}"*')
    return list(dict.fromkeys(found))


_BEGINNING = re.compile(r'"([^"]*)"\*')
"""The beginning of a word in a query to the index."""


def spelled_out(question: str, endings: Callable[[str], Sequence[str] | None]) -> str:
    """A query to the index with words in place of their beginnings: `endings` returns the words, or None to keep it."""

    def words(found: re.Match[str]) -> str:
        if (known := endings(found[1])) is None:
            return found[0]
        return "({})".format(" OR ".join(f'"{word}"' for word in known or (found[1],)))

    return _BEGINNING.sub(words, question)


def asked_whole(text: str) -> list[str]:
    """The queries to the index for the words of a phrase; each word is whole."""
    found = (one for word in _WORD.findall(folded(text)) for one in _indexed(word))
    return [f'"{one}"' for one in list(dict.fromkeys(found))[:MOST_PAIRS]]


def needles(text: str, *, quoted: bool) -> list[str]:
    """What the texts must also contain, beyond the index words, as results of `spaced`; usually nothing.

    For a phrase, its words in order; for a word in a script without blanks, the whole word.
    """
    found = _WORD.findall(folded(text))
    if quoted and found:
        phrase = " ".join(found)
        left = "" if _UNSPACED.match(phrase) else " "
        right = "" if _UNSPACED.match(phrase[-1]) else " "
        return [f"{left}{phrase}{right}"] if len(found) > 1 or _UNSPACED.search(phrase) else []
    return [word for word in found if len(word) > 2 and _UNSPACED.search(word)]
