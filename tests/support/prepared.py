"""What is the same for each test, and need not be made anew for it: an empty history, and what a picture shows."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from fal_emulator.art import painting
from faldeck.history import Store

SHRINK = 16
"""How many times as wide and as high a picture is as what is painted of it."""

FRAMES = 4
"""The frames of a video."""


def new_history(path: Path) -> Path:
    """Puts an empty history at `path`, unless there is one: a copy takes a quarter of the work of making it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_empty_history())
    return path


@cache
def _empty_history() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.db")
        Store(path).close()
        return path.read_bytes()


def paint_coarsely(patch: pytest.MonkeyPatch) -> None:
    """Lets the emulator give pictures of the sizes asked for, of a few large pixels, and videos of a few frames."""
    for module in ("every", "images", "workflows"):
        patch.setattr(f"fal_emulator.models.{module}.paint", _enlarged)
    patch.setattr("fal_emulator.models.pictures.paint", _small)  # What stands for a file that is no picture.
    patch.setattr("fal_emulator.models.videos._MOST_FRAMES", FRAMES)


def _small(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    return painting.paint(prompt, seed, max(8, width // SHRINK), max(8, height // SHRINK))


def _enlarged(prompt: str, seed: int, width: int, height: int) -> Image.Image:
    return _small(prompt, seed, width, height).resize((width, height), Image.Resampling.NEAREST)
