"""What makes jobs and what is asked of them: sent, followed, shown, cancelled, run again, used."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from textual import work

from faldeck.app import wording
from faldeck.config.settings import Profile
from faldeck.job import Job, Output
from faldeck.schema.json_value import JsonValue
from faldeck.tui.actions.forms import FormRequests
from faldeck.tui.actions.opening import copy, open_output
from faldeck.tui.form.pane import KEY_REPEAT_SECONDS, FormPane
from faldeck.tui.panes import result_pages
from faldeck.tui.panes.jobs import JobsPane
from faldeck.tui.terminal import notify

if TYPE_CHECKING:
    from faldeck.tui.form.request import Request


SIGN_SECONDS = 0.2
"""A request that is not on disk by then is said to be on its way."""
LOCKED_SECONDS = 3.0
"""And by then, why it is not."""


class JobRequests(FormRequests):
    """Sends requests, and acts on jobs."""

    _run_again: frozenset[str] = frozenset()
    """The job that was run again last, and the one that came of it: where the key is held, the cursor is on that."""
    _run_again_at = 0.0
    _meant: frozenset[str] = frozenset()
    """Ids that look misspelt, of which the person has said that they are meant as they stand."""

    @cached_property
    def _sending(self) -> list[Request]:
        """The form's requests that are not on disk yet."""
        return []

    def on_form_pane_submitted(self, event: FormPane.Submitted) -> None:
        if event.request in self._sending:
            self.notify("This request is being sent already. It is sent once.")
            return
        if event.was_typing:
            self.typed_on.typing_ended()
        # By the profile that the person sees: another may be switched to before the request leaves.
        self._send(event.request, self._engine.profile.name)

    @work
    async def _send(self, request: Request, profile: str) -> None:
        """Sends a form's request, unless the disk, its price or the person is against it."""
        self._sending.append(request)
        try:
            await self._sent(request, profile)
        finally:
            self._sending.remove(request)

    @contextmanager
    def _sign_of_sending(self) -> Iterator[None]:
        """Tells the person what a request waits for, where it waits."""
        timers = [self.set_timer(SIGN_SECONDS, self._say_sending), self.set_timer(LOCKED_SECONDS, self._say_locked)]
        try:
            yield
        finally:
            for timer in timers:
                timer.stop()

    def _say_sending(self) -> None:
        self.notify("Sending…", timeout=LOCKED_SECONDS)

    def _say_locked(self) -> None:
        if self._engine.history.is_locked_out:
            self.notify(
                "Another program has locked the history. The request is sent, once, as soon as it lets go.",
                title="Not sent yet",
                severity="warning",
                markup=False,
                timeout=30,
            )

    async def _sent(self, request: Request, profile: str) -> None:
        if self.form.show_file_problems(await asyncio.to_thread(request.file_problems)):
            return
        from faldeck.app import send_options

        endpoint_id, arguments = request.model.endpoint_id, request.arguments
        with self._told():
            if not await self._is_meant(endpoint_id, arguments, profile):
                return
            if not await self._is_worth_it(endpoint_id, arguments, profile):
                return
            options = send_options.from_form(request.options, self._engine.ways(endpoint_id, profile)[0])
            with self._sign_of_sending():
                job = await self._engine.submit(endpoint_id, arguments, request.uploads(), options, profile=profile)
            self.jobs.show_job(job.id)
            is_left = self.form.is_left_with(request) and not self.has_left(self.form)
            # What is typed by somebody who has gone on would act on the jobs.
            if self.has_class("-narrow") and is_left and not self.typed_on.has_begun:
                self.action_show_pane("jobs")
                self.typed_on.focus_moved()

    async def _rerun(self, job: Job) -> None:
        if self._is_held(job):
            self.notify("One r sends one request. r again, after a moment, sends another.")
            return
        job, body = await self._engine.sent(job)
        if not await self._is_meant(job.endpoint_id, body.arguments, job.profile):
            return
        if await self._is_worth_it(job.endpoint_id, body.arguments, job.profile):
            again = await self._engine.submit(
                job.endpoint_id, body.arguments, job.uploads, job.options, profile=job.profile
            )
            self._run_again |= {again.id}
            self.jobs.show_job(again.id)

    def _is_held(self, job: Job) -> bool:
        """Whether the key that runs a job again is held down: every run costs."""
        at = monotonic()
        is_held = job.id in self._run_again and at - self._run_again_at < KEY_REPEAT_SECONDS
        self._run_again_at = at
        if not is_held:
            self._run_again = frozenset({job.id})
        return is_held

    async def _is_meant(self, endpoint_id: str, arguments: Mapping[str, JsonValue], profile: str) -> bool:
        """Asks before a request is sent to a model that is not listed and looks misspelt; raises Trouble.

        The answer may be another model, whose form is opened with the same input instead.
        """
        near = [] if endpoint_id in self._meant else await self._engine.misspelt(endpoint_id, profile)
        if not near:
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        answers = [PickerItem(f"Open {one} with this input", one) for one in near]
        answers.append(PickerItem(f"Send it to {endpoint_id}", ""))
        said = f"{endpoint_id} is not in the catalogue. Nothing was sent yet."
        picked = await self.app.push_screen_wait(Picker(f"Did you mean {near[0]}?", answers, width=72, said=said))
        if picked is None:
            return False
        if picked.value:
            self.open_form(picked.value, dict(arguments))
            return False
        self._meant |= {endpoint_id}
        return True

    async def _is_worth_it(self, endpoint_id: str, arguments: Mapping[str, JsonValue], profile: str) -> bool:
        """Asks before a request that costs more than the person's limit is sent; raises Trouble."""
        about_usd = await self._engine.estimate_usd(endpoint_id, arguments, profile)
        if about_usd is None or about_usd <= self._engine.config.confirm_above_usd:
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        answers = [PickerItem("No, leave it", False), PickerItem("Yes, send it", True)]
        self.typed_on.typing_ended()  # A letter typed on would move the cursor to the other answer.
        question = f"This costs about {wording.usd(about_usd)}. Send it?"
        picked = await self.app.push_screen_wait(Picker(question, answers))
        return bool(picked and picked.value)

    @work
    async def action_adopt(self) -> None:
        from faldeck.tui.dialogs.text import TextDialog

        name = "A request made elsewhere: its model and its request id"
        text = await self.app.push_screen_wait(TextDialog(name, f"{self.form.endpoint_id} "))
        named = (text or "").split()
        if request := _named_request(named, self._engine.profile):
            with self._told():
                self.jobs.show_job((await self._engine.adopt(*request)).id)
        elif named:
            words = "Two words are needed, the model's id and the request's id, or the address of the request."
            self.notify(words, severity="error")

    def on_jobs_pane_highlighted(self, event: JobsPane.Highlighted) -> None:
        self._engine.select(event.job)
        self.result.show(event.job)

    def on_jobs_pane_ended(self, event: JobsPane.Ended) -> None:
        notify.ring(self.app, event.jobs)

    def on_jobs_pane_opened(self) -> None:
        self._enlarge(True)

    def on_result_pane_enlarge(self) -> None:
        self._enlarge(not self.has_class("-enlarged"))

    def on_result_pane_left(self) -> None:
        self._enlarge(False)
        self.action_show_pane("jobs")

    def _enlarge(self, is_large: bool) -> None:
        self._bring("result")
        self.set_class(is_large, "-enlarged")
        self.result.begin()

    @work
    async def on_jobs_pane_wanted(self, event: JobsPane.Wanted) -> None:
        job, engine = event.job, self._engine
        with self._told():
            match event.action:
                case "open_url":
                    open_output(self.app, engine.config.open_command, job, self.result.output)
                case "copy_url":
                    await self._copy(job)
                case "star":
                    await engine.turn_star(job)
                    self.jobs.changed()
                case "rerun":
                    await self._rerun(job)
                case "edit":
                    job, body = await engine.sent(job)
                    self.open_form(job.endpoint_id, body.arguments, (job, body))
                case "use":
                    self._use(self.result.output)
                case "cancel":
                    self.notify(await engine.cancel(job), title="Cancel", markup=False)
                case "download":
                    if not await engine.download(job):
                        self.notify("No file of this job is left to be fetched.")
                case "look_again":
                    await engine.look_again(job)
                case "send_again":
                    self.jobs.show_job((await engine.send_again(job)).id)
                case "dismiss":
                    await engine.dismiss(job)

    async def _copy(self, job: Job) -> None:
        """Copies where the chosen output is, or else what the model wrote."""
        output = self.result.output
        texts = {} if output else result_pages.texts(job, await self._engine.body(job))
        copy(self.app, job, output, list(texts.values()))

    def _use(self, output: Output | None) -> None:
        """Puts a job's output into the form at hand."""
        if output is None or not (place := output.url or output.path):
            self.notify("This job has no output to use.")
        elif self.form.use_file(place):
            self.action_show_pane("form")
        else:
            self.notify("Open the form of a model that takes a file first.", title="Use as input")


def _named_request(words: Sequence[str], profile: Profile) -> tuple[str, str] | None:
    """The model and the request id that a person names by two ids, or by an address; None where one is missing."""
    from faldeck.app import addresses

    if not words or len(words) > 2:
        return None
    endpoint_id = (addresses.endpoint_of(words[0], [profile]) or words[0]) if len(words) == 2 else ""
    if request := addresses.request_of(words[-1], [profile]):
        # The queue's addresses name the app alone, which a model before them names too.
        is_within = f"{endpoint_id}/".startswith(f"{request.endpoint_id}/") or not request.endpoint_id
        endpoint_id = endpoint_id if endpoint_id and is_within else request.endpoint_id
    request_id = request.request_id if request else words[-1]
    return (endpoint_id, request_id) if endpoint_id else None
