"""The lines at the top and the bottom of the screen: the header, and the keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.strip import Strip
from textual.widgets import Input

from faldeck.keys import names
from faldeck.safety import sanitize
from faldeck.tui.panes.kept_lines import KeptLines
from faldeck.tui.panes.lines import Span, line, width_of
from faldeck.tui.panes.pane import PLAIN, Pane
from faldeck.tui.theme import badge, ink

NAME = " faldeck "


class Bar(KeptLines):
    """A line that draws itself."""

    def ink(self, name: str) -> Style:
        """The style called `name`, to add to the line's own."""
        return ink(self, name)

    def spans(self) -> tuple[Sequence[Span], Sequence[Span]]:
        """The spans at the left, and those flush right."""
        return (), ()

    def render_line(self, y: int) -> Strip:
        left, right = self.spans()
        return line(self.size.width, self.rich_style, left, right)


class Header(Bar):
    """The program's name, the profile, and on a narrow screen the names of the panes."""

    def __init__(self, profile: str, colour: str) -> None:
        """`colour` is the profile's colour, as `#rrggbb`."""
        super().__init__(id="header")
        self._notice = ""
        self.show_profile(profile, colour)

    def show_profile(self, profile: str, colour: str) -> None:
        """Shows another profile."""
        self._profile, self._colour = sanitize.clean_line(profile, limit=40), colour
        self.refresh()

    def say(self, notice: str) -> None:
        """Shows a notice next to the profile; an empty one removes it."""
        if notice != self._notice:
            self._notice = notice
            self.refresh()

    def spans(self) -> tuple[Sequence[Span], Sequence[Span]]:
        left: list[Span] = [(NAME, self.ink("strong"))]
        if self.screen.has_class("-narrow"):
            left += ((label, self.ink("tab-focused" if pane.is_active else "dim")) for pane, label in self._tabs())
        return left, ((f"{self._notice}  ", self.ink("dim")), (f" {self._profile} ", badge(self._colour)))

    def _tabs(self) -> Iterator[tuple[Pane, str]]:
        for pane in self.screen.query(Pane):
            yield pane, f" {pane.NUMBER} {pane.NAME} "

    async def on_click(self, event: events.Click) -> None:
        """Goes to the pane whose name was clicked."""
        x = event.x - len(NAME)
        for pane, label in self._tabs() if self.screen.has_class("-narrow") else ():
            if 0 <= x < len(label):
                await self.run_action(f"screen.show_pane('{pane.id}')")
            x -= len(label)


class KeyBar(Bar):
    """The keys of the focused pane, and those that always work; or those that can follow the keys pressed so far."""

    _begun = ""
    """The keys pressed so far, as people read them."""
    _menu: Sequence[tuple[str, str]] = ()
    """The keys that can follow, each with what it does."""

    def show_menu(self, begun: str, menu: Sequence[tuple[str, str]]) -> None:
        """Shows the keys that can follow `begun` instead of the usual ones; the usual ones again without it."""
        self._begun, self._menu = begun, menu
        self.refresh()

    def spans(self) -> tuple[Sequence[Span], Sequence[Span]]:
        if self._begun:
            keys = [*self._menu, ("Esc", "Ends it")]
            spans = [part for key, label in keys for part in ((f" {key}", self.ink("accent")), (f" {label} ", PLAIN))]
            return [(f" {self._begun}… ", self.ink("strong")), *spans], ()
        is_typing = isinstance(self.screen.focused, Input)
        shown: dict[str, tuple[bool, Binding]] = {}
        for node, binding, is_enabled, _ in self.screen.active_bindings.values():
            is_typed = is_typing and len(names.shown(binding.key)) == 1
            if binding.show and is_enabled and not is_typed:
                shown.setdefault(binding.action, (node is self.screen, binding))
        here = [self._key(binding) for is_always, binding in shown.values() if not is_always]
        leaves = [_leaves(binding) for is_always, binding in shown.values() if not is_always]
        if is_typing:
            here.insert(0, [(" Esc", self.ink("accent")), (" Ends typing ", PLAIN)])
            leaves.insert(0, True)
        always = [self._key(binding) for is_always, binding in shown.values() if is_always]
        room = self.size.width - sum(width_of(text) for key in always for text, _ in key)
        while here and sum(width_of(text) for key in here for text, _ in key) > room:
            # The way out is left to the last.
            index = max((index for index, leave in enumerate(leaves) if not leave), default=-1)
            del here[index], leaves[index]
        return [span for key in here for span in key], [span for key in always for span in key]

    def _key(self, binding: Binding) -> list[Span]:
        return [(f" {names.shown(binding.key)}", self.ink("accent")), (f" {binding.description} ", PLAIN)]


def _leaves(binding: Binding) -> bool:
    """Whether a key leaves what is shown."""
    return (binding.id or "").endswith((".close", ".leave"))
