"""The Models pane: the whole catalogue, searched at every keystroke."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Paste
from textual.strip import Strip
from textual.widgets import Input

from faldeck.app import paste, wording
from faldeck.history import ModelMark
from faldeck.tui.bindings import bindings
from faldeck.tui.panes.lines import Span, joined, wrap
from faldeck.tui.panes.pane import PLAIN, ListPane, PaneMessage
from faldeck.tui.panes.search_line import SearchLine

if TYPE_CHECKING:
    from faldeck.app.model_search import Finder
    from faldeck.config.settings import Profile
    from faldeck.fal.values import Model, Price


ENDPOINT_ID = re.compile(r"[\w.-]+(/[\w.-]+)+")
"""A text that may be an endpoint id, listed or not."""

UNLISTED = "This id is not listed. Enter tries it."

DESCRIPTION_LINES = 2


class ModelsPane(ListPane):
    """All known models, best match first. You can type any endpoint id, listed or not."""

    HELP = "Type to find a model by id, name, category or description. Enter opens its form."
    NUMBER, NAME = "1", "Models"

    BINDINGS: ClassVar[list[BindingType]] = bindings("models")

    @dataclass
    class ModelChosen(PaneMessage):
        """A model was chosen."""

        endpoint_id: str

    @dataclass
    class ModelStarred(PaneMessage):
        """A model was given a star, or lost it."""

        endpoint_id: str
        starred: bool

    class RefreshRequested(PaneMessage):
        """The person pressed the key that lists the models again."""

    def __init__(self) -> None:
        super().__init__(id="models")
        self._finder: Finder | None = None
        self._marks: Mapping[str, ModelMark] = {}
        self._prices: Mapping[str, Price] = {}
        self._profile: Profile | None = None
        """The profile whose models are listed; None before that."""
        self._found: list[Model] = []
        self._unlisted: Model | None = None
        """The typed text, if it may be a model that is not listed."""
        self._count = 0
        self.notice = ""
        """What the catalogue is doing, or what is wrong with it."""

    def compose(self) -> ComposeResult:
        yield SearchLine(self._find, id="search")

    @property
    def search(self) -> SearchLine:
        """The search line."""
        return self.query_one(SearchLine)

    def show_models(
        self,
        models: Sequence[Model],
        marks: Mapping[str, ModelMark],
        prices: Mapping[str, Price],
        profile: Profile,
    ) -> None:
        """Shows the catalogue of a profile. The cursor stays on its model if the model is still listed."""
        from faldeck.app.model_search import Finder  # Imported after the first frame.

        self._finder, self._count = Finder(models), len(models)
        self._marks, self._prices, self._profile = marks, prices, profile
        self._find(keep=self.highlighted)

    def go_to(self, endpoint_id: str) -> None:
        """Puts the cursor on a listed model, if the person has done nothing here yet."""
        if endpoint_id and self.cursor == 0 and not self.search.value:
            self._find(keep=endpoint_id)

    def say(self, notice: str) -> None:
        """Shows a notice instead of the number of models; an empty one removes it."""
        self.notice = notice
        self.refresh()

    @property
    def highlighted(self) -> str | None:
        """The endpoint id under the cursor."""
        return self._found[self.cursor].endpoint_id if self._found else None

    @property
    def top(self) -> int:
        return 1

    @property
    def foot(self) -> int:
        return 3 + DESCRIPTION_LINES if self.body_height >= 12 else 0

    def row_count(self) -> int:
        return len(self._found)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        if self.notice:
            return (), ((self.notice, PLAIN),)
        count = len(self._found) - (self._unlisted is not None)
        place = self.position.words(len(self._found), self.page_size, f"{count:,}")
        return (), ((f"{place} of {self._count:,}" if count != self._count else place, PLAIN),)

    def head_line(self, y: int) -> Strip:
        return self.drawn(((" / ", self.ink("accent")),))

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        model = self._found[index]
        starred, used_ms, _ = self._marks.get(model.endpoint_id, ModelMark())
        mark = ("★ ", self.ink("accent")) if starred else ("• ", self.ink("dim")) if used_ms else ("  ", PLAIN)
        owner, slash, rest = model.endpoint_id.partition("/")
        spans = [(" ", PLAIN), mark, (owner + slash, self.ink("dim"))]
        if model.is_deprecated:
            return [*spans, (rest, self.ink("dim"))], ((" deprecated ", self.ink("busy")),)
        if model is self._unlisted:
            return [*spans, (rest, PLAIN)], ((" not listed ", self.ink("busy")),)
        return [*spans, (rest, PLAIN)], ()

    def foot_line(self, y: int) -> Strip:
        if not self._found:
            return self.drawn(())
        model = self._found[self.cursor]
        if y == 0:
            return self.drawn((("─" * self.line_width, self.ink("rule")),))
        if y == 1:
            return self.drawn(((f" {model.name}", self.ink("strong")),))
        if y == 2:
            price = wording.price(self._prices.get(model.endpoint_id))
            facts = joined([(model.category, self.ink("accent")), (price, self.ink("good"))], (" · ", self.ink("dim")))
            return self.drawn(((" ", PLAIN), *facts))
        lines = wrap(model.description, self.line_width - 2, limit=DESCRIPTION_LINES)
        return self.drawn(((f" {lines[y - 3]}", self.ink("head")),) if y - 3 < len(lines) else ())

    def empty(self) -> Sequence[Sequence[Span]]:
        typed = self.search.value.strip()
        dim, strong = self.ink("dim"), self.ink("accent")
        if self._finder is None:
            return ()
        if not self._count:
            any_id = (("  Any endpoint id can be typed above.", dim),)
            if self.notice:
                return ((), (("  The models are being listed…", self.ink("busy")),), any_id)
            return ((), (("  No models are known yet.", dim),), (("  ^R", strong), (" lists them.", dim)), any_id)
        return ((), ((f"  No model matches “{typed}”.", dim),), (("  Esc", strong), (" shows all models.", dim)))

    def _find(self, *, keep: str | None = None) -> None:
        if self._finder is None:
            return
        self._found = self._with_typed(self._finder.find(self._typed(), marks=self._marks))
        places = (place for place, model in enumerate(self._found) if model.endpoint_id == keep)
        self.cursor = next(places, 0) if keep else 0
        self.scrolled = max(0, min(self.scrolled, self.cursor)) if keep else 0
        self.move_to(self.cursor)
        self.position.shown = self.cursor
        self.refresh()

    def _typed(self) -> str:
        """The words of the search: the model that a typed URL names, or else the typed text."""
        typed = self.search.value.strip()
        if "/" not in typed:
            return typed
        from faldeck.app.copied_url import endpoint_of, page_name

        named = endpoint_of(typed, [self._profile] if self._profile else [])
        return named or page_name(typed).replace("-", " ") or typed

    def on_paste(self, event: Paste) -> None:
        """Searches for pasted text. A pasted request goes to the screen, which offers to open its form."""
        if paste.is_code(event.text) or event.text.lstrip().startswith("{"):
            return
        event.stop()
        self.search.begin()
        self.search.value = " ".join(event.text.split())
        self.search.cursor_position = len(self.search.value)

    def _with_typed(self, found: list[Model]) -> list[Model]:
        """The models found. The one whose id is typed in full comes first, listed or not.

        If the typed text is a part of a listed id, the best match stays before an id that is not listed.
        """
        from faldeck.fal.values import Model

        typed = self._typed()
        found = sorted(found, key=lambda model: model.endpoint_id != typed)
        is_listed = any(model.endpoint_id == typed for model in found[:1])
        self._unlisted = None
        if is_listed or not ENDPOINT_ID.fullmatch(typed):
            return found
        self._unlisted = Model(typed, name=typed, description=UNLISTED)
        is_part = any(typed.lower() in model.endpoint_id.lower() for model in found)
        return [*found[:is_part], self._unlisted, *found[is_part:]]

    def moved(self) -> None:
        if self.foot:
            self.refresh()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def search_for(self, words: str) -> None:
        """Searches for words, and leaves the keys to the list."""
        self.search.value = words
        self.begin()

    def action_search(self) -> None:
        self.search.begin()

    def action_leave(self) -> None:
        if self.search.has_focus:
            self.begin()
            if self._found:
                return  # The words stay, so that the person can move through the models found.
        self.search.value = ""

    def action_choose(self) -> None:
        if self.highlighted:
            self.post_message(self.ModelChosen(self.highlighted))

    def action_star(self) -> None:
        if endpoint_id := self.highlighted:
            mark = self._marks.get(endpoint_id, ModelMark())
            self._marks = {**self._marks, endpoint_id: mark._replace(starred=not mark.starred)}
            self.refresh_row(self.cursor)
            self.post_message(self.ModelStarred(endpoint_id, not mark.starred))

    def action_refresh(self) -> None:
        self.post_message(self.RefreshRequested())
