"""A person at a deck that runs without a terminal: types keys, reads the screen, waits until something is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx
from textual._context import visible_screen_stack
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot

from faldeck.app.session import Session
from faldeck.config.deck_state import DeckMemory
from faldeck.config.settings import Config, Profile, demo_profile
from faldeck.history import Query, Store
from faldeck.job import Job
from faldeck.schema.json_value import JsonValue
from faldeck.tui.actions.places import save
from faldeck.tui.app import DeckApp
from faldeck.tui.form.pane import FormPane
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.panes.models import ModelsPane
from faldeck.tui.panes.pane import Pane
from faldeck.tui.panes.result import ResultPane
from support.deck_rest import QUIET_TURNS, ThreadedWork, drawn_when_looked_at, has_no_message_left, parsed_once
from support.prepared import new_history

PATIENCE_SECONDS = 30.0
"""Longer than anything waited for takes, however busy the machine."""

ASKED_SECONDS = 0.1
"""How often a screen is asked whether it is drawn."""

Seen = TypeVar("Seen")

CHARACTERS = {"enter": "\r", "tab": "\t", "space": " "}
"""What the terminal sends along with keys that have a name."""


class Person:
    """What a person does and sees. `press` waits until each key has acted; `burst` types ahead."""

    def __init__(self, app: DeckApp, pilot: Pilot[str], history_path: Path, threads: ThreadedWork) -> None:
        self.app = app
        self._threads = threads
        self._pilot = pilot
        self._history_path = history_path

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> Store:
        """A view of the history of the person's own, as another program would have one."""
        return Store(self._history_path)

    async def press(self, *keys: str) -> None:
        """Types keys one by one: by name, or as the one character they type."""
        for key in keys:
            self.burst(key)
            await self._acted()
        await self._drawn()

    async def type(self, text: str) -> None:
        """Types a text, waiting for its effect at the end alone."""
        self.burst(*text)
        await self.rest()

    async def replace(self, text: str) -> None:
        """Types a text in place of what stands in the line at hand."""
        await self.press("end", "ctrl+u")
        await self.type(text)

    async def paste(self, text: str) -> None:
        """Puts a text in as the terminal does, all at once."""
        self.app.post_message(Paste(text))
        await self.rest()

    def burst(self, *keys: str) -> None:
        """Types keys without waiting for anything, as they arrive over a slow line."""
        for key in keys:
            character = key if len(key) == 1 else CHARACTERS.get(key)
            self.app.post_message(Key(_character_to_key(key) if len(key) == 1 else key, character))

    async def resize(self, width: int, height: int) -> None:
        """Gives the terminal another size."""
        await self._pilot.resize_terminal(width, height)

    async def rest(self) -> None:
        """Waits until every key has acted, and the screen shows it."""
        await self._acted()
        await self._drawn()

    async def _acted(self) -> None:
        """Waits until no key acts, no widget has a message left and no thread works, for some turns of the loop."""
        end = time.monotonic() + PATIENCE_SECONDS
        turns = quiet = 0
        while quiet < QUIET_TURNS and not self.app._exit:
            if time.monotonic() > end:
                raise AssertionError(f"the deck does not come to rest; the screen is\n{self.screen}")
            # What the disk or the service is asked for needs the processor more than the one who looks on.
            await asyncio.sleep(0 if turns < 5 * QUIET_TURNS else 0.002)
            turns += 1
            is_quiet = self.app.is_idle and has_no_message_left(self.app) and not self._threads.is_under_way
            quiet = quiet + 1 if is_quiet else 0

    async def _drawn(self) -> None:
        drawn = asyncio.Event()
        end = time.monotonic() + PATIENCE_SECONDS
        while not (drawn.is_set() or self.app._exit):
            if time.monotonic() > end:
                raise AssertionError(f"the screen is never drawn; it is\n{self.screen}")
            # A screen that is covered or laid out meanwhile answers when it is asked again, and not before.
            self.app.screen.call_after_refresh(drawn.set)
            with suppress(TimeoutError):
                await asyncio.wait_for(drawn.wait(), ASKED_SECONDS)

    async def left(self, profile: str) -> None:
        """Waits until the deck has been left for another profile."""
        await self.until(lambda: self.app._exit)
        assert self.app.return_value == profile

    async def until(self, wanted: Callable[[], Seen | None]) -> Seen:
        """What `wanted` gives, as soon as that is something."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := wanted()):
            if time.monotonic() > end or self.app._exit:
                words = "the deck was left" if self.app._exit else "it did not come"
                raise AssertionError(f"{words}; the screen is\n{self.screen}")
            await asyncio.sleep(0.005)
        return found

    # What is done often

    async def open_form(self, endpoint_id: str) -> None:
        """Searches a model and opens its form."""
        await self.until(lambda: self.models.row_count())
        await self.press("escape", "1", "slash")
        await self.replace(endpoint_id)
        before = self.form.state
        await self.press("enter")
        await self.until(lambda: self.form.state not in (before, None))
        assert self.form.endpoint_id == endpoint_id
        await self.rest()

    async def go_to(self, name: str) -> None:
        """Puts the form's cursor on the field called `name`, which is unfolded where it has to be."""
        await self.press("escape", "end")
        state = self.form.state
        assert state is not None
        if not self.here and state.tree.hidden:
            await self.press("enter")
        await self.press("home")
        places = [row.path for row in state.rows()]
        self.burst(*["down"] * places.index((name,)))
        await self.rest()
        assert self.here == name, self.screen

    async def fill(self, name: str, text: str) -> None:
        """Types a text into a field's line."""
        await self.go_to(name)
        await self.press("enter")
        await self.replace(text)

    @property
    def active(self) -> str:
        """The id of the pane that has the focus."""
        return next((pane.id or "" for pane in self.app.screen_stack[0].query(Pane) if pane.is_active), "")

    def pane(self, name: str) -> Pane:
        """The pane of that id."""
        return self.app.screen_stack[0].query_one(f"#{name}", Pane)

    @property
    def models(self) -> ModelsPane:
        """The Models pane."""
        return self.app.screen_stack[0].query_one(ModelsPane)

    @property
    def form(self) -> FormPane:
        """The Form pane."""
        return self.app.screen_stack[0].query_one(FormPane)

    @property
    def jobs_pane(self) -> JobsPane:
        """The Jobs pane."""
        return self.app.screen_stack[0].query_one(JobsPane)

    @property
    def result(self) -> ResultPane:
        """The Result pane."""
        return self.app.screen_stack[0].query_one(ResultPane)

    @property
    def highlighted(self) -> Job | None:
        """The job that the cursor is on."""
        return self.jobs_pane.highlighted

    @property
    def here(self) -> str:
        """The name of the field that the form's cursor is on; empty on the row that unfolds the rest."""
        row = self.form.here
        return row.field.name if row and row.field else ""

    # What is shown

    @property
    def screen(self) -> str:
        """All that is shown, row by row, without the blanks at the ends."""
        visible_screen_stack.set(self.app._background_screens)
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def sees(self, *texts: str) -> None:
        """Waits until all the texts are on the screen."""
        for text in texts:
            try:
                await self.until(lambda text=text: text in self.screen)  # type: ignore[misc]
            except AssertionError as error:
                raise AssertionError(f"{text!r}: {error}") from None

    async def sees_no(self, text: str) -> None:
        """Waits until the text is gone from the screen."""
        await self.until(lambda: text not in self.screen)

    def line(self, *texts: str) -> str:
        """The first line of the screen that holds all the texts; an empty one if there is none."""
        return next((line for line in self.screen.splitlines() if all(text in line for text in texts)), "")

    def row(self, field: str) -> str:
        """The Form pane's row of a field; an empty text where it is not shown."""
        rows = (line.rpartition("│")[2] for line in self.screen.splitlines())
        return next((row for row in rows if row.split()[:1] in ([field], [f"{field}*"])), "")

    @property
    def job_rows(self) -> list[str]:
        """The rows of the Jobs pane, from the top."""
        lines = self.screen.splitlines()
        top = next((y for y, line in enumerate(lines) if line.startswith(" 3 Jobs")), len(lines))
        rows = (line.partition("│")[0].strip() for line in lines[top + 1 : -1])
        return [row for row in rows if row]

    @property
    def job_filter(self) -> str:
        """The section of the job list that is open."""
        return self.app.screen_stack[0].query_one(JobsPane).choice.section.name

    # What is on disk

    @property
    def jobs(self) -> list[Job]:
        """Every job on disk, newest first."""
        return self.store.page(Query(), limit=1_000)

    async def job(self, wanted: Callable[[Job], bool] = lambda job: not job.is_open) -> Job:
        """The newest job on disk, once it is as wanted: over, unless said otherwise."""
        return await self.until(lambda: next((job for job in self.jobs[:1] if wanted(job)), None))


