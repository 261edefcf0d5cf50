"""The line in which a key is typed: masked, and never copied, because copies travel to the terminal in the clear."""

from __future__ import annotations

from textual.actions import SkipAction

from faldeck.tui.one_line import OneLine


class SecretLine(OneLine):
    """A line that shows dots."""

    def __init__(self, *, value: str = "", placeholder: str = "", id: str) -> None:
        super().__init__(value=value, placeholder=placeholder, password=True, id=id, compact=True)

    def action_copy(self) -> None:
        raise SkipAction()

    def action_cut(self) -> None:
        self.delete_selection()
