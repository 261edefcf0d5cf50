"""The smallest Textual program that one can type in: what any other takes to show a key is compared with this."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Input


class Blank(App[None]):
    """One line for text."""

    def compose(self) -> ComposeResult:
        yield Input()


if __name__ == "__main__":
    Blank().run()
