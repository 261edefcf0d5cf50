"""Recognises flags and commands of the older shell scripts, of genmedia and of habit, and names ours.

Everything that is known is in the tables; the functions below them only look there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

_OTHER_COMMANDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("generate", "generate.sh", "subscribe", "create", "call"), ("run", "")),
    "submit": ("run", "--async"),
    **dict.fromkeys(("pricing", "prices", "estimate"), ("price", "")),
    **dict.fromkeys(("search", "find", "search-models", "search-models.sh", "list-models", "catalog"), ("models", "")),
    **dict.fromkeys(("get-schema", "get-schema.sh", "info", "docs", "describe", "inputs"), ("schema", "")),
    "openapi": ("schema", "--openapi"),
    "upload.sh": ("upload", ""),
    **dict.fromkeys(("list", "ls", "requests"), ("jobs", "")),
    "queue": ("jobs state:live", ""),
    **dict.fromkeys(("get", "fetch", "output", "outputs"), ("result", "")),
    "download": ("result", "--download"),
    "log": ("logs", ""),
    **dict.fromkeys(("stop", "kill", "abort"), ("cancel", "")),
    **dict.fromkeys(("rm", "remove"), ("delete", "")),
    **dict.fromkeys(("explain", "error", "errors"), ("why", "")),
    **dict.fromkeys(("login", "auth", "setup", "init", "add-fal-key"), ("key add", "")),
    "logout": ("key remove", ""),
    **dict.fromkeys(("usage", "billing", "costs", "cost", "balance"), ("stats", "")),
    **dict.fromkeys(("settings", "configure"), ("config", "")),
    **dict.fromkeys(("profiles", "relays"), ("config show", "")),
    **dict.fromkeys(("man", "manual", "topics"), ("help", "")),
    "version": ("--version", ""),
    **dict.fromkeys(("serve", "server", "mock"), ("emulator", "")),
    **dict.fromkeys(("deck", "tui", "open-deck", "demo"), ("", "")),
}
"""Command of others → ours before its words, and what comes after them."""

_OF_A_JOB = ("status", "result", "logs", "cancel")
"""Commands that are flags of each other elsewhere: genmedia has `status MODEL ID --result`."""

_ID_FLAGS = ("--id", "--request-id", "--request_id", "--job", "--job-id")
_MODEL_FLAGS = ("--model", "-m", "--endpoint", "--endpoint-id", "--endpoint_id")

_WORD_FLAGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*_OF_A_JOB, "show", "why", "open", "wait"), _ID_FLAGS),
    **dict.fromkeys(("schema", "price"), _MODEL_FLAGS),
    "models": ("--query", "--search", "-q", "--q"),
    "upload": ("--file", "-f", "--path"),
    "help": ("--topic",),
}
"""Command → flags of others whose value is a plain word here."""

_NO_WORDS = ("key add", "key remove", "--version", "")
"""Commands of ours that take none of the words: a key may be among them."""


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


def meant_by(name: str, words: Sequence[str]) -> list[str]:
    """The words of our command for a command of others; empty if its name is not known."""
    if name not in _OTHER_COMMANDS:
        return []
    ours, after = _OTHER_COMMANDS[name]
    rest = [] if ours in _NO_WORDS else words
    return ["faldeck", *ours.split(), *rest, *after.split()]


def refuse_after(name: str, words: Sequence[str], has_flag: Callable[[str], bool]) -> None:
    """Raises CommandError with our call if words that the command `name` refused are those of others.

    `has_flag` says whether a flag is one of the command's own.
    """
    kept: list[str] = []
    rest, command = list(words), name
    while rest:
        word = rest.pop(0)
        flag, equals, value = word.partition("=")
        if name in _OF_A_JOB and flag.removeprefix("--") in _OF_A_JOB and flag[:2] == "--" and not has_flag(flag):
            command = flag.removeprefix("--")
        elif flag in _WORD_FLAGS.get(name, ()) and not has_flag(flag) and (equals or rest):
            kept.insert(0, value if equals else rest.pop(0))
        else:
            kept.append(word)
    if name in _OF_A_JOB and len(kept) > 1 and "/" in kept[0] and not kept[1].startswith("-"):
        kept = [kept[1], "--model", kept[0], *kept[2:]]
    if (command, kept) != (name, list(words)):
        raise _stop([command, *kept])


def _call(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """The words of the command that replaces the first old flag; empty if there is no old flag."""
    index = next((index for index, name in enumerate(names) if name in _COMMANDS), None)
    if index is None:
        return []
    command = _COMMANDS[names[index]].split()
    if names[index] == _SECRET:
        return command  # A key may follow, which must not be shown.
    _, equals, value = words[index].partition("=")
    rest = [*words[:index], *words[index + 1 :]]
    if not equals and len(words) > index + 1 and not words[index + 1].startswith("-"):
        value = rest.pop(index)
    return [*command, *([value] if value else []), *rest]


def _stop(words: Sequence[str]) -> CommandError:
    import shlex

    hint = shlex.join(["faldeck", *words])
    return CommandError(f"use: {hint}", ExitStatus.USAGE, hint=hint)
