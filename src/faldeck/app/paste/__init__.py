"""Reads pasted requests: JSON, shell commands, code for the official clients, plain HTTP. Pure.

Nothing in the text is run. The time to read it grows only with its length. If a value is missing, the error names it.
Keys are left out.

Read in this order: `request` below (which reader fits), `curl` with `shell`, `calls` with `source`, `tokens` and
`values`, `job_line`, `run_line`; `sent` and `endpoint` make arguments and a model of what was read.

Tests: tests/app/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from faldeck.app.paste import calls, curl, job_line, run_line
from faldeck.app.paste.endpoint import is_same
from faldeck.app.paste.sent import Pasted, RunWords, body_alone, posted
from faldeck.app.paste.source import Part, Source
from faldeck.app.paste.values import UndefinedVariables, Values
from faldeck.config.settings import Profile
from faldeck.safety.redact import redacted
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue

__all__ = ["Pasted", "RunWords", "is_code", "is_same", "request"]

LONGEST = 20_000_000
"""The longest text that is read (characters)."""

_FENCE = re.compile(r"^[ \t]{0,8}(```+|~~~+)[^\n`]*$", re.MULTILINE)
_PROMPT = re.compile(r"[ \t]*(?:[$%❯] |(?:PS )?[A-Z]:\\[^\n>]{0,200}> ?|[\w.-]{1,64}@[^\n$#]{1,200}[$#] )")
_REPL = re.compile(r"[ \t]*(?:>>>|\.\.\.|In \[[0-9]{1,6}\]:|\.\.\.:)(?: |$)")
_HTTP = re.compile(r"(?m)^(?:POST|PUT) (?P<target>[^\s]{1,2000})(?: HTTP/[0-9.]{1,3})?[ \t]*\n")
_HTTP_VALUE = re.compile(r"(?m)^@([\w-]{1,60})[ \t]*=[ \t]*([^\n]{0,2000})$")
_HTTP_VARIABLE = re.compile(r"\{\{[ \t]*([\w.$-]{1,60})[ \t]*\}\}")
"""A variable of an `.http` file, and where it is used."""
_HOST = re.compile(r"^host:[ \t]*([^\s]{1,300})", re.IGNORECASE | re.MULTILINE)

_BLANKS: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\xa0\u1680\u202f\u205f\u3000"), " "),
    **dict.fromkeys(range(0x2000, 0x200B), " "),
    **dict.fromkeys(map(ord, "\u200b\u2060\ufeff")),
}
"""Blanks of word processors and web pages, with that of a keyboard."""

_TYPOGRAPHY = {
    **_BLANKS,
    **dict.fromkeys(map(ord, "“”„‟″"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′"), "'"),
}
"""The same with their quotes."""

_SENT_BY_CURL = re.compile(
    r"(?<![\w-])curl(?:\.exe)?(?:[ \t]{0,20}[\\^`]?[ \t]{0,20}(?:\n|$)"
    r"""|[ \t]{1,20}(?:--?[A-Za-z]|["'$\\^<{\[]|[^\s]{1,300}[./:]))""",
    re.IGNORECASE,
)
_MEANT = (
    re.compile(r"""\bauthorization["'`]?\s{0,5}[:=,\])]""", re.IGNORECASE),
    re.compile(r"\bFAL_(?:KEY|API)|\bX-Fal-", re.IGNORECASE),
    re.compile(r"\b(?:import|from)\s{1,5}fal_client\b|\bfal_client\s{0,5}\.|@fal-ai/"),
    re.compile(r"""[(=:,]\s{0,5}["'`](?:https?://)?[\w.-]{0,40}\bfal(?:run)?\.(?:run|com)["'`/]"""),
    # What stands behind the name tells a call from the host `fal.run`.
    re.compile(
        r"\bfal\s{0,5}\.\s{0,5}(?:(?:run|subscribe|submit|stream|config)\s{0,5}[(<]|(?:queue|realtime|storage)\s{0,5}\.)"
    ),
    re.compile(
        r"""\.\s{0,5}(?:submit|subscribe|run|stream)(?:_async)?\s{0,5}\(\s{0,80}(?:\w{1,20}\s{0,3}=\s{0,3})?["'`]"""
    ),
    re.compile(r"\b(?:requests|httpx|session|axios|client|got|ky)\s{0,5}\.\s{0,5}(?:post|request)\s{0,5}\("),
    re.compile(r"""\b(?:fetch|axios)\s{0,5}\(\s{0,80}["'`]"""),
    re.compile(r"\A\s{0,80}(?:POST|PUT) [^\s]{0,300}/"),
    re.compile(r"(?m)^[>* \t]{0,10}(?:POST|PUT) (?:https?://|/|\{\{)"),
    re.compile(r"\bhttps?://(?:queue\.)?(?:fal\.run|falrun\.com)/[^\s/]{1,100}/[^\s]{1,300}\s{1,20}[^\s]"),
    re.compile(r"\b(?:generateImage|InferenceClient|images\s?\.\s?generate|image_generation|fal\s?\.\s?image)\s?\("),
    re.compile(r"(?m)^[ \t]{0,20}(?:[$] )?(?:wget|https?|xh|httpie) [^\n]{0,300}(?:fal\.run|--post-data|:=)"),
)


def request(text: str, profiles: Iterable[Profile] = ()) -> Pasted:
    """The request in a text. Raises InvalidValue with what is wrong or missing.

    The profiles show which part of an address is the id of a model. A text that is not understood is read a second time
    without the changes that mail programs, word processors and web pages make.
    """
    if len(text) > LONGEST:
        raise InvalidValue("is too long")
    if job_line.is_line(text):
        return job_line.read(text)
    profiles = tuple(profiles)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _read(text, profiles)
    except InvalidValue:
        typed = _as_typed(text)
        if typed == text or not is_code(typed):
            raise
        try:
            return _read(typed, profiles)
        except InvalidValue as error:
            fault = error
    raise fault


_COMMANDS = (run_line.COMMAND, run_line.SCRIPT)
_SENDS = re.compile(r"(?m)^> (?:POST|PUT) ")
_SAID_BY_CURL = re.compile(r"(?m)^[>*] ?|^< [^\n]*\n?")
"""The marks of `curl -v` before the lines that it sends, and the lines that it receives."""


def _as_typed(text: str) -> str:
    """A text with plain blanks and quotes, and without the marks before each line of a quoted mail."""
    text = _SAID_BY_CURL.sub("", text) if _SENDS.search(text) else text
    lines = text.translate(_TYPOGRAPHY).split("\n")
    is_quoted = all(line.startswith(">") for line in lines if line.strip())
    return "\n".join(line[1:].removeprefix(" ") for line in lines) if is_quoted else "\n".join(lines)


def _read(text: str, profiles: tuple[Profile, ...]) -> Pasted:
    faults: list[tuple[bool, InvalidValue]] = []
    for block in _blocks(text.lstrip("\ufeff").strip()):
        try:
            return _in_block(block, profiles)
        except InvalidValue as error:
            faults.append((is_code(block), error))
        except RecursionError:
            faults.append((is_code(block), InvalidValue("is nested too deeply")))
    if not is_code(text) and not any(isinstance(fault, UndefinedVariables) for _, fault in faults):
        body_alone(json_value.read(text))  # If the text is not code, the error of the JSON parser helps most.
    # Of several blocks, the error of the one that is certainly code is shown.
    faults.sort(key=lambda fault: not fault[0])
    raise InvalidValue(redacted(str(faults[0][1]) if faults else "has no request"))


def is_code(text: str) -> bool:
    """True if a text is certainly a request: a shell command, a call of a client, or anything with a key."""
    if job_line.is_line(text):
        return True
    text = text.replace("\r", "\n").translate(_BLANKS)
    return any(pattern.search(text) for pattern in (_SENT_BY_CURL, curl.POWERSHELL, *_COMMANDS, *_MEANT))


def _blocks(text: str) -> Iterator[str]:
    """The parts of a text that may be a request: the code blocks of Markdown, or else the whole text."""
    fences = list(_FENCE.finditer(text))
    if not fences:
        if len(text) > 1 and text[0] == text[-1] == "`":
            text = text.strip("`")
        yield _without_prompts(text)
        return
    for opening, closing in zip(fences[::2], [*fences[1::2], None], strict=False):
        yield _without_prompts(text[opening.end() : closing.start() if closing else len(text)].strip())
    if fences[0].start() > 0:
        yield _without_prompts(text)


def _without_prompts(text: str) -> str:
    """The text without the prompts of a shell or of a Python session."""
    lines = text.split("\n")
    pattern = next((each for each in (_PROMPT, _REPL) if any(each.match(line) for line in lines)), None)
    if pattern is None:
        return text
    found: list[str] = []
    goes_on = False
    for line in lines:
        prompt = pattern.match(line)
        goes_on = bool(prompt) or (goes_on and line.startswith(">"))
        is_second = goes_on and not prompt and pattern is _PROMPT
        found.append(line[prompt.end() :] if prompt else line[1:].removeprefix(" ") if is_second else line)
    return "\n".join(found).strip()


def _in_block(text: str, profiles: tuple[Profile, ...]) -> Pasted:
    faults: list[InvalidValue] = []
    readers = [calls.read]
    if curl.CURL.search(text) or curl.POWERSHELL.search(text) or _MEANT[-1].search(text):
        readers.insert(0, curl.read)
    if any(command.search(text) for command in _COMMANDS):
        readers.insert(0, run_line.read)
    if _HTTP.search(text):
        readers.insert(0, _http)
    if text.startswith("{"):
        readers.insert(0, _object)
    for read in readers:
        try:
            return read(text, profiles)
        except InvalidValue as error:
            faults.append(error)
    raise faults[0]


def _http(text: str, profiles: Iterable[Profile]) -> Pasted:
    """A request in plain HTTP, as in `.http` files."""
    text = _with_variables(text)
    line = _HTTP.search(text)
    head, _, body = text[line.start() if line else 0 :].partition("\n\n")
    host = _HOST.search(head)
    if not line or (line["target"].startswith("/") and not host):
        raise InvalidValue("has no host")
    url = f"https://{host[1]}{line['target']}" if host and line["target"].startswith("/") else line["target"]
    if found := posted(url, lambda: body, profiles):
        return found
    raise InvalidValue("is not for a model")


def _with_variables(text: str) -> str:
    """The text of an `.http` file with the values of its variables; raises InvalidValue if one has none."""
    values = dict(_HTTP_VALUE.findall(text))

    def value(name: re.Match[str]) -> str:
        if name[1] not in values:
            raise InvalidValue(f"does not say what {name[1]} is")
        return str(values[name[1]])

    return _HTTP_VARIABLE.sub(value, _HTTP_VARIABLE.sub(value, text))


def _object(text: str, profiles: Iterable[Profile]) -> Pasted:
    """An object in JSON, Python or JavaScript."""
    try:
        return body_alone(json_value.read(text))
    except InvalidValue as error:
        written = Source(text)
        if written.closing.get(0) != len(written.tokens) - 1:
            raise error
        try:
            return body_alone(Values(written).read(Part(0, len(written.tokens))))
        except InvalidValue as fault:
            raise fault if isinstance(fault, UndefinedVariables) else error from None