@asynccontextmanager
async def at_the_deck(
    url: str,
    folder: Path,
    *,
    size: tuple[int, int] = (120, 40),
    profile: Profile | None = None,
    is_drawn: bool = False,
    memory_path: Path | None = None,
    **settings: Any,
) -> AsyncIterator[Person]:
    """Opens a deck on the service at `url`, with its history and outputs in `folder`; closes it in the end.

    Another one on the same folder, at the same time or later, is the same person's second window. `profile` is
    used instead of the demo's. With `is_drawn` every change is drawn at once, as it is for a terminal. `memory_path`
    is the file of what the deck remembers; without it nothing is remembered.
    """
    config = replace(Config(output_dir=folder / "outputs", sidecar=False), **settings).with_profile(
        profile or demo_profile(url)
    )
    engine = Session(config, new_history(folder / "history.db"))
    app = DeckApp(engine, memory=DeckMemory(memory_path))
    threads = ThreadedWork()
    try:
        with threads.watched(), parsed_once(), nullcontext() if is_drawn else drawn_when_looked_at():
            async with app.run_test(size=size, notifications=True) as pilot:
                with Person(app, pilot, folder / "history.db", threads) as person:
                    yield person
                # The end of a test closes the widgets below those who still work with them; leaving does not.
                app.exit(app.return_value)
                if app._task:
                    await app._task
    finally:
        save(app.memory)
        await engine.close()


def received(url: str, job: Job) -> JsonValue:
    """The arguments that the service at `url` got with a job's request."""
    answer = httpx.get(
        f"{url}/api/v1/models/requests/by-endpoint",
        params={"endpoint_id": job.endpoint_id, "request_id": job.request_id or "", "expand": "payloads"},
        headers={"Authorization": "Key any"},
        verify=False,
    )
    arguments: JsonValue = answer.json()["items"][0]["json_input"]
    return arguments
