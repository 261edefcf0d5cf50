"""The driver: the same picture as with Textual's own, on any line, through resizes, stops and ends."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.pty_terminal import Terminal
from support.screen import Screen

from faldeck.tui.terminal.bitmaps import PicturePart, SixelBitmap
from faldeck.tui.terminal.driver import CellDriver, driver_class
from faldeck.tui.terminal.graphics import CellSize
from faldeck.tui.terminal.writer import BEGIN_SYNCHRONIZED, END_SYNCHRONIZED, TerminalWriter

GALLERY = (sys.executable, str(Path(__file__).parents[2] / "support" / "gallery.py"))
STOCK = {"FALDECK_DRIVER": "stock"}

STEPS: tuple[str | tuple[int, int], ...] = (
    *("down", "pagedown", "p", "escape", "tab", "pagedown", "pagedown", (87, 25), "pageup"),
    *("tab", "x", "漢", "🚀", "backspace", (131, 43), "tab"),
)
"""Keys, and sizes that the terminal takes. Each changes what is shown."""


@pytest.fixture
def gallery() -> Iterator[Terminal]:
    with Terminal(*GALLERY, columns=100, rows=30) as terminal:
        terminal.wait_for("100 by 30")
        terminal.settle()
        yield terminal


def take_step(terminal: Terminal, step: str | tuple[int, int]) -> None:
    """Waits until the step shows."""
    before = terminal.cells
    if isinstance(step, str):
        terminal.press(step)
    else:
        terminal.resize(*step)
    terminal.wait_for(lambda shown: shown.cells != before)


@pytest.mark.parametrize(
    ("answer", "steps_down"), [(b"\x1b[3;4R", True), (b"\x1b[2;3R", False), (b"\x1b[1;1R", False), (b"", False)]
)
def test_only_what_a_terminal_has_shown_that_it_can_do_is_asked_of_it(answer: bytes, steps_down: bool) -> None:
    with Terminal(*GALLERY, columns=100, rows=30, answers={b"\x1b[6n": answer}) as terminal:
        terminal.wait_for("100 by 30")
        terminal.settle()
        before = len(terminal.output)
        for step in ("down", "pagedown", "p", "escape"):
            take_step(terminal, step)
            terminal.settle()  # A step whose last piece comes late would pass for the next one.
        sent = terminal.output[before:]
        assert (b"\v" in sent) == steps_down


class Line:
    """An output to a pipe, and what comes out of its other end."""

    def __init__(self) -> None:
        self._end, self.descriptor = os.pipe()
        self.output = TerminalWriter(self.descriptor, "utf-8", erases_in_colour=True)

    def wait_until_sending(self) -> None:
        select.select([self._end], [], [])

    def finish(self) -> str:
        """Stops the output; gives all that it has sent."""
        with ThreadPoolExecutor() as executor, os.fdopen(self._end, "rb") as end:
            sent = executor.submit(end.read)
            self.output.stop()
            os.close(self.descriptor)
            return sent.result().decode()

    def hang_up(self) -> None:
        os.close(self._end)


@pytest.fixture
def line() -> Line:
    return Line()


class SlowBitmap(SixelBitmap):
    """A picture whose encoding takes as long as the test wants."""

    def encoded(self, part: PicturePart) -> str:
        encoding.set()
        assert go_on.wait(20)
        return "<picture>"


encoding, go_on = threading.Event(), threading.Event()


def test_the_app_paints_and_writes_on_while_a_picture_is_encoded(line: Line) -> None:
    line.output.start()
    bitmap = SlowBitmap(1, CellSize(6, 12), 2, 1, bytes(144), bytes(3))
    ((cells, _),) = line.output.shelf.add(bitmap)[0]
    line.output.paint(painted(cells), 10, 2)
    assert encoding.wait(20)
    line.output.paint("\x1b[2;1Hnext\x1b[2;5H", 10, 2)  # Would wait for ever if the encoding held the lock.
    line.output.write("<title>")
    line.output.resized(10, 2)
    go_on.set()
    sent = line.finish()
    assert sent.index("<picture>") < sent.index("next") < sent.index("<title>")
    assert sent.count("next") == 2, "a terminal of a new size gets the whole screen"


def painted(text: str) -> str:
    return f"\x1b[1;1H{text}\x1b[1;1H"


def test_the_screens_are_equal_cell_for_cell_with_and_without_our_driver(gallery: Terminal) -> None:
    with Terminal(*GALLERY, columns=100, rows=30, environment=STOCK) as stock:
        stock.wait_for("100 by 30")
        stock.settle()
        gallery.wait_for(lambda ours: ours.cells == stock.cells)
        for step in STEPS:
            take_step(stock, step)
            stock.settle(0.05)
            take_step(gallery, step)
            gallery.wait_for(lambda ours: ours.cells == stock.cells)
        assert gallery.received < stock.received / 3


def test_a_moved_cursor_costs_hundreds_of_bytes_not_thousands(gallery: Terminal) -> None:
    before = gallery.received
    gallery.press("down")
    gallery.wait_for("row 1")
    gallery.settle()
    assert 0 < gallery.received - before < 600


def test_a_screen_that_something_else_has_drawn_over_is_drawn_again(gallery: Terminal) -> None:
    shown = gallery.cells
    gallery.screen = Screen(100, 30)
    gallery.press("ctrl+l")
    gallery.wait_for(lambda terminal: terminal.cells == shown)


def test_a_size_that_changes_back_at_once_leaves_nothing_undrawn(gallery: Terminal) -> None:
    shown = gallery.cells
    gallery.resize(60, 20)
    gallery.resize(100, 30)
    gallery.screen = Screen(100, 30)
    gallery.wait_for(lambda terminal: terminal.cells == shown)


def test_after_a_stop_and_a_continuation_all_is_drawn_again(gallery: Terminal) -> None:
    shown = gallery.cells
    gallery.kill(signal.SIGTSTP)
    gallery.wait_until_stopped()
    gallery.show()
    gallery.screen = Screen(100, 30)
    gallery.kill(signal.SIGCONT)
    gallery.wait_for(lambda terminal: terminal.cells == shown)
    gallery.press("down")
    gallery.wait_for("row 1")


def test_the_terminal_is_given_back_as_it_was(gallery: Terminal) -> None:
    gallery.press("q")
    assert gallery.wait() == 0
    gallery.settle()
    drawn, _, left = gallery.output.partition(b"\x1b[?2004l")
    assert re.findall(rb"\x1b\[[0-9;]*m", drawn)[-1] == b"\x1b[m"
    for ended in (b"\x1b[?7h", b"\x1b[?1002l", b"\x1b[<u", b"\x1b[?1049l", b"\x1b[?25h"):
        assert ended in left
    assert b"\x1b[?1003h" not in drawn  # A report of each cell that the pointer crosses is never asked for.


def test_a_character_that_arrives_in_two_pieces_is_one(gallery: Terminal) -> None:
    take_step(gallery, "tab")
    take_step(gallery, "tab")
    first, *rest = "漢".encode()
    gallery.send(bytes((first,)))
    gallery.settle()
    gallery.send(bytes(rest))
    gallery.wait_for("typed 漢.")


def test_frames_that_the_line_is_too_slow_for_are_skipped(line: Line) -> None:
    line.output.start()
    line.output.write("x" * 1_000_000)
    line.wait_until_sending()
    for number in range(100):
        line.output.paint(painted(f"frame {number}"), 20, 1)
    sent = line.finish()
    assert sent.count("frame") == 1
    assert "frame 99" in sent


def test_what_is_written_keeps_its_place_between_the_frames(line: Line) -> None:
    line.output.start()
    line.output.paint(painted("first"), 20, 1)
    line.output.write("\x07")
    line.output.paint(painted("second"), 20, 1)
    line.output.write("\x1b[?1049l")
    sent = line.finish()
    assert sent.index("first") < sent.index("\x07") < sent.index("second") < sent.index("\x1b[?1049l")


def test_what_is_written_finds_a_plain_style(line: Line) -> None:
    line.output.start()
    line.output.paint("\x1b[1;1H\x1b[31mred\x1b[0m", 3, 1)
    line.output.write("\x1b[?1049l")
    assert line.finish().endswith("\x1b[m\x1b[?1049l")


def test_a_frame_that_changes_nothing_is_not_even_bracketed(line: Line) -> None:
    line.output.is_synchronized = True
    line.output.start()
    for _ in range(3):
        line.output.paint(painted("same " * 400), 2000, 1)
        line.output.write("|")
    sent = line.finish()
    assert sent.endswith("|||")
    assert (sent.count(BEGIN_SYNCHRONIZED), sent.count(END_SYNCHRONIZED)) == (1, 1)


def test_a_frame_that_fits_into_one_packet_is_not_bracketed(line: Line) -> None:
    line.output.is_synchronized = True
    line.output.start()
    line.output.paint(painted("short"), 20, 1)
    assert BEGIN_SYNCHRONIZED not in line.finish()


def test_what_is_painted_while_stopped_is_sent_after_the_next_start(line: Line) -> None:
    line.output.start()
    line.output.stop()
    for number in range(100):
        line.output.paint(painted(f"frame {number}"), 20, 1)
    line.output.write("lost")
    line.output.start()
    line.output.write("\x1b[?1049h")
    line.output.repaint()
    sent = line.finish()
    assert sent.startswith("\x1b[?1049h")
    assert sent.count("frame") == 1
    assert "frame 99" in sent
    assert "lost" not in sent


def test_a_terminal_that_is_gone_stops_nobody(line: Line) -> None:
    line.hang_up()
    line.output.start()
    line.output.write("bell")
    line.output.stop()
    line.output.paint(painted("more"), 20, 1)
    line.output.write("bell")
    os.close(line.descriptor)


def test_our_driver_draws_unless_something_speaks_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver_class() is CellDriver
    for name, value in (("FALDECK_DRIVER", "stock"), ("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert driver_class() is None
    monkeypatch.setattr(sys, "platform", "win32")
    assert driver_class() is None
