"""Which Textual driver draws the deck: ours, which sends only the cells that changed, wherever it can run."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver


def driver_class() -> type[Driver] | None:
    """The driver for `App(driver_class=…)`; `None` leaves the choice to Textual.

    That is for Windows, for whoever sets `FALDECK_DRIVER=stock`, and for a host such as textual-serve that has
    chosen its own (`TEXTUAL_DRIVER`).
    """
    if sys.platform == "win32" or os.environ.get("FALDECK_DRIVER") == "stock" or "TEXTUAL_DRIVER" in os.environ:
        return None
    from faldeck.tui.cell_driver import CellDriver

    return CellDriver
