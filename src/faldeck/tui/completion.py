"""The rest of a file's path, or of a word that stands for a file, suggested while it is typed."""

from __future__ import annotations

import asyncio

from textual.suggester import Suggester

from faldeck import localfiles


class PathSuggester(Suggester):
    """Suggests the first file or folder whose path begins with what is typed, or else what `words` suggests.

    Names that cannot be drawn as they are are left out: the line would show another.
    """

    def __init__(self, words: Suggester | None = None) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = words

    async def get_suggestion(self, value: str) -> str | None:
        if not value.startswith(("/", "~", ".")):
            return await self._words.get_suggestion(value.casefold()) if self._words else None
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
