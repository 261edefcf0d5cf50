"""Starts coroutines in the background, as workers of Textual, so that no key waits for them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def start(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str = "default", exclusive: bool = False
) -> Worker[None]:
    """Runs a coroutine function in a worker of a node; with `exclusive`, it replaces the other work of its group.

    It takes no coroutine: if the deck ended before the worker starts, the coroutine would never be awaited.
    """
    return node.run_worker(work, group=group, exclusive=exclusive)
