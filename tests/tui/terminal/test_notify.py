"""One kind of notice for a terminal, wrapped for tmux, and none for the job that the person looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import pytest
from textual.app import App

from faldeck.config.settings import NOTICES
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id
from faldeck.tui.terminal.notify import AUTO, EndNotices, NoticeKind
from faldeck.tui.terminal.tmux import TmuxClient

JOB = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now(), title="a fox; at")
BELL = "\a"
OSC9 = "\x1b]9;completed: a fox, at\x1b\\"
OSC777 = "\x1b]777;notify;faldeck;completed: a fox, at\x1b\\"


@dataclass
class Recorder:
    """An app that keeps what is sent to its terminal."""

    app_focus: bool = True
    is_headless: bool = False
    sent: list[str] = field(default_factory=list)

    @property
    def _driver(self) -> "Recorder":
        return self

    def write(self, text: str) -> None:
        self.sent.append(text)


async def sent(
    setting: str = AUTO,
    *,
    outer: str | None = None,
    watched: str | None = None,
    has_focus: bool = True,
    reports: bool = False,
    environ: Mapping[str, str] = MappingProxyType({}),
    **variables: str,
) -> str:
    """What one ended job sends to the terminal."""
    notices, app = (
        EndNotices(
            setting,
            {**environ, **variables},
            lambda _: TmuxClient(passes=outer is not None, name=outer or "xterm-kitty"),
        ),
        Recorder(has_focus),
    )
    if reports:
        notices.focus_reported()
    await notices.tell(cast("App[Any]", app), [JOB], watched)
    return "".join(app.sent)


def test_the_words_of_the_setting_are_the_kinds() -> None:
    assert set(NOTICES) == {AUTO, *NoticeKind}


@pytest.mark.parametrize(
    ("setting", "environ", "expected"),
    [
        ("bell", {}, BELL),
        ("osc9", {}, OSC9),
        ("osc777", {"TERM": "xterm-kitty"}, OSC777),
        ("off", {}, ""),
        (AUTO, {"TERM": "xterm-256color"}, BELL),
        (AUTO, {"TERM": "xterm-kitty"}, OSC9),
        (AUTO, {"TERM": "foot"}, OSC777),
        (AUTO, {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, OSC9),
        (AUTO, {"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "SSH_TTY": "/dev/pts/1"}, OSC9),
        ("osc9", {"STY": "1.pts"}, BELL),
        ("osc9", {"TMUX": "/tmp/x"}, BELL),
    ],
)
async def test_a_terminal_gets_one_kind_of_notice(setting: str, environ: dict[str, str], expected: str) -> None:
    assert await sent(setting, environ=environ) == expected


async def test_tmux_passes_a_notice_on_where_it_allows_that() -> None:
    wrapped = "\x1bPtmux;" + OSC9.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    assert await sent(outer="xterm-kitty", TMUX="/tmp/x", TERM="tmux-256color") == wrapped
    assert await sent("osc9", outer="xterm-256color", TMUX="/tmp/x") == wrapped
    assert await sent(outer="xterm-256color", TMUX="/tmp/x") == BELL
    assert await sent("off", outer="xterm-kitty", TMUX="/tmp/x") == ""


async def test_the_job_that_the_person_looks_at_is_not_announced() -> None:
    assert await sent(watched=JOB.id) == ""
    assert await sent(watched=JOB.id, has_focus=False, reports=True) == BELL
    assert await sent(watched="another") == BELL
    # tmux says nothing of the focus unless it is told to.
    assert await sent(watched=JOB.id, TMUX="/tmp/x") == BELL
    assert await sent(watched=JOB.id, TMUX="/tmp/x", reports=True) == ""
