"""The Models pane: the whole catalogue, searched and filtered at every keystroke."""

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

from faldeck.history import ModelMark
from faldeck.tui.bindings import bindings
from faldeck.tui.panes import model_row
from faldeck.tui.panes.debounce import Debounce
from faldeck.tui.panes.filter_line import ModelSearchLine
from faldeck.tui.panes.lines import Span, joined
from faldeck.tui.panes.pane import PLAIN, ListPane, PaneMessage

if TYPE_CHECKING:
    from faldeck.app.model_list import ModelList
    from faldeck.config.settings import Profile
    from faldeck.fal.values import Model
    from faldeck.query.models import ModelQuery, ParsedModelQuery


ENDPOINT_ID = re.compile(r"[\w.-]+(/[\w.-]+)+")
"""A text that may be an endpoint id, listed or not."""

UNLISTED = "This id is not listed. Enter tries it."

TYPED_SECONDS = 0.3
"""After this pause in the typing the first model found is described. Nobody reads what each letter finds on the way."""

MOST_LOOSENED = 3
"""How many ways to find more are shown if nothing is found."""


class ModelsPane(ListPane):
    """All known models, best match first. You can type any endpoint id, listed or not."""

    HELP = "Type to find a model: words, or filters such as cat:video price:<0.1 star:yes. Enter opens its form."
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

    @dataclass
    class ModelAsked(PaneMessage):
        """The person pressed the key of something to do with a model: `note`, `page` or `web`."""

        what: str
        endpoint_id: str

    class RefreshRequested(PaneMessage):
        """The person pressed the key that lists the models again."""

    class PricesWanted(PaneMessage):
        """A filter or an order needs the prices of all models."""

    def __init__(self) -> None:
        super().__init__(id="models")
        self._models: ModelList | None = None
        self._aliases: Mapping[str, str] = {}
        self._profile: Profile | None = None
        """The profile whose models are listed; None before that."""
        self._found: list[Model] = []
        self._unlisted: Model | None = None
        """The typed text, if it may be a model that is not listed."""
        self._query: ModelQuery | None = None
        """What is shown now."""
        self._advice: list[str] = []
        """If nothing is found: what to leave out to find more, as sentences."""
        self._is_prepared = False
        """True once the shown models were prepared for a search."""
        self._asked_prices = False
        """True once the prices were asked for, for the shown models."""
        self.category = ""
        """The category that is shown; empty for all."""
        self._order_steps = 0
        """How often the order was changed."""
        self._described: Model | None = None
        """The model that is described below the list: the one on which the cursor rested last."""
        self._debounce = Debounce(self, self._describe)
        self.notice = ""
        """What the catalogue is doing, or what is wrong with it."""

    def compose(self) -> ComposeResult:
        yield ModelSearchLine(self._find, id="search")

    @property
    def search(self) -> ModelSearchLine:
        """The search line."""
        return self.query_one(ModelSearchLine)

    def show_models(self, models: ModelList, profile: Profile, aliases: Mapping[str, str]) -> None:
        """Shows the catalogue of a profile. The cursor stays on its model if the model is still listed.

        `aliases` are as the config has them.
        """
        if profile != self._profile:
            self._asked_prices = False
        if self.category not in models.categories:
            self.category = ""
        self._models, self._profile, self._aliases = models, profile, aliases
        self._is_prepared = False
        self.search.categories = models.categories
        self._find(keep=self.highlighted)
        self._describe()

    def _describe(self) -> None:
        """Describes the model under the cursor."""
        self._debounce.cancel()
        self._described = self._found[self.cursor] if self._found else None
        self.refresh_foot()

    def show_mark(self, endpoint_id: str, mark: ModelMark) -> None:
        """Shows other marks of a model."""
        if self._models is not None:
            self._models.marks[endpoint_id] = mark
            self.refresh()

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

    # Drawing

    @property
    def top(self) -> int:
        return 1

    @property
    def foot(self) -> int:
        return 1 + model_row.ABOUT_LINES if self.body_height >= 12 else 0

    def row_count(self) -> int:
        return len(self._found)

    def title(self) -> tuple[Sequence[Span], Sequence[Span]]:
        if self.notice:
            return (), ((self.notice, PLAIN),)
        count, known = len(self._found) - (self._unlisted is not None), len(self._models or ())
        place = self.position.words(len(self._found), self.page_size, f"{count:,}")
        position = f"{place} of {known:,}" if count != known else place
        return joined(((self.category, PLAIN), (self._order_word, PLAIN)), (" · ", PLAIN)), ((position, PLAIN),)

    @property
    def _order_word(self) -> str:
        """The order as a word; empty for the usual one."""
        query = self._query
        return "" if query is None or query.sort == "relevance" else f"{'-' if query.is_reversed else ''}{query.sort}"

    def head_line(self, y: int) -> Strip:
        return self.drawn(((" / ", self.ink("accent")),))

    def row(self, index: int) -> tuple[Sequence[Span], Sequence[Span]]:
        assert self._models is not None and self._query
        model = self._found[index]
        is_listed = model is not self._unlisted
        return model_row.spans(model, self._models, self._query, self.row_width, self.ink, is_listed=is_listed)

    def foot_line(self, y: int) -> Strip:
        if y == 0:
            return self.drawn(self.search.hint(self.ink) or (("─" * self.line_width, self.ink("rule")),))
        if not self._found or self._models is None or not self._described:
            return self.drawn(())
        return self.drawn(model_row.about(self._described, self._models, self.line_width, y - 1, self.ink))

    def empty(self) -> Sequence[Sequence[Span]]:
        if self._models is None:
            return ()
        if not len(self._models):
            return model_row.no_models_yet(self.ink, is_listing=bool(self.notice))
        return model_row.none_found(self.search.value.strip(), self.category, self._advice, self.line_width, self.ink)

    # Searching

    def _parsed(self) -> ParsedModelQuery:
        """The typed search; the model that a typed URL names takes its place."""
        from faldeck.query.models import parse

        return parse(self._typed())

    def _find(self, *, keep: str | None = None) -> None:
        if self._models is None:
            return
        query = self._query = self._wanted()
        found = self._models.find(query)
        self._advice = [] if found else self._ways_to_find_more(self._models, query)
        self._found = self._with_typed(found, query.words)
        if query.uses_prices and not self._asked_prices:
            self._asked_prices = True
            self.post_message(self.PricesWanted())
        places = (index for index, model in enumerate(self._found) if model.endpoint_id == keep)
        self.cursor = next(places, 0) if keep else 0
        self.scrolled = max(0, min(self.scrolled, self.cursor)) if keep else 0
        self.move_to(self.cursor)
        self.position.shown = self.cursor
        self.refresh()
        self._debounce.restart(TYPED_SECONDS)

    def _wanted(self) -> ModelQuery:
        """The typed search, in the chosen category and order."""
        from faldeck.query.models import ModelKey, ModelOrder, ModelTerm

        query = self._parsed().query
        if self.category:
            query = query.narrowed(ModelTerm.of(ModelKey.CATEGORY, self.category))
        orders = list(ModelOrder)
        if query.sort is ModelOrder.RELEVANCE and not query.is_reversed:
            query = query._replace(sort=orders[self._order_steps % len(orders)])
        return query

    def _ways_to_find_more(self, models: ModelList, query: ModelQuery) -> list[str]:
        from faldeck.app import model_documents

        ways = [models.unknown_category(query), *model_documents.loosened(models, query)[:MOST_LOOSENED]]
        return [way for way in ways if way]

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
        from faldeck.app import paste

        if paste.is_code(event.text) or event.text.lstrip().startswith("{"):
            return
        event.stop()
        self.search.begin()
        self.search.value = " ".join(event.text.split())
        self.search.cursor_position = len(self.search.value)

    def _with_typed(self, found: list[Model], typed: str) -> list[Model]:
        """The models found. The one whose id or alias is typed in full comes first, listed or not.

        If the typed text is a part of a listed id, the best match stays before an id that is not listed.
        """
        from faldeck.app.aliases import named_model
        from faldeck.fal.values import Model

        meant = named_model(typed, self._aliases) if typed in self._aliases else typed
        found = sorted(found, key=lambda model: model.endpoint_id != meant)
        is_listed = any(model.endpoint_id == meant for model in found[:1])
        self._unlisted = None
        if is_listed or not ENDPOINT_ID.fullmatch(meant):
            return found
        self._unlisted = Model(meant, name=meant, description=UNLISTED)
        is_part = meant == typed and any(typed.lower() in model.endpoint_id.lower() for model in found)
        return [*found[:is_part], self._unlisted, *found[is_part:]]

    def moved(self) -> None:
        self._debounce.restart()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def on_descendant_focus(self) -> None:
        """A search begins: what the first letters would wait for is done in a thread."""
        if self._models is not None and not self._is_prepared:
            self._is_prepared = True
            self.run_worker(self._models.prepare, thread=True, group="prepare")

    # Actions

    def search_for(self, words: str) -> None:
        """Searches for words, and leaves the keys to the list."""
        self.search.value = words
        self.begin()

    def action_search(self) -> None:
        self.search.begin()
        self.refresh_foot()

    def action_leave(self) -> None:
        if self.search.has_focus:
            self.begin()
            self.refresh_foot()
            if self._found:
                return  # The words stay, so that the person can move through the models found.
        self.category = ""
        self.search.value = ""
        self._find(keep=self.highlighted)

    def action_choose(self) -> None:
        if self.highlighted:
            self.post_message(self.ModelChosen(self.highlighted))

    def action_star(self) -> None:
        if (endpoint_id := self.highlighted) and self._models is not None:
            mark = self._models.mark(endpoint_id)
            self._models.marks[endpoint_id] = mark._replace(starred=not mark.starred)
            self.refresh_row(self.cursor)
            self.post_message(self.ModelStarred(endpoint_id, not mark.starred))

    def action_category(self, steps: int) -> None:
        if self._models is not None:
            self.category = self._models.next_category(self.category, steps)
            self._find()

    def action_sort(self) -> None:
        self._order_steps += 1
        self._find()

    def action_ask(self, what: str) -> None:
        if self.highlighted:
            self.post_message(self.ModelAsked(what, self.highlighted))

    def action_refresh(self) -> None:
        self.post_message(self.RefreshRequested())
