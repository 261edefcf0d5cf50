"""The README's pictures, drawn by the deck itself: `python tests/tui/pictures.py` draws them anew.

The models and forms are the emulator's; the jobs are written down here, with a clock that stands still, so that the
same deck always draws the same bytes.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from person import Person, at_the_deck

from faldeck.emulator.server import Server
from faldeck.history import Lease, LogLine, Store
from faldeck.job import Cost, Failure, Job, Keeping, Output, State, id_text
from faldeck.schema.jsonvalue import JsonValue

FOLDER = Path(__file__).parents[2] / "screenshots"

NOW = datetime(2026, 6, 12, 14, 32, 8, tzinfo=UTC)
"""What the clock says in the pictures."""

ELSEWHERE = Lease("another deck", 2**53)
"""The live jobs are followed by somebody else, so that they stay as they are."""

HOME = "/home/ada/Pictures/faldeck"
FILES = "https://cdn.example/files"

FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
"""What stands in for the font that Rich fetches from the web."""


@dataclass(frozen=True)
class Entry:
    """One job of the history, told in brief."""

    ago: timedelta
    """How long before `NOW` it was submitted."""
    endpoint_id: str
    title: str
    state: State = State.COMPLETED
    took: float = 2.1
    """Seconds from the submit to the end."""
    files: tuple[tuple[str, int, int, int], ...] = ()
    """Extension, bytes, width and height of each file."""
    usd: float | None = None
    result: Mapping[str, JsonValue] = field(default_factory=dict)
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    error: Failure | None = None
    progress: str = ""
    position: int | None = None
    starred: bool = False


def ago(*, days: int = 0, hours: int = 0, minutes: int = 0, seconds: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


FOX = "A red fox asleep in fresh snow, first light through the birches"
WAVES = "Ocean waves under a golden sunset, the camera low over the water"
POSTCARD = "A harbour town at blue hour, lamps on the quay, boats coming home"
CAPTION = "A wide picture, mostly deep blue, gold and teal, with calm shapes behind each other."
GREETING = "Greetings from the lake. The water is cold and the evenings are long."

ENTRIES = (
    Entry(
        ago(seconds=6.4),
        "demo/reel/v2/image-to-video",
        "The camera slowly moves in on the sleeping fox",
        State.QUEUED,
        position=2,
    ),
    Entry(
        ago(seconds=41),
        "demo/reel/v2/text-to-video",
        WAVES,
        State.RUNNING,
        progress=" 45%|████▌     | 18/40 [00:12<00:15, 1.50it/s]",
    ),
    Entry(
        ago(minutes=3, seconds=20),
        "demo/sketch/pro",
        FOX,
        took=9.4,
        files=(("png", 1_241_880, 1024, 576), ("png", 1_198_204, 1024, 576)),
        usd=0.05,
        result={"seed": 20260612},
        arguments={"prompt": FOX, "num_images": 2, "seed": 20260612},
        starred=True,
    ),
    Entry(
        ago(minutes=9),
        "workflows/demo/postcard",
        POSTCARD,
        took=6.2,
        files=(("png", 934_112, 1024, 683), ("wav", 288_044, 0, 0)),
        usd=0.05,
        result={"back": {"greeting": GREETING}, "seed": 7},
        arguments={"prompt": POSTCARD, "greeting": GREETING, "seed": 7},
    ),
    Entry(
        ago(minutes=14),
        "demo/sketch/edit",
        "Make it night, and mirror the lake",
        State.FAILED,
        took=1.3,
        error=Failure(message="image_url: the file could not be downloaded", type="file_download_error", status=422),
    ),
    Entry(
        ago(minutes=26),
        "demo/clarity/upscale",
        "https://cdn.example/files/harbour-at-dusk.png",
        took=11.8,
        files=(("png", 8_412_774, 4096, 3072),),
        usd=0.26,
        result={"caption": CAPTION, "seed": 812, "timings": {"inference": 8.26}},
    ),
    Entry(ago(hours=1, minutes=2), "demo/scribe/chat", "Write about the sea at night, in four lines", took=1.1),
    Entry(
        ago(hours=1, minutes=40),
        "demo/voice/text-to-speech",
        "Good morning from the deck. Today will be clear and cold.",
        took=2.4,
        files=(("wav", 201_644, 0, 0),),
        usd=0.0029,
    ),
    Entry(
        ago(hours=3, minutes=5),
        "demo/sketch/trainer",
        "https://cdn.example/files/harbour-archive.zip",
        State.CANCELLED,
        took=74,
    ),
    Entry(
        ago(hours=4, minutes=18),
        "demo/sketch/fast",
        "A quiet harbour at dusk, lamps reflected in still water",
        files=(("png", 702_310, 1024, 768),),
        usd=0.003,
    ),
    Entry(
        ago(days=1, hours=2),
        "demo/tune/text-to-music",
        "Slow and thoughtful, a piano in an empty hall",
        took=7.7,
        files=(("wav", 705_644, 0, 0),),
        usd=0.02,
    ),
    Entry(
        ago(days=1, hours=3),
        "demo/poster/vector",
        "Mountains behind a lake, three flat colours, travel poster",
        took=3.0,
        files=(("svg", 18_204, 768, 1024),),
        usd=0.04,
    ),
    Entry(
        ago(days=2),
        "demo/terra/text-to-3d",
        "An island with one tall rock",
        took=14.5,
        files=(("glb", 412_908, 0, 0),),
        usd=0.1,
    ),
    Entry(
        ago(days=3),
        "demo/cutout/remove-background",
        "heron.png",
        took=1.6,
        files=(("png", 388_120, 1024, 768),),
        usd=0.005,
    ),
)
"""The newest first."""

CELL = 12.2
"""The width of a cell in Rich's drawings."""

