"""The screenshots of the README, drawn by the deck: `cd tests && python -m support.pictures` draws them again.

The models and forms are the emulator's; the jobs are written down in `pictured_jobs`, and the clock stands still, so
that the same deck always draws the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from unittest import mock

from fal_emulator.art.painting import paint, png
from fal_emulator.server import Server
from faldeck.config import credentials, toml_edit
from faldeck.config.settings import load
from faldeck.engine.leases import LeaseHolder
from faldeck.schema.json_value import JsonValue
from faldeck.tui.pictures import blocks
from faldeck.tui.pictures.gallery import Gallery
from faldeck.tui.theme import LIGHT_NAME
from support.person import Person, at_the_deck
from support.pictured_jobs import NOW, write_down, write_down_a_year

FOLDER = Path(__file__).parents[2] / "screenshots"

FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
"""What stands in for the font that Rich fetches from the web."""

CELL = 12.2
"""The width of a cell in Rich's drawings."""

BLANK = "&#160;"
RUN = re.compile(
    r'(?P<start><text [^>]*)x="(?P<x>[0-9.]+)"(?P<middle>[^>]*)textLength="(?P<length>[0-9.]+)"(?P<rest>[^>]*>)'
    rf"(?P<before>(?:{BLANK})*)(?P<text>[^<]*?)(?P<after>(?:{BLANK})*)</text>"
)
"""One run of text in a drawing, with the blanks around it."""


async def draw(folder: Path, url: str) -> dict[str, str]:
    """File name → SVG of each picture, drawn in the empty `folder` with the emulator at `url`."""
    with _still_clock():
        write_down(folder / "history.db")
        return {
            "deck.svg": await _deck(folder, url),
            "wide.svg": await _wide(folder, url),
            "result.svg": await _result(folder, url),
            "narrow.svg": await _narrow(folder, url),
            "form-nested.svg": await _nested(folder, url),
            "form-choice.svg": await _choice(folder, url),
            "form-files.svg": await _files(folder, url),
            "profiles.svg": await _profiles(folder, url),
            "stats.svg": await _stats(folder / "sums", url),
            "jobs.svg": await _jobs(folder, url),
        }


async def _deck(folder: Path, url: str) -> str:
    async with _painted(folder, "a lighthouse at dawn", 9), at_the_deck(url, folder, size=(120, 40)) as person:
        # A list that is read later would show the price that the form asks for.
        await person.until(lambda: not person.app.engine.catalogue.is_stale and not person.models.notice)
        await person.rest()
        await person.open_form("demo/sketch/pro")
        await person.press("escape", "1", "slash")
        await person.replace("sketch")
        await person.press("escape", "2")
        await person.fill("prompt", "A lighthouse on a cliff, storm light, gulls in the wind")
        await person.fill("negative_prompt", "people, text")
        await person.fill("num_images", "3")
        await person.fill("seed", "41")
        await _highlight(person, "A red fox")
        await person.press("2", "escape")
        await person.go_to("guidance_scale")
        await person.sees("about $0.075", blocks.UPPER_HALF)
        return await _drawn(person)


async def _wide(folder: Path, url: str) -> str:
    """A wide window with a light theme: a long prompt, and the result at full height beside it."""
    prompt = (
        "A harbour town at blue hour, lamps on the quay, boats coming home, wet stones in the foreground, "
        "long exposure, a single red boat in the middle, painted with a dry brush on rough paper"
    )
    async with _painted(folder, "a harbour at dusk", 812), at_the_deck(url, folder, size=(172, 46)) as person:
        person.app.theme = LIGHT_NAME
        await person.until(lambda: not person.app.engine.catalogue.is_stale and not person.models.notice)
        await person.open_form("demo/sketch/pro")
        await person.press("escape", "1", "slash")
        await person.replace("")
        await person.press("escape", "2")
        await person.fill("prompt", prompt)
        await person.fill("seed", "812")
        await _highlight(person, "A harbour town")
        await person.sees("dry brush", blocks.UPPER_HALF)
        return await _drawn(person)


async def _result(folder: Path, url: str) -> str:
    async with _painted(folder, "a harbour at dusk", 812), at_the_deck(url, folder, size=(120, 40)) as person:
        await _highlight(person, "harbour-at-dusk")
        await person.press("enter")
        await person.sees("caption", blocks.UPPER_HALF)
        return await _drawn(person)


@asynccontextmanager
async def _painted(folder: Path, prompt: str, seed: int) -> AsyncIterator[None]:
    """Shows one painted picture for every output."""
    file = folder / f"{seed}.png"
    file.write_bytes(png(paint(prompt, seed, 512, 384)))
    draw = Gallery.draw
    with mock.patch.object(Gallery, "draw", lambda self, path, *room: draw(self, str(file), *room)):
        yield


async def _narrow(folder: Path, url: str) -> str:
    async with at_the_deck(url, folder, size=(80, 24)) as person:
        await _highlight(person, "A red fox")
        await person.sees("A red fox")
        return await _drawn(person)


async def _jobs(folder: Path, url: str) -> str:
    """The list at full width: a filter, marked jobs, tags and a note, and a deletion that can be undone."""
    async with at_the_deck(url, folder, size=(109, 24)) as person:
        await _highlight(person, "A red fox")
        newest = [job.id for job in person.jobs[:6]]
        person.store.marks.tag(newest[1:4], ["harbour"])
        person.store.marks.note(newest[2:3], "the light is right")
        person.store.marks.star(newest[:2], True)
        person.jobs_pane.changed()
        await person.press("home", "down", "down", "D")
        await person.sees("Delete 1 job?")
        await person.press("down", "enter")
        await person.sees("U restores it", "#harbour")
        await person.press("slash")
        await person.type("-state:failed")
        await person.press("enter", "home", "space", "space", "space")
        await person.sees("3 marked")
        return await _drawn(person)


