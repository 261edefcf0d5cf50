"""Reads a pasted `faldeck run` command: the model, the words for its fields, the options. Pure.

The words become arguments when the model's schema is at hand, by the rules of the command line (`schema/flags.py`).
`genmedia run` and the older shell scripts (`generate.sh --model M --prompt P`) have the same form. `faldeck adopt MODEL
ID` names a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from faldeck.app.copied_url import endpoint_of, request_of
from faldeck.app.paste import shell
from faldeck.app.paste.sent import Pasted, RunWords
from faldeck.app.paste.shell import ShellCommand, Word
from faldeck.app.paste.values import listed
from faldeck.config.settings import Profile
from faldeck.fal.errors import InvalidRequest
from faldeck.fal.submit_options import OPTIONS, Option, lifecycle
from faldeck.fal.urls import app_id
from faldeck.schema.json_value import InvalidValue, JsonValue

COMMAND = re.compile(
    r"(?<![\w.-])(?:faldeck|genmedia|fal)(?:\.exe)?(?:[ \t]{1,9}--?[a-z][\w-]{0,30}(?:[= ][\w.-]{1,60})?){0,4}"
    r"[ \t\\^`\n]{1,20}(?:run|adopt)[ \t\\^`\n]{1,20}(?=-|[^\s]{0,200}/|[^\n]{0,300}?[ \t]--?[a-z])",
    re.IGNORECASE,
)
"""The start of such a command."""

SCRIPT = re.compile(
    r"(?m)(?:^|[ \t;&|(/])[\w.-]{1,60}\.sh[ \t\\\n]{1,20}(?:[^\n]{0,300}[ \t])?--(?:prompt|model|file|image-url)[ =]"
)
"""A call of an older script."""

MOST_STARTS = 20
"""If there are words before the command, at most so many places are tried as its start."""

_PROGRAMS = ("faldeck", "genmedia", "fal")

VALUED = frozenset(
    """
    --like --input --tag --note --timeout --poll-interval --each --repeat --parallel --max-usd --header -H --access-of
    """.split()  # noqa: SIM905
)
"""The flags of `faldeck run` with a value that a form has no field for."""

SWITCHES = frozenset(
    "--help -h --json --async --dry-run --unlisted --yes --logs --no-history --read-cells --again".split()  # noqa: SIM905
)
"""Those without a value."""

OPTIONAL = frozenset(("--download",))
"""Those whose value may be left out."""

_TYPED_QUOTES = tuple("“‘„‚«")
_TYPED_DASH = re.compile(r"[—–][A-Za-z]([\w-]+)?")
"""A flag whose dashes a word processor has joined."""

MODES = {"--sync": "sync", "--stream": "stream"}
MODELS = ("--model", "-m")
_BY_FLAG = {flag: option for option in OPTIONS for flag in option.flags if option.name != "headers"}
_FROM_FILES = {"--like": "its values from the file {}: drop that file here", "--input": "its input from the file {}"}


class _Flag(NamedTuple):
    """A flag of the command; `value` is None if it has none."""

    name: str
    value: Word | None


def read(text: str, profiles: Iterable[Profile]) -> Pasted:
    """The first command that sends or adopts a request. Raises InvalidValue with what is missing."""
    fault: InvalidValue | None = None
    profiles = tuple(profiles)
    found_at = (found.start() for pattern in (COMMAND, SCRIPT) for found in pattern.finditer(text))
    for start in (0, *islice(found_at, MOST_STARTS)):
        for command in shell.commands(text[start:])[0]:
            try:
                if found := _request(command, profiles):
                    return found
            except InvalidValue as error:
                fault = fault or error
    raise fault or InvalidValue("is a command that sends no request")


def _request(command: ShellCommand, profiles: tuple[Profile, ...]) -> Pasted | None:
    """The request of a command; None for a command of another program or of another kind."""
    words = list(command.words)
    if (script := next((at for at, word in enumerate(words) if word.text.endswith(".sh")), None)) is not None:
        return _run(_checked(words[script + 1 :], command), command.stdin, [], profiles)
    while words and re.split(r"[/\\]", words[0].text)[-1].lower().removesuffix(".exe") not in _PROGRAMS:
        words.pop(0)
    left_out: list[str] = []
    del words[:1]
    while words and words[0].text.startswith("-"):
        name = words.pop(0).text
        left_out += [name]
        if name == "--profile" and words:
            left_out[-1] += f" {words.pop(0).text}"
    if not words or words[0].text not in ("run", "adopt"):
        return None
    _checked(words, command)
    if words.pop(0).text == "run":
        return _run(words, command.stdin, left_out, profiles)
    return _adopted(words, profiles)


def _checked(words: list[Word], command: ShellCommand) -> list[Word]:
    if command.is_cut_off:
        raise InvalidValue("is cut off: a quote is not closed")
    return words


def _adopted(words: list[Word], profiles: tuple[Profile, ...]) -> Pasted | None:
    named = [_text(word) for word in words if not word.text.startswith("-")]
    if len(named) == 1 and (address := request_of(named[0], profiles)) and address.endpoint_id:
        return Pasted({}, address.endpoint_id, request_id=address.request_id)
    return Pasted({}, _model(named[0], profiles), request_id=named[1]) if len(named) == 2 else None


def _run(words: list[Word], stdin: Word | None, left_out: list[str], profiles: tuple[Profile, ...]) -> Pasted:
    endpoint_id = _text(words.pop(0)) if words and not words[0].text.startswith("-") else ""
    names_model = () if endpoint_id else MODELS
    options: dict[str, JsonValue] = {}
    for_model: list[Word] = []
    for flag in _flags(words, names_model, for_model):
        name, value = flag
        if name in names_model and value:
            if endpoint_id:
                raise InvalidValue("sends requests to several models: paste a command for one")
            endpoint_id = _text(value)
        elif name in _FROM_FILES and value:
            raise InvalidValue(f"takes {_FROM_FILES[name].format(_text(value))}")
        elif option := _BY_FLAG.get(name):
            options[option.name] = _option(option, name, value)
        elif name in MODES:
            options["mode"] = MODES[name]
        else:
            left_out.append(name)
    if not endpoint_id:
        raise InvalidValue("does not name a model")
    if any(word.text[:1] in _TYPED_QUOTES for word in for_model):
        raise InvalidValue("has the quotes of a word processor")  # It is read once more with plain ones.
    missing = tuple(dict.fromkeys(name for word in for_model for name in word.missing))
    if missing:
        raise InvalidValue(f"does not say what {listed(missing)}")
    return Pasted(
        {},
        _model(endpoint_id, profiles),
        words=RunWords(
            tuple(word.text for word in for_model), None if stdin is None or stdin.missing else stdin.text, options
        ),
        left_out=tuple(dict.fromkeys(left_out)),
    )


def _flags(words: list[Word], names_model: tuple[str, ...], for_model: list[Word]) -> Iterator[_Flag]:
    """Yields the command's own flags; all other words are put into `for_model`."""
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        is_value = bool(for_model) and for_model[-1].text.startswith("-") and "=" not in for_model[-1].text
        if not is_value and (dashed := _TYPED_DASH.match(word.text)):
            word = Word(f"--{word.text[1:]}" if dashed[1] else f"-{word.text[1:]}", word.missing)
        if word.text == "--":
            for_model += waiting
            return
        name, equals, rest = word.text.partition("=")
        option = _BY_FLAG.get(name)
        takes_value = name in VALUED or name in names_model or (option is not None and option.kind is not bool)
        is_here = bool(equals) and (takes_value or name in OPTIONAL)
        if is_here:
            yield _Flag(name, Word(rest, word.missing))
        elif takes_value:
            yield _Flag(name, waiting.pop(0) if waiting else None)
        elif name in OPTIONAL:
            yield _Flag(name, waiting.pop(0) if waiting and not waiting[0].text.startswith("-") else None)
        elif word.text in SWITCHES or word.text in MODES or option is not None:
            yield _Flag(name, None)
        else:
            for_model.append(word)


def _option(option: Option, name: str, value: Word | None) -> JsonValue:
    """The value of a submit option. Raises InvalidValue if it takes no such value."""
    if option.kind is bool:
        return True
    text = _text(value) if value else ""
    try:
        if option.name == "lifecycle":
            return lifecycle(text)
        number = int(text) if option.kind is int else float(text) if option.kind == (int, float) else None
    except ValueError:
        raise InvalidValue(f"has {name} {text[:60]}, which cannot be") from None
    if option.choices and text not in option.choices:
        raise InvalidValue(f"has {name} {text[:60]}, which is none of {', '.join(option.choices)}")
    return text if number is None else number


def _text(word: Word) -> str:
    if word.missing:
        raise InvalidValue(f"does not say what {listed(word.missing)}")
    return word.text


def _model(text: str, profiles: tuple[Profile, ...]) -> str:
    endpoint_id = endpoint_of(text, profiles) or text.strip().strip("/")
    try:
        app_id(endpoint_id)
    except InvalidRequest as error:
        raise InvalidValue("does not name a model") from error
    return endpoint_id