BLANK = "&#160;"
RUN = re.compile(
    r'(?P<start><text [^>]*)x="(?P<x>[0-9.]+)"(?P<middle>[^>]*)textLength="(?P<length>[0-9.]+)"(?P<rest>[^>]*>)'
    rf"(?P<before>(?:{BLANK})*)(?P<text>[^<]*?)(?P<after>(?:{BLANK})*)</text>"
)
"""One run of text in a drawing, with the blanks around it."""

TYPES = {"png": "image/png", "svg": "image/svg+xml", "wav": "audio/wav", "glb": "model/gltf-binary"}


async def draw(folder: Path, url: str) -> dict[str, str]:
    """File name → SVG of each picture, drawn in the empty `folder` with the emulator at `url`."""
    with _still_clock():
        _write_down(folder / "history.db")
        return {
            "deck.svg": await _deck(folder, url),
            "result.svg": await _result(folder, url),
            "narrow.svg": await _narrow(folder, url),
        }


async def _deck(folder: Path, url: str) -> str:
    async with at_the_deck(url, folder, size=(120, 40)) as person:
        await person.open_form("demo/sketch/pro")
        await person.press("escape", "X", "1", "slash")
        await person.replace("sketch")
        await person.press("escape", "2")
        await person.fill("prompt", "A lighthouse on a cliff, storm light, gulls in the wind")
        await person.fill("negative_prompt", "people, text")
        await person.fill("num_images", "3")
        await person.fill("seed", "41")
        await _highlight(person, "A red fox")
        await person.press("2", "escape")
        await person.go_to("guidance_scale")
        return await _drawn(person)


async def _result(folder: Path, url: str) -> str:
    async with at_the_deck(url, folder, size=(120, 20)) as person:
        await _highlight(person, "https://")
        await person.press("enter")
        await person.sees("caption")
        return await _drawn(person)


async def _narrow(folder: Path, url: str) -> str:
    async with at_the_deck(url, folder, size=(80, 24)) as person:
        await _highlight(person, "A red fox")
        return await _drawn(person)


