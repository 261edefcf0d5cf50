"""Tells the person that jobs have ended, in the one way that the terminal has: a bell or a notification."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from textual.app import App

from faldeck.app import wording
from faldeck.job import Job
from faldeck.safety import sanitize
from faldeck.tui.terminal import tmux
from faldeck.tui.terminal.textual_private import write_to_terminal
from faldeck.tui.terminal.tmux import TmuxClient

LONGEST = 100
"""Characters of a notice."""


class NoticeKind(StrEnum):
    """A way to tell the person, as the setting `notify` names it."""

    BELL = "bell"
    OSC9 = "osc9"
    OSC777 = "osc777"
    OFF = "off"


AUTO = "auto"
"""The setting that goes by the terminal."""

_BY_VARIABLE: tuple[tuple[str, str, NoticeKind], ...] = (
    ("TERM_PROGRAM", "iTerm.app", NoticeKind.OSC9),
    ("LC_TERMINAL", "iTerm2", NoticeKind.OSC9),
    ("TERM_PROGRAM", "WezTerm", NoticeKind.OSC9),
    ("TERM_PROGRAM", "ghostty", NoticeKind.OSC9),
    ("TERM", "xterm-ghostty", NoticeKind.OSC9),
    ("TERM", "xterm-kitty", NoticeKind.OSC9),
    ("TERM", "wezterm", NoticeKind.OSC9),
    ("TERM", "foot", NoticeKind.OSC777),
    ("TERM", "foot-extra", NoticeKind.OSC777),
    ("TERM", "rxvt-unicode-256color", NoticeKind.OSC777),
    ("TERM", "contour", NoticeKind.OSC777),
)
"""Variable, value, and the notification of the terminal that sets it. All others have the bell."""

_SEQUENCES = {
    NoticeKind.BELL: "\a",
    NoticeKind.OSC9: "\x1b]9;{text}\x1b\\",
    NoticeKind.OSC777: "\x1b]777;notify;faldeck;{text}\x1b\\",
    NoticeKind.OFF: "",
}


class EndNotices:
    """Sends the notices of one deck."""

    def __init__(
        self,
        setting: str,
        environ: Mapping[str, str] = os.environ,
        ask_tmux: Callable[[Mapping[str, str]], TmuxClient] = tmux.ask,
    ) -> None:
        """`ask_tmux` waits for tmux's answer about the terminal that it runs in."""
        self._setting = setting
        self._environ = environ
        self._ask_tmux = ask_tmux
        self._has_reported_focus = False

    def focus_reported(self) -> None:
        """The terminal has said that it got or lost the focus: it can be believed from now on."""
        self._has_reported_focus = True

    async def tell(self, app: App[Any], jobs: Sequence[Job], watched: str | None) -> None:
        """Tells once of all jobs, except the one with the id `watched` while the person looks at it."""
        # A multiplexer reports no focus by default, so there the person may be elsewhere.
        is_certain = self._has_reported_focus or not self._is_multiplexed
        if app.app_focus and is_certain:
            jobs = [job for job in jobs if job.id != watched]
        if jobs and (sequence := await self._sequence(notice(jobs))):
            write_to_terminal(app, sequence)

    @property
    def _is_multiplexed(self) -> bool:
        return bool(self._environ.get("TMUX") or self._environ.get("STY"))

    async def _sequence(self, text: str) -> str:
        """What to send; empty for nothing."""
        if self._setting in (NoticeKind.BELL, NoticeKind.OFF):
            return _SEQUENCES[NoticeKind(self._setting)]
        if self._environ.get("TMUX"):
            # Asked each time: another terminal may be attached now.
            outer = await asyncio.to_thread(self._ask_tmux, self._environ)
            if not outer.passes:
                return _SEQUENCES[NoticeKind.BELL]
            kind = self._kind({"TERM": outer.name, **_forwarded(self._environ)})
            sequence = _SEQUENCES[kind].format(text=text)
            doubled = sequence.replace("\x1b", "\x1b\x1b")
            return sequence if kind is NoticeKind.BELL else f"\x1bPtmux;{doubled}\x1b\\"
        if self._environ.get("STY"):
            return _SEQUENCES[NoticeKind.BELL]  # screen has no notifications.
        return _SEQUENCES[self._kind(self._environ)].format(text=text)

    def _kind(self, environ: Mapping[str, str]) -> NoticeKind:
        if self._setting != AUTO:
            return NoticeKind(self._setting)
        found = (kind for name, value, kind in _BY_VARIABLE if environ.get(name) == value)
        return next(found, NoticeKind.BELL)


def _forwarded(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that name the terminal and that multiplexers and ssh pass on."""
    return {"LC_TERMINAL": environ["LC_TERMINAL"]} if "LC_TERMINAL" in environ else {}


def notice(jobs: Sequence[Job]) -> str:
    """The text of the notification, without characters that would end the sequence."""
    job = jobs[0]
    what = job.title or wording.model_name(job.endpoint_id)
    text = f"{wording.state_with_place(job)}: {what}" if len(jobs) == 1 else f"{len(jobs)} jobs have ended"
    return sanitize.clean_line(text, limit=LONGEST).replace(";", ",")
