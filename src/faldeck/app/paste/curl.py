"""Reads requests in shell commands: curl, wget, HTTPie and those of PowerShell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from faldeck.app.paste import shell
from faldeck.app.paste.sent import Pasted, posted
from faldeck.app.paste.shell import ShellCommand, Word
from faldeck.app.paste.values import listed
from faldeck.config.settings import Profile
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue, JsonValue

CURL = re.compile(r"(?<![\w./-])(?:/[\w./-]{1,80}/)?curl(?:\.exe)?(?=[ \t\\^`\n]|$)", re.IGNORECASE)
"""The word at the start of a curl command."""

MOST_STARTS = 20
"""If there are words before the command, at most so many places are tried as its start."""

_VALUED = frozenset("AbcCdDeEFHKmoPQrtTuUwxXyYz")
"""Short options of curl with a value. They may follow other short options: `-sSd`."""
_VALUED_LONG = frozenset(
    """
    --abstract-unix-socket --cacert --capath --cert --cert-type --ciphers --config --connect-timeout --connect-to
    --cookie --cookie-jar --data --data-ascii --data-binary --data-raw --data-urlencode --dns-servers
    --dump-header --expand-data --expect100-timeout --form --form-string --header --interface --json
    --keepalive-time --key --limit-rate --max-redirs --max-time --noproxy --oauth2-bearer --output --output-dir
    --pass --preproxy --proxy --proxy-header --proxy-user --range --rate --referer --request --request-target
    --resolve --retry --retry-delay --retry-max-time --speed-limit --speed-time --tls-max --tlsv1 --unix-socket
    --upload-file --url --url-query --user --user-agent --variable --write-out
    """.split()  # noqa: SIM905
)
_SHORT = {
    "d": "--data",
    "H": "--header",
    "F": "--form",
    "T": "--upload-file",
    "K": "--config",
    "X": "--request",
    "G": "--get",
}
_DATA = ("--data", "--data-ascii", "--data-binary", "--data-raw", "--json", "--expand-data")
_OTHER_DATA = ("--data-urlencode", "--form", "--form-string", "--upload-file")
_WGET_DATA = ("--post-data", "--body-data")
TARGET_HEADER = "x-fal-target-url"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
POWERSHELL = re.compile(r"(?<![\w-])(?:Invoke-RestMethod|Invoke-WebRequest|irm|iwr)[ \t]{1,20}[-\"'$h]", re.IGNORECASE)
"""The word at the start of such a command of PowerShell."""
_TABLE = re.compile(r"@\{[^{}]{0,4000}\}")
_WINDOWS = re.compile(r'curl(?:\.exe)?[ \t]{1,20}\^"', re.IGNORECASE)
_CARETS = re.compile(r"\^(\n|.)", re.DOTALL)


def sent_target(header: str) -> str:
    """The address in a header for a proxy that passes requests on (protocol §10.1); empty for any other header."""
    name, _, value = header.partition(":")
    return value.strip() if name.strip().lower() == TARGET_HEADER else ""


class _Options(NamedTuple):
    """An option of a command and its value; a plain word has no name."""

    name: str
    value: Word


def read(text: str, profiles: Iterable[Profile]) -> Pasted:
    """The first command that sends an input to a model. Raises InvalidValue with what is missing."""
    if _WINDOWS.match(text):  # The Windows command line escapes characters with ^.
        text = _CARETS.sub(lambda mark: " " if mark[1] == "\n" else mark[1], text)
    if POWERSHELL.search(text):  # Quotes inside quotes have a backtick; the tables of headers are not needed.
        text = _TABLE.sub("''", text).replace('`"', '\\"')
    fault: InvalidValue | None = None
    for start in _starts(text):
        try:
            if found := _first(text[start:], profiles):
                return found
        except InvalidValue as error:
            fault = fault or error
    raise fault or InvalidValue("is a curl command that sends no input to a model")


def _starts(text: str) -> Iterator[int]:
    """Places where a command may begin. Words before it may have an apostrophe, which a shell reads as a quote."""
    yield 0
    places = (found.start() for found in CURL.finditer(text))
    yield from (place for _, place in zip(range(MOST_STARTS), places, strict=False) if place)


def _first(text: str, profiles: Iterable[Profile]) -> Pasted | None:
    commands, files = shell.commands(text)
    fault: InvalidValue | None = None
    for command in commands:
        program = re.split(r"[/\\]", command.words[0].text)[-1].lower().removesuffix(".exe")
        if program not in _PROGRAMS:
            continue
        try:
            if command.is_cut_off:
                raise InvalidValue("is cut off: a quote is not closed")
            if found := _sent(_PROGRAMS[program](command, files), profiles):
                return found
        except InvalidValue as error:
            fault = fault or error
    if fault:
        raise fault
    return None


class _Sent(NamedTuple):
    """The URL and the body that a command sends."""

    url: Word
    body: Word | Mapping[str, JsonValue]


def _sent(sent: _Sent | None, profiles: Iterable[Profile]) -> Pasted | None:
    if sent is None:
        return None
    if sent.url.missing:
        raise InvalidValue(f"does not say what {listed(sent.url.missing)}")

    def body() -> JsonValue:
        if not isinstance(sent.body, Word):
            return dict(sent.body)
        if sent.body.missing:
            raise InvalidValue(f"does not say what {listed(sent.body.missing)}")
        return sent.body.text

    return posted(sent.url.text, body, profiles)


def _curl(command: ShellCommand, files: Mapping[str, Word]) -> _Sent | None:
    url: Word | None = None
    bodies: list[Word] = []
    is_json = is_forwarded = False
    for name, value in _options(command.words[1:]):
        if name in ("", "--url"):
            url = value if url is None or not (is_forwarded or _is_url(url)) else url
        elif name == "--header" and (target := sent_target(value.text)):
            url, is_forwarded = Word(target, value.missing), True
        elif name in _OTHER_DATA:
            raise InvalidValue("sends a form or a file, not JSON")
        elif name in _DATA:
            is_json = name == "--json"
            bodies.append(value if name == "--data-raw" else _content(value, command, files))
    if not bodies:
        return None
    if url is None:
        raise InvalidValue("has no address")
    return _Sent(url, _joined(bodies, "" if is_json else "&"))


def _options(words: list[Word]) -> Iterator[_Options]:
    """The words of a curl command as options. `--name=value` works, too."""
    waiting = iter(words)
    for word in waiting:
        text = word.text
        if text.startswith("--"):
            name, equals, rest = text.partition("=")
            if equals:
                yield _Options(name, Word(rest, word.missing))
            elif name in _VALUED_LONG:
                yield _Options(name, next(waiting, Word("")))
            else:
                yield _Options(name, Word(""))
        elif text.startswith("-") and len(text) > 1:
            index = next((index for index, letter in enumerate(text) if letter in _VALUED), None)
            if index is not None:
                rest = text[index + 1 :]
                is_here = rest or word.missing
                value = Word(rest, word.missing) if is_here else next(waiting, Word(""))
                yield _Options(_SHORT.get(text[index], text[index]), value)
        else:
            yield _Options("", word)


def _is_url(word: Word) -> bool:
    return "://" in word.text or "/" in word.text or "." in word.text


def _content(value: Word, command: ShellCommand, files: Mapping[str, Word]) -> Word:
    """The contents that `@-` and `@file` mean."""
    if not value.text.startswith("@"):
        return value
    name = value.text[1:]
    if name in ("-", "/dev/stdin"):
        if command.stdin is None:
            raise InvalidValue("sends its standard input, which is not in the text")
        return command.stdin
    if name not in files:
        raise InvalidValue("sends a file that is not in the text")
    return files[name]


def _joined(bodies: list[Word], between: str) -> Word:
    missing = dict.fromkeys(name for body in bodies for name in body.missing)
    return Word(between.join(body.text for body in bodies), tuple(missing))


def _wget(command: ShellCommand, files: Mapping[str, Word]) -> _Sent | None:
    url, body = None, None
    for name, value in _options(command.words[1:]):
        if name in _WGET_DATA:
            body = value
        elif name == "" and _is_url(value):
            url = url or value
    return _Sent(url, body) if url and body else None


def _httpie(command: ShellCommand, files: Mapping[str, Word]) -> _Sent | None:
    """`http POST address name=text name:=json Header:value`."""
    given = list(command.words[1:])
    raw = next((at for at, word in enumerate(given) if word.text.startswith("--raw")), None)
    if raw is not None:
        _, equals, text = given[raw].text.partition("=")
        taken = given[raw : raw + (1 if equals else 2)]
        command.stdin = Word(text, given[raw].missing) if equals else taken[-1]
        del given[raw : raw + len(taken)]
    words = [word for word in given if not word.text.startswith("-")]
    if words and words[0].text.upper() in _METHODS:
        words.pop(0)
    body: dict[str, JsonValue] = {}
    missing: list[str] = []
    for word in words[1:]:
        name, mark, value = re.match(r"([^:=@]*)(:=|==|=|:|@)?(.*)", word.text, re.DOTALL).groups()  # type: ignore[union-attr]
        if mark in ("=", ":="):
            missing += word.missing
            body[name] = value if mark == "=" else None if word.missing else json_value.read(value)
        elif mark == ":" and (target := sent_target(word.text)):
            words[0] = Word(target, word.missing)
    if not words or not (body or command.stdin):
        return None
    if not body and command.stdin:
        return _Sent(words[0], command.stdin)
    return _Sent(words[0], Word("", tuple(missing)) if missing else body)


def _powershell(command: ShellCommand, files: Mapping[str, Word]) -> _Sent | None:
    """`Invoke-RestMethod -Uri address -Body '{…}'`."""
    url, body = None, None
    waiting = iter(command.words[1:])
    for word in waiting:
        name = word.text.lower()
        if name in ("-uri", "-body"):
            value = next(waiting, Word(""))
            url, body = (value, body) if name == "-uri" else (url, value)
        elif url is None and _is_url(word):
            url = word
    return _Sent(url, body) if url and body else None


_POWERSHELL_PROGRAMS = ("invoke-restmethod", "invoke-webrequest", "irm", "iwr")
_PROGRAMS = {
    **dict.fromkeys(_POWERSHELL_PROGRAMS, _powershell),
    "curl": _curl,
    "wget": _wget,
    "http": _httpie,
    "https": _httpie,
    "xh": _httpie,
    "httpie": _httpie,
}
"""The programs whose commands are understood."""