async def _highlight(person: Person, title: str) -> None:
    """Puts the cursor of the jobs on one of them."""
    await person.until(lambda: person.highlighted)
    titles = [job.title for job in person.jobs]
    await person.press("escape", "3", "home")
    person.burst(*["down"] * next(place for place, text in enumerate(titles) if text.startswith(title)))
    await person.rest()


async def _drawn(person: Person) -> str:
    await person.until(lambda: person.models.row_count() and not person.models.notice)
    await person.until(lambda: not person.app._notifications)
    await person.rest()
    svg = person.app.export_screenshot(title="faldeck", simplify=True)
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return RUN.sub(_trimmed, re.sub(r"Fira Code|arial", FONT, svg))


def _trimmed(run: re.Match[str]) -> str:
    """A run of text without the blanks around it, which some viewers leave out, and so move the rest."""
    before, after = run["before"].count(BLANK), run["after"].count(BLANK)
    x = float(run["x"]) + CELL * before
    length = float(run["length"]) - CELL * (before + after)
    return f'{run["start"]}x="{x:g}"{run["middle"]}textLength="{length:g}"{run["rest"]}{run["text"]}</text>'


def _write_down(path: Path) -> None:
    store = Store(path)
    for number, entry in enumerate(reversed(ENTRIES), 1):
        job = _job(entry, number)
        arguments = entry.arguments or {"prompt": entry.title}
        store.add(job, arguments, lease=ELSEWHERE)
        store.save(job, logs=[LogLine(job.created_at.isoformat(), "INFO", "Warm runner found")], result=entry.result)
        store.mark(job.id, starred=entry.starred)
    store.close()


def _job(entry: Entry, number: int) -> Job:
    submitted = NOW - entry.ago
    request_id = f"{number:08x}-5d0e-4c61-9b1a-{number * 7919:012x}"
    job = Job(
        id=id_text(round(submitted.timestamp() * 1000) << 22 | number),
        profile="demo",
        endpoint_id=entry.endpoint_id,
        state=entry.state,
        created_at=submitted,
        submitted_at=submitted,
        title=entry.title,
        request_id=request_id,
        progress=entry.progress,
        queue_position=entry.position,
        error=entry.error,
    )
    if entry.state.is_followed:
        return job
    model = entry.endpoint_id.replace("/", "-")
    outputs = [
        Output(
            at=f"images[{index}]",
            url=f"{FILES}/{request_id[:8]}-{index + 1}.{extension}",
            content_type=TYPES[extension],
            size_bytes=size,
            width=width or None,
            height=height or None,
            path=f"{HOME}/{submitted:%Y-%m-%d}/{model}/{request_id}-{index + 1}.{extension}",
            state=Keeping.SAVED,
        )
        for index, (extension, size, width, height) in enumerate(entry.files)
    ]
    return replace(
        job,
        completed_at=submitted + timedelta(seconds=entry.took),
        inference_seconds=round(entry.took * 0.7, 1) if entry.files else None,
        outputs=tuple(outputs),
        cost=Cost(total_usd=entry.usd, is_estimate=False) if entry.usd else None,
    )


@contextmanager
def _still_clock() -> Iterator[None]:
    """Lets the deck believe that it is `NOW`, in UTC."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {"TZ": "UTC"}))
        stack.callback(time.tzset)
        for place in ("faldeck.tui.jobs.now", "faldeck.tui.job_row.now"):
            stack.enter_context(mock.patch(place, lambda: NOW))
        time.tzset()
        yield


def main() -> None:
    """Draws the pictures into the project."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        variables = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA", "CACHE")}
        server = Server(host="127.0.0.1", port=0, state=home / "emulator", speed=1)
        thread = threading.Thread(target=server.serve_until_told)
        thread.start()
        try:
            with mock.patch.dict(os.environ, variables):
                drawn = asyncio.run(draw(home / "deck", server.url))
        finally:
            server.should_exit = True
            thread.join()
    FOLDER.mkdir(exist_ok=True)
    for file_name, svg in drawn.items():
        (FOLDER / file_name).write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
