"""The flags of the shell scripts that came before, answered with the command that does the same."""

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
"""An old flag → the command that does it, with the flag's value as its first word."""

_REQUESTS = ("--status", "--result", "--cancel")

_KEPT = {"--category": "models"}
"""An old flag → the command that has it still."""

_RUN = frozenset(
    {"--prompt", "-p", "--model", "-m", "--file", "--image", "--image-url", "--video-url", "--audio-url", "--size"}
    | {"--num-images", "--async", "--sync", "--logs", "--poll-interval", "--timeout", "--lifecycle", "--input"}
)
"""Old flags that `faldeck run` has still."""

_SECRET = "--add-fal-key"


def refuse(words: Sequence[str], before: Sequence[str] = ()) -> None:
    """Raises CommandError with the new command if an old flag is among the words; `before` goes before the command."""
    words = list(takewhile("--".__ne__, words))
    names = [word.partition("=")[0] for word in words]
    if call := _call(words, names):
        raise _stop([*before, *call])


def refuse_requests(words: Sequence[str]) -> None:
    """The same for the flags that are about an earlier request, where a model may have fields called like others."""
    if any(word.partition("=")[0] in _REQUESTS for word in words):
        refuse(words)


def refuse_at_top(words: Sequence[str]) -> None:
    """The same for words without a command, where the flags of `run` are old ones too."""
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
    """The words of the command that does what the first of the old flags did; none where there is no such flag."""
    place = next((place for place, name in enumerate(names) if name in _COMMANDS), None)
    if place is None:
        return []
    command = _COMMANDS[names[place]].split()
    if names[place] == _SECRET:
        return command  # A key may stand behind it, which must not be shown.
    _, equals, value = words[place].partition("=")
    rest = [*words[:place], *words[place + 1 :]]
    if not equals and len(words) > place + 1 and not words[place + 1].startswith("-"):
        value = rest.pop(place)
    return [*command, *([value] if value else []), *rest]


def _stop(words: Sequence[str]) -> CommandError:
    import shlex

    hint = shlex.join(["faldeck", *words])
    return CommandError(f"use: {hint}", ExitStatus.USAGE, hint=hint)
