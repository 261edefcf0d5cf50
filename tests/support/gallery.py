"""A small Textual program that draws what is hard to draw: `python gallery.py`, with the driver in force."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from faldeck.tui.terminal.driver import CellDriver, driver_class

TEXTS = (
    "A serene mountain landscape at dawn",
    "夜の東京、雨に濡れた看板の光",
    "rocket 🚀 and sparkles ✨ everywhere",
    "naïve café — “quoted” … ½ ✓ ● ▸",
    "한국어로 쓴 프롬프트 🙂 끝",
    "",
    "full width ＡＢＣ and a rather long tail that is cut off at the right edge 漢字漢字漢字漢字漢字漢字漢字",
)


class Rows(Widget, can_focus=True):
    """A list that draws its lines itself."""

    count = 0
    top = 0
    row = 0

    def render_line(self, y: int) -> Strip:
        number = self.top + y
        is_marked = self.has_focus and number == self.row
        mark = Style(bgcolor="#304050", bold=True) if is_marked else Style(bgcolor="#101418")
        segments = [
            Segment(f"{number:4} ", mark + Style(color="#808080")),
            Segment("● " if number % 3 else "✗ ", mark + Style(color="green" if number % 2 else "#ff5040")),
            Segment(f"{TEXTS[number % len(TEXTS)]} ", mark + Style(color="#e0e0e0", italic=number % 5 == 0)),
            Segment("open", mark + Style(link=f"https://example.com/{number % 4}", underline=True)),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, mark)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh()

    def on_key(self, event: Key) -> None:
        steps = {"down": 1, "up": -1, "pagedown": self.size.height, "pageup": -self.size.height}
        if event.key in steps:
            event.stop()
            self.row = max(0, self.row + steps[event.key])
            self.top = max(min(self.top, self.row), self.row - self.size.height + 1)
            self.refresh()
            self.screen.query_one("#status", Static).update(f"row {self.row}")


class Popup(ModalScreen[None]):
    """Something drawn over the rest for a while."""

    BINDINGS: ClassVar = [("escape", "dismiss", "Close")]
    CSS = "Popup { align: center middle; background: transparent; } #box { width: 31; height: 5; border: round red; }"

    def compose(self) -> ComposeResult:
        yield Static("飛び出す popup 🎈 " * 5, id="box")


class Gallery(App[None]):
    """Two lists, a line to type in and a line that says what happened."""

    BINDINGS: ClassVar = [("p", "popup", "Popup"), ("ctrl+l", "redraw", "Draw anew"), ("q", "quit", "Quit")]
    CSS = "Rows { width: 1fr; } #right { width: 41; } Input { height: 1; border: none; } Static { height: 1; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Rows(id="left")
            yield Rows(id="right")
        field = Input(compact=True)
        field.cursor_blink = False
        yield field
        yield Static("ready", id="status")

    def on_resize(self, event: Resize) -> None:
        self.query_one("#status", Static).update(f"{event.size.width} by {event.size.height}")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one("#status", Static).update(f"typed {event.value}.")

    def action_popup(self) -> None:
        self.push_screen(Popup())

    def action_redraw(self) -> None:
        if isinstance(self._driver, CellDriver):
            self._driver.reset()


if __name__ == "__main__":
    Gallery(driver_class=driver_class()).run()
