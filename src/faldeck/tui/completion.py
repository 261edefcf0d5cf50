"""The rest of a file's path, suggested while it is typed."""

from __future__ import annotations

import asyncio

from textual.suggester import Suggester

from faldeck import localfiles


class PathSuggester(Suggester):
    """Suggests the first file or folder whose path begins with what is typed; links are left alone.

    So are names that cannot be drawn as they are: the line would show another.
    """

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
            for path in localfiles.place(f"{folder}/").iterdir()
            if path.name.startswith(start) and (start or not path.name.startswith(".")) and path.name.isprintable()
        )
    except (OSError, ValueError):
        return None
    return f"{folder}/{names[0]}" if names and "/" in typed else None
