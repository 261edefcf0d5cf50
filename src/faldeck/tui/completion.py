"""The rest of a file's path, suggested while it is typed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.suggester import Suggester


class PathSuggester(Suggester):
    """Suggests the first file or folder whose path begins with what is typed; links are left alone."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        if not value.startswith(("/", "~", ".")):
            return None
        return await asyncio.to_thread(_completed, value)


def _completed(typed: str) -> str | None:
    folder, _, start = typed.rpartition("/")
    try:
        names = sorted(
            path.name + ("/" if path.is_dir() else "")
            for path in Path(f"{folder}/").expanduser().iterdir()
            if path.name.startswith(start) and (start or not path.name.startswith("."))
        )
    except OSError:
        return None
    return f"{folder}/{names[0]}" if names and "/" in typed else None
