"""Recognises the flags of the older shell scripts, and names the command that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from faldeck.app.exit_status import CommandError, ExitStatus

_COMMANDS = {
    "--status": "status",
    "--result": "result",
    "--cancel": "cancel",
    "--schema": "schema",
    "--upload": "upload",
    "--pricing": "price",
    "--price": "price",
    "--query": "models",
    "--search": "models",
    "--add-fal-key": "key add",
}
"""Old flag → the command that replaces it. The value of the flag becomes the first word of the command."""

_REQUESTS = ("--status", "--result", "--cancel")

_KEPT = {"--category": "models"}
"""Old flag → the command that still has it."""

_RUN = frozenset(
    {"--prompt", "-p", "--model", "-m", "--file", "--image", "--image-url", "--video-url", "--audio-url", "--size"}
    | {"--num-images", "--async", "--sync", "--logs", "--poll-interval", "--timeout", "--lifecycle", "--input"}
)
"""Old flags that `faldeck run` still has."""

_SECRET = "--add-fal-key"


def refuse(words: Sequence[str], before: Sequence[str] = ()) -> None:
    """Raises CommandError with the new command if an old flag is among the words; `before` goes before the command."""
    words = list(takewhile("--".__ne__, words))
    names = [word.partition("=")[0] for word in words]
    if call := _call(words, names):
        raise _stop([*before, *call])


def refuse_requests(words: Sequence[str]) -> None:
    """The same for --status, --result and --cancel only; a model may have fields with the names of the others."""
    if any(word.partition("=")[0] in _REQUESTS for word in words):
        refuse(words)


def refuse_at_top(words: Sequence[str]) -> None:
    """The same for a command line without a command; there the flags of `run` are old flags too."""
    before, waiting = [], list(words)
    while waiting and waiting[0].partition("=")[0] in ("--demo", "--profile"):
        before.append(waiting.pop(0))
        if before[-1] == "--profile" and waiting:
            before.append(waiting.pop(0))
    if not waiting or not waiting[0].startswith("-"):
        return
    refuse(waiting, before)
    names = [word.partition("=")[0] for word in waiting]
    command = next((_KEPT[name] for name in names if name in _KEPT), "run" if names[0] in _RUN else None)
    if command:
        raise _stop([*before, command, *waiting])


def _call(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """The words of the command that replaces the first old flag; empty if there is no old flag."""
    place = next((place for place, name in enumerate(names) if name in _COMMANDS), None)
    if place is None:
        return []
    command = _COMMANDS[names[place]].split()
    if names[place] == _SECRET:
        return command  # A key may follow, which must not be shown.
    _, equals, value = words[place].partition("=")
    rest = [*words[:place], *words[place + 1 :]]
    if not equals and len(words) > place + 1 and not words[place + 1].startswith("-"):
        value = rest.pop(place)
    return [*command, *([value] if value else []), *rest]


def _stop(words: Sequence[str]) -> CommandError:
    import shlex

    hint = shlex.join(["faldeck", *words])
    return CommandError(f"use: {hint}", ExitStatus.USAGE, hint=hint)
