"""What a form would send, at one instant. Typing goes on while its files are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faldeck.app import pricing
from faldeck.engine import local_files
from faldeck.fal.values import Price
from faldeck.job import Upload
from faldeck.schema.arguments import Arguments
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import ValueProblem
from faldeck.schema.json_value import JsonValue


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has been filled in."""

    model: ModelSchema
    arguments: Arguments
    options: Mapping[str, JsonValue]
    """How it is to be run; see `run_options`."""

    def uploads(self) -> list[Upload]:
        """The local files among the arguments."""
        return local_files.uploads(self.model, self.arguments)

    def file_problems(self) -> list[ValueProblem]:
        """What is wrong with them, as the disk says."""
        return local_files.problems(self.model, self.arguments)

    def estimate_usd(self, price: Price | None) -> float | None:
        """About what it will cost."""
        return pricing.estimate(price, self.model, self.arguments)
