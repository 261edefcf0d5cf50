"""What teaches the deck: the topics of the help, the tour, and the messages that were shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from faldeck.safety import sanitize
from faldeck.tui.actions.ui import Ui

if TYPE_CHECKING:
    from faldeck.config.deck_state import DeckMemory

MOST_MESSAGES = 200

OFFER = "New here? ^P, then: tour"
"""The offer of the tour in the header, on a first start without a history."""


class ShownMessage(NamedTuple):
    """A message that was shown for a while."""

    at: datetime
    text: str
    """One clean line, with the title before it."""


class MessageLog:
    """The last messages, in memory."""

    def __init__(self, clock: Callable[[], datetime] = datetime.now) -> None:
        self._clock = clock
        self._shown: deque[ShownMessage] = deque(maxlen=MOST_MESSAGES)

    def add(self, text: str, title: str = "") -> None:
        """Keeps a message. It may hold text from outside."""
        words = f"{title}: {text}" if title else text
        self._shown.append(ShownMessage(self._clock(), sanitize.clean_line(words)))

    @property
    def newest_first(self) -> Sequence[ShownMessage]:
        """All messages that are kept."""
        return tuple(reversed(self._shown))


class TourStep(NamedTuple):
    """One step of the tour: a pane, and what it is for."""

    pane: str
    title: str
    text: str


TOUR = (
    TourStep(
        "models",
        "1 of 5: find a model",
        "Every model of the service is in this list. / searches it as you type, s stars one, "
        "and Enter opens its form. The price is below the list.",
    ),
    TourStep(
        "form",
        "2 of 5: say what you want",
        "The form is made from the model. Enter or i starts typing in a field, Esc ends it. "
        "Dim values are the model's own and are not sent. Fields that are rarely used are folded at the end.",
    ),
    TourStep(
        "form",
        "3 of 5: submit",
        "^J (Ctrl and J) sends the request, and nothing else does. The estimate stands at the end of the form. "
        "Above your limit you are asked first, and no request is ever sent twice by itself.",
    ),
    TourStep(
        "jobs",
        "4 of 5: follow the jobs",
        "All your requests are here, for good. Many run at once, and they go on when you quit. "
        "/ filters them, r sends one again, e edits it first, c cancels it, W says why it failed.",
    ),
    TourStep(
        "result",
        "5 of 5: keep the result",
        "The picture is drawn here and saved as a file. o opens it, y copies its URL, u in Jobs uses it as input. "
        "? shows the keys of a pane, ^P finds every command and the help by topic.",
    ),
)


async def take_tour(ui: Ui, memory: DeckMemory) -> None:
    """Walks through the panes. It can be left at each step; then it is not offered again."""
    from faldeck.tui.dialogs.picker import Picker, PickerItem

    place = 0
    while 0 <= place < len(TOUR):
        step = TOUR[place]
        ui.show_pane(step.pane)
        answers = [PickerItem("Go on" if place + 1 < len(TOUR) else "Done", 1)]
        answers += [PickerItem("Back", -1)] if place else []
        answers += [PickerItem("Leave the tour", 0, hint="Esc")] if place + 1 < len(TOUR) else []
        picked = await ui.ask(Picker(step.title, answers, width=60, text=step.text))
        if picked is None or picked.value == 0:
            break
        place += picked.value
    memory.change(has_seen_tour=True)
    if place == len(TOUR):
        ui.show_pane("models")


async def show_topic(ui: Ui, name: str) -> None:
    """Shows a topic of the help; raises UnknownTopic."""
    from faldeck.app import help_topics
    from faldeck.tui.dialogs.reading import ReadingDialog

    topic = help_topics.topic(name)
    await ui.ask(ReadingDialog(topic.about, topic.text))


async def show_messages(ui: Ui, log: MessageLog, width: int, copy: Callable[[str], None]) -> None:
    """Shows the messages, the newest first; the picked one is copied."""
    from faldeck.tui.dialogs.picker import Picker, PickerItem

    items = [PickerItem(one.text, one.text, lead=f"{one.at:%H:%M:%S}") for one in log.newest_first]
    text = "Enter copies a message." if items else "There were no messages since faldeck started."
    picked = await ui.ask(Picker("Messages", items, width=min(width - 4, 110), text=text))
    if picked:
        copy(picked.value)
