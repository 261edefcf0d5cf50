"""Pasted texts in the deck: what is said of requests that are not understood."""

from __future__ import annotations

from faldeck import hostile
from faldeck.pasted import Pasted, is_code, is_same, request
from faldeck.schema.jsonvalue import Invalid

__all__ = ["NOT_TAKEN", "NO_MODEL", "Pasted", "is_code", "is_same", "request", "said"]

NOT_TAKEN = "Nothing was changed"
"""The title over what is said of a text that was not taken."""

NO_MODEL = "The pasted request names no model. Open its form first, and paste it there."


def said(fault: Invalid) -> str:
    """What is wrong with a pasted text, as a sentence."""
    verb = "is " if str(fault).startswith("not ") else ""
    return hostile.clean_line(f"The pasted text {verb}{fault}.")