async def _nested(folder: Path, url: str) -> str:
    """A list of LoRA weights, and objects five deep."""
    scene = {
        "short_description": "A harbour at blue hour",
        "objects": [
            {"description": "A red boat", "colors": [{"r": 178, "g": 34, "b": 34}], "boxes": [{"x": 40, "y": 90}]},
            {"description": "Lamps on the quay", "colors": [{"r": 255, "g": 196, "b": 84}]},
        ],
    }
    loras = [{"path": "https://cdn.example/ink.safetensors", "scale": 0.8}, {"path": "harbour/lamps", "scale": 5}]
    async with at_the_deck(url, folder, size=(100, 44)) as person:
        await _fill(person, {"prompt": "A harbour", "loras": loras, "structured": scene})
        await _open(person, "loras", ["down", "enter"])
        await _open(person, "structured", ["enter", "enter", "down", "down", "enter", "down", "enter"])
        await person.press("down", "down", "enter", "down", "down", "enter", "down", "enter")
        await person.sees("must be at most 4", "██ #b22222")
        return await _drawn(person)


async def _choice(folder: Path, url: str) -> str:
    """One of 1,287 values."""
    async with at_the_deck(url, folder, size=(100, 30)) as person:
        await _fill(person, {"prompt": "A harbour"})
        await person.go_to("voice")
        await person.press("enter")
        await person.type("warm hindi")
        await person.sees("Mira (warm, Hindi)")
        return await _drawn(person)


async def _files(folder: Path, url: str) -> str:
    """Several files in one field, too many of them."""
    links = [f"https://cdn.example/files/harbour-{number}.png" for number in range(1, 6)]
    async with at_the_deck(url, folder, size=(80, 24)) as person:
        await _fill(person, {"prompt": "A harbour", "image_urls": links})
        await _open(person, "image_urls", ["enter", "down", "down"])
        await person.sees("must have at most 4 items, has 5")
        return await _drawn(person)


async def _fill(person: Person, values: JsonValue) -> None:
    """Opens the form of every kind and fills it by a paste."""
    await person.open_form("demo/every/field")
    await person.press("escape", "J", "f7")
    await person.paste(json.dumps(values))
    await person.press("ctrl+j")


async def _open(person: Person, field: str, keys: Sequence[str]) -> None:
    """Goes to a field and types keys there."""
    await person.go_to(field)
    await person.press(*keys)


async def _profiles(folder: Path, url: str) -> str:
    toml_edit.save_profile("hk", {"queue_url": "https://hk.relay.example", "auth": "Bearer"})
    toml_edit.save_profile("uni", {"queue_url": "https://uni.relay.example/fal-ai", "key_env": "UNI_KEY"})
    toml_edit.save_profile("pictures", {"images_url": "https://pictures.example/v1/images/generations"})
    for name in ("fal", "hk"):
        credentials.save(name, "0f1e2d3c:drawn-nowhere")
    async with at_the_deck(url, folder, size=(100, 28), profiles=load().profiles) as person:
        await _highlight(person, "A red fox")
        await person.sees("A red fox")
        await person.press("P", "home", "down")
        await person.sees("hk.relay.example, Bearer")
        return await _drawn(person)


async def _stats(folder: Path, url: str) -> str:
    write_down_a_year(folder / "history.db")
    async with at_the_deck(url, folder, size=(100, 28)) as person:
        await person.until(lambda: person.models.row_count() and not person.models.notice)
        await person.press("escape", "$", "y", "b", "b")
        await person.sees("by model", "━━")
        return await _exported(person)


async def _highlight(person: Person, title: str) -> None:
    """Puts the cursor of the jobs on one of them."""
    await person.until(lambda: person.highlighted)
    titles = [job.title for job in person.jobs]
    await person.press("escape", "3", "home")
    person.burst(*["down"] * next(place for place, text in enumerate(titles) if text.startswith(title)))
    await person.rest()


async def _drawn(person: Person) -> str:
    await person.until(lambda: person.models.row_count() and not person.models.notice)
    return await _exported(person)


async def _exported(person: Person) -> str:
    await person.until(lambda: not person.app._notifications and not person.app.screen.query("Toast"))
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


@contextmanager
def _still_clock() -> Iterator[None]:
    """Lets the deck believe that it is `NOW`, in UTC."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {"TZ": "UTC", "COLORTERM": "truecolor"}))
        stack.callback(time.tzset)
        clocks = ("tui.panes.section_tabs", "tui.panes.job_row", "tui.panes.stats", "app.wording")
        for place in (f"faldeck.{module}.now" for module in clocks):
            stack.enter_context(mock.patch(place, lambda: NOW))
        time.tzset()
        # On a slow machine the leases of the live jobs would lapse, and the deck would ask for them.
        stack.enter_context(mock.patch.object(LeaseHolder, "is_over", lambda self, lease: False))
        yield


def main() -> None:
    """Draws the pictures into the project."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        variables = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA", "CACHE")} | {"FAL_KEY": ""}
        server = Server(host="127.0.0.1", port=0, state=home / "emulator", speed=1)
        thread = threading.Thread(target=server.serve_until_stopped)
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
