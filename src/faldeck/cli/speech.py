"""The text of a streamed job, on stdout as it comes into being."""

from __future__ import annotations

from faldeck import hostile
from faldeck.history import History
from faldeck.job import Body, Job
from faldeck.schema import results


class Speech:
    """Prints what is new of a job's text with every snapshot."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._said = ""

    async def show(self, job: Job) -> None:
        """The job as it is now."""
        body = await self._history.read(lambda store: store.body(job.id))
        text = _text(body)
        if text.startswith(self._said):
            print(text[len(self._said) :], end="", flush=True)
            self._said = text

    def end(self, body: Body) -> bool:
        """Ends the line; tells whether all that the job says has been said."""
        if self._said:
            print(flush=True)
        return bool(self._said) and self._said == _text(body)


def _text(body: Body) -> str:
    """What the model has written by now; never the prompt, which a picture that comes into being repeats."""
    texts = [text for text in results.written(body.result, body.arguments) if not text.is_prompt]
    return hostile.clean(texts[0].text) if texts else ""
