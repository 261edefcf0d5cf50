"""Notes which request made a saved output: in a file beside it (its sidecar) or inside the output itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faldeck.history import embedded, sidecar
from faldeck.job import Body, Job, Output

if TYPE_CHECKING:
    from faldeck.config.settings import Config


class OriginWriter(NamedTuple):
    """Writes what made an output, in the places that the settings name."""

    beside: bool = False
    """In a sidecar next to the output."""
    inside: bool = False
    """In the output, if that is a picture that can hold it."""

    @classmethod
    def of(cls, config: Config) -> OriginWriter:
        """The writer that the settings ask for."""
        return cls(config.sidecar, config.embed)

    def applies_to(self, job: Job) -> bool:
        """Whether anything is written about the outputs of a job.

        A job without history leaves none of its arguments behind; those of an adopted request may be unknown.
        """
        return (self.beside or self.inside) and not job.no_history and job.input_known

    def write_beside(self, job: Job, body: Body, output: Output) -> str:
        """Writes the sidecar of a saved output; returns what went wrong, as a sentence. The output is saved anyway."""
        if not self.beside or not self.applies_to(job):
            return ""
        try:
            sidecar.save(job, body, output)
        except OSError as error:
            return _problem(sidecar.path_beside(Path(output.path or "")), error)
        return ""

    def write_inside(self, job: Job, body: Body, output: Output) -> str:
        """The same for the text inside the output."""
        if not self.inside or not self.applies_to(job):
            return ""
        try:
            embedded.save(job, body, output)
        except OSError as error:
            return _problem(Path(output.path or ""), error)
        return ""


def _problem(path: Path, error: OSError) -> str:
    return f"{path} could not be written: {error.strerror or error}."
