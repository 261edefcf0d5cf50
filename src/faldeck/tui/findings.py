"""What is wrong with the values of a form, each at its place: found by a check, or typed and no value at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from faldeck import hostile
from faldeck.schema.document import Model
from faldeck.schema.fields import Problem
from faldeck.schema.jsonvalue import Path


class Findings:
    """The problems of one form."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._found: dict[Path, str] = {}
        self._refused: dict[Path, tuple[str, str]] = {}
        """Place → a text that is no value there, and why."""

    @property
    def problems(self) -> Mapping[Path, str]:
        """Place in the arguments → what is wrong there, as one clean line."""
        return self._found | {path: reason for path, (_, reason) in self._refused.items()}

    def take(self, problems: Iterable[Problem]) -> list[str]:
        """Puts each problem at its place, where there is none yet; gives what belongs to no field."""
        loose = []
        for problem in problems:
            message = hostile.clean_line(problem.message)
            if problem.loc and self._model.field(str(problem.loc[0])):
                self._found.setdefault(problem.loc, message)
            else:
                loose.append(message)
        return loose

    def refuse(self, path: Path, text: str, reason: str) -> None:
        """Keeps a text that is no value at a place, to be mended."""
        self._refused[path] = (text, hostile.clean_line(reason))

    def refused(self, path: Path) -> str:
        """The text that was typed there and is no value; empty where there is none."""
        return self._refused.get(path, ("", ""))[0]

    def forget_found(self, path: Path = ()) -> None:
        """Forgets what was found in the field that a place is in, or everywhere."""
        self._found = {place: text for place, text in self._found.items() if path and place[:1] != path[:1]}

    def forget_refused(self, path: Path = ()) -> None:
        """Forgets the texts that were refused at a place and inside it."""
        self._refused = {place: text for place, text in self._refused.items() if place[: len(path)] != path}
