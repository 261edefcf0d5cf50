"""Asks the person a question on the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.safety import sanitize


def can_ask() -> bool:
    """True if a person can read a question and answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def confirm(question: str, *, refusal: str) -> None:
    """Asks a question and raises CommandError with the sentence `refusal` if the answer is no, or nobody can answer."""
    if not can_ask():
        raise CommandError(f"{sanitize.clean(question)} {refusal} With --yes nothing is asked.", ExitStatus.USAGE)
    if not await is_yes(f"{question} [y/N] "):
        raise CommandError(refusal, ExitStatus.USAGE)


async def is_yes(question: str) -> bool:
    """Asks a question. True if the person answers y or yes."""
    print(f"faldeck: {sanitize.clean(question)}", end="", file=sys.stderr, flush=True)
    loop, answered = asyncio.get_running_loop(), asyncio.Event()
    # A thread that reads could not be interrupted: Ctrl-C would wait for the Enter key.
    with contextlib.suppress(NotImplementedError):  # Windows cannot watch a console.
        loop.add_reader(sys.stdin, answered.set)
        try:
            await answered.wait()
        finally:
            loop.remove_reader(sys.stdin)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
