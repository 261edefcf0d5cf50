"""The page of one model: facts, description, inputs, outputs and family, as text that is scrolled and searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from faldeck.app import model_card
from faldeck.app.model_card import FieldRow, ModelCard
from faldeck.job import now
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, pad, width_of
from faldeck.tui.panes.moves import Moves
from faldeck.tui.panes.page_text import PageText, Row, paragraph
from faldeck.tui.panes.page_view import PageView
from faldeck.tui.panes.pane import PLAIN, Pane, PaneMessage, SearchTarget

WIDEST = 110
"""The most cells of a line: longer ones are hard to read."""


class ModelPagePane(Moves, Pane):
    """One model's page."""

    NAME = "Model"
    HELP = "All about a model. The typical time is the median of your own jobs, else what the catalogue says."

    has_rule = False
    is_active = True

    BINDINGS: ClassVar[list[BindingType]] = bindings("move", "found", "page")

    @dataclass
    class PageAsked(PaneMessage):
        """The person pressed the key of something to do with the model."""

        what: str

    def __init__(self, endpoint_id: str) -> None:
        super().__init__(id="model-page")
        self.endpoint_id = endpoint_id
        self.card: ModelCard | None = None
        """What is shown; None until it was read."""
        self.notice = "reading…"
        self.view = PageView()

    def on_mount(self) -> None:
        self.screen.set_focus(self)

    def show(self, card: ModelCard, notice: str = "") -> None:
        """Shows a model. `notice` says what is still to come."""
        if card.model.endpoint_id != self.endpoint_id:
            self.view.to_start()
        self.endpoint_id, self.card, self.notice = card.model.endpoint_id, card, notice
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        rows = page_rows(self.card, min(WIDEST, self.line_width - 2)) if self.card else []
        self.view.show(PageText(rows), self.body_height)
        self.view.scroll(0)
        self.refresh()

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        last = self.view.scrolled + self.view.height
        place = f"{min(last, len(self.view.rows))}/{len(self.view.rows)}" if self.view.last else ""
        star = "★ " if self.card and self.card.mark.starred else ""
        return ((f" {star}{self.endpoint_id}", PLAIN),), ((self.notice or place, PLAIN),)

    def body_line(self, y: int) -> Strip:
        row = self.view.row_at(y)
        if row is None:
            return self.drawn(())
        return self.drawn(((" ", PLAIN), *((text, self.styled(style)) for text, style in self.view.rows[row])))

    def search_target(self) -> SearchTarget:
        def show(line: int | None) -> None:
            if line is not None:
                words = self.find_line.matches.words.split() if self.find_line else []
                self.view.show_match(line, words[0] if words else "")
            self.refresh()

        return SearchTarget(lambda: self.view.text.lines, lambda: self.view.search_start, show)

    @property
    def page_size(self) -> int:
        return max(1, self.body_height - 1)

    def move_by(self, rows: int) -> None:
        self.view.scroll(rows)
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.move_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.move_by(-3)

    def action_ask(self, what: str) -> None:
        if self.card:
            self.post_message(self.PageAsked(what))


def page_rows(card: ModelCard, width: int) -> list[Row]:
    """The page as rows of text with styles."""
    rows: list[Row] = [[(card.model.name or card.model.endpoint_id, "strong")], []]
    facts = card.facts(now())
    room = max(width_of(name) for name, _ in facts) + 2
    for name, text in facts:
        rows += paragraph(text, "", width, lead=pad(name, room), lead_style="head")
    if card.model.description:
        rows += [[], *paragraph(card.model.description, "", width)]
    for title, fields in (("Inputs", card.inputs), ("Outputs", card.outputs)):
        rows += _fields(title, model_card.rows(fields), width)
    if card.fault:
        rows += [[], *paragraph(f"Inputs and outputs are not known: {card.fault}", "busy", width)]
    if card.siblings:
        rows += [[], [(f"Family  ({len(card.siblings)}; f shows one)", "strong")]]
        ids = max(width_of(endpoint_id) for endpoint_id, _ in card.family())
        for endpoint_id, what in card.family():
            rows.append([("  ", ""), (pad(endpoint_id, ids), "accent"), (f"  {what}", "dim")])
    rows += [[], [("On the web  (o opens one)", "strong")]]
    rows += [[("  ", ""), (pad(page.value, 12), "head"), (url, "dim")] for page, url in card.pages().items()]
    return rows


def _fields(title: str, fields: Sequence[FieldRow], width: int) -> list[Row]:
    if not fields:
        return []
    names = min(max(width_of(row.name) for row in fields), width // 3)
    kinds = min(max(width_of(row.type) for row in fields), 16)
    rows: list[Row] = [[], [(title, "strong")]]
    for row in fields:
        lead = f"  {pad(row.name, names)}  {pad(row.type, kinds)}  "
        rows += paragraph(row.words, "", width, lead=lead, lead_style="accent")
    return rows
