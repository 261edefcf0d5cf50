"""Tells a key that is held down from one that is pressed again: what it starts costs money each time. Pure."""

from __future__ import annotations

KEY_REPEAT_SECONDS = 1.0
"""The same thing started again within this time counts as a held key, and is not sent."""


class HeldKey:
    """Remembers what a key started last, and when the key came."""

    def __init__(self) -> None:
        self._started: tuple[object, ...] = ()
        self._came_at = 0.0

    def is_held(self, thing: object, came_at: float) -> bool:
        """Whether the key for a thing came a moment after the one before. `came_at`: seconds of the monotonic clock.

        That is when the key came, not when it acts: a busy machine may hand out held keys seconds apart.
        """
        is_held = thing in self._started and came_at - self._came_at < KEY_REPEAT_SECONDS
        self._came_at = max(came_at, self._came_at)
        if not is_held:
            self._started = (thing,)
        return is_held

    def count_as_started(self, thing: object, shown_at: float) -> None:
        """What the key has led to counts as the same thing.

        A person cannot mean what is not shown yet: even on a slow disk, keys until `shown_at` repeat the first.
        """
        self._started = (*self._started, thing)
        self._came_at = shown_at
