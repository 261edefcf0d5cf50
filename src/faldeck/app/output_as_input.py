"""Files of jobs as the input of other requests: where such a file is, and which job the new one comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from faldeck.job import Body, FileState, Job, Output, now
from faldeck.schema.json_value import InvalidValue

if TYPE_CHECKING:
    from faldeck.fal.values import Model
    from faldeck.history import Store
    from faldeck.history.model_marks import ModelMark

NAMED_OUTPUT = re.compile(r"job:([\w-]+)(?:#(\d{1,4}))?")
"""How a command names an output: the id of its job, and its number from 1."""

MEDIA = ("image", "video", "audio")

MOST_REMEMBERED = 10_000
"""Files of which the job is remembered; the oldest is forgotten first."""


class Sources:
    """Which job made a file that was used as input here. A new job gets the first of them as its parent."""

    def __init__(self) -> None:
        self._jobs: dict[str, str] = {}
        """URL or path → the id of the job that made it."""

    def use(self, job: Job, output: Output) -> str | None:
        """The URL or path from which an output can be used (see `place`); remembers the job."""
        if found := place(job, output, now()):
            self.remember(found, job.id)
        return found

    def output_of(self, job: Job, number: int) -> str:
        """Where the output with this number (from 1) can be used from; raises InvalidValue if it cannot be."""
        if not 1 <= number <= len(job.outputs):
            raise InvalidValue(f"the job {job.id} is {job.state} and has {len(job.outputs)} files")
        if found := self.use(job, job.outputs[number - 1]):
            return found
        raise InvalidValue(
            "that file was part of the result and is not on this machine; fetch it with: faldeck result --download"
        )

    def remember(self, place: str, job_id: str) -> None:
        """Remembers which job made a file."""
        self._jobs.pop(place, None)
        self._jobs[place] = job_id
        if len(self._jobs) > MOST_REMEMBERED:
            del self._jobs[next(iter(self._jobs))]

    def past_request(self, store: Store, job: Job) -> tuple[Job, Body]:
        """A job as it is on disk, and its documents; remembers which arguments came from its parent, if it has one.

        Without a file of the parent among them, all links count: an uploaded file has a new one, and the parent may be
        unknown by now.
        """
        job, body = store.job(job.id) or job, store.body(job.id)
        if job.parent:
            parent = store.job(job.parent)
            used = list(_texts(body.arguments))
            made = {one for output in (parent.outputs if parent else ()) for one in (output.url, output.path) if one}
            for text in [text for text in used if text in made] or filter(_is_link, used):
                self.remember(text, job.parent)
        return job, body

    def parent_of(self, arguments: Mapping[str, object]) -> str | None:
        """The id of the job that made the first known file among the arguments; None where there is no such file."""
        return next((self._jobs[text] for text in _texts(arguments) if text in self._jobs), None)


def content_type_of(output: Output) -> str:
    """An output's content type: the service's, or else a guess from the file's name; empty if there is none."""
    given = (output.content_type or "").partition(";")[0].strip().lower()
    if given and given not in ("application/octet-stream", "binary/octet-stream"):
        return given
    import mimetypes  # Reads the system's table, which takes time.

    return mimetypes.guess_type(output.file_name or output.path or (output.url or "").partition("?")[0])[0] or ""


def medium_of(output: Output) -> str:
    """What an output is: `image`, `video` or `audio`; empty for anything else."""
    medium = content_type_of(output).partition("/")[0]
    return medium if medium in MEDIA else ""


def takers(models: Sequence[Model], medium: str, marks: Mapping[str, ModelMark]) -> list[Model]:
    """The models that take a file of a medium, by their category: the starred first, then the last used."""

    def rank(model: Model) -> tuple[bool, int]:
        mark = marks.get(model.endpoint_id)
        return not (mark and mark.starred), -(mark.used_ms or 0 if mark else 0)

    fitting = (one for one in models if one.category.startswith(f"{medium}-to-") and not one.is_deprecated)
    return sorted(fitting, key=rank) if medium else []


def place(job: Job, output: Output, at: datetime) -> str | None:
    """An output's URL; its path on this machine where it has no URL, or where the service has deleted the file by now.

    None where there is neither.
    """
    saved = output.path if output.state is FileState.SAVED else None
    ends_at = job.links_end_at
    if saved and (output.gone_ms is not None or (ends_at and ends_at <= at)):
        return saved
    return output.url or saved


def _is_link(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def _texts(document: object) -> Iterator[str]:
    """Every text in a JSON value, in its order."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list | tuple):
            waiting.extend(reversed(value))
