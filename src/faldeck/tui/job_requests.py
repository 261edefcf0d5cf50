"""What makes jobs and what is asked of them: sent, followed, shown, cancelled, run again, used."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from textual import work

from faldeck.job import Job, Output
from faldeck.schema.jsonvalue import JsonValue
from faldeck.tui import notice, words
from faldeck.tui.form import FormPane
from faldeck.tui.form_requests import FormRequests
from faldeck.tui.jobs import JobsPane
from faldeck.tui.opening import copy, open_output


class JobRequests(FormRequests):
    """Sends requests, and acts on jobs."""

    @work
    async def on_form_pane_submitted(self, event: FormPane.Submitted) -> None:
        request = event.request
        if self.form.show_file_problems(await asyncio.to_thread(request.file_problems)):
            return
        if not await self._is_worth_it(request.model.endpoint_id, request.arguments):
            return
        from faldeck.tui import run_options

        with self._told():
            usual = self._engine.ways(request.model.endpoint_id)[0]
            options = run_options.options(request.options, usual)
            job = await self._engine.submit(request.model.endpoint_id, request.arguments, request.uploads(), options)
            self.jobs.show_job(job.id)
            if self.has_class("-narrow"):
                self.action_show_pane("jobs")

    async def _rerun(self, job: Job) -> None:
        body = await self._engine.body(job)
        if await self._is_worth_it(job.endpoint_id, body.arguments):
            again = await self._engine.submit(
                job.endpoint_id, body.arguments, job.uploads, job.options, profile=job.profile
            )
            self.jobs.show_job(again.id)

    async def _is_worth_it(self, endpoint_id: str, arguments: Mapping[str, JsonValue]) -> bool:
        """Asks before a request that costs more than the person's limit is sent."""
        about_usd = await self._engine.estimate_usd(endpoint_id, arguments)
        if about_usd is None or about_usd <= self._engine.config.confirm_above_usd:
            return True
        from faldeck.tui.popups import Item, Picker

        answers = [Item("No, leave it", False), Item("Yes, send it", True)]
        question = f"This costs about {words.usd(about_usd)}. Send it?"
        picked = await self.app.push_screen_wait(Picker(question, answers))
        return bool(picked and picked.value)

    @work
    async def action_adopt(self) -> None:
        from faldeck.tui.text_dialog import TextDialog

        name = "A request made elsewhere: its model and its request id"
        text = await self.app.push_screen_wait(TextDialog(name, f"{self.form.endpoint_id} "))
        named = (text or "").split()
        if len(named) == 2:
            with self._told():
                self.jobs.show_job((await self._engine.adopt(*named)).id)
        elif named:
            self.notify("Two words are needed: the model's id and the request's id.", severity="error")

    def on_jobs_pane_highlighted(self, event: JobsPane.Highlighted) -> None:
        self._engine.select(event.job)
        self.result.show(event.job)

    def on_jobs_pane_ended(self, event: JobsPane.Ended) -> None:
        notice.ring(self.app, event.jobs)

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
                    open_output(self.app, engine.config.open_command, self.result.output)
                case "copy_url":
                    copy(self.app, self.result.output)
                case "star":
                    await engine.write(lambda store: store.mark(job.id, starred=not job.starred))
                    self.jobs.changed()
                case "rerun":
                    await self._rerun(job)
                case "edit":
                    job, body = await engine.entry(job)
                    self.open_form(job.endpoint_id, body.arguments, (job, body))
                case "use":
                    self._use(self.result.output)
                case "cancel":
                    self.notify(await engine.cancel(job), title="Cancel", markup=False)
                case "download":
                    await engine.download(job)
                case "look_again":
                    await engine.look_again(job)
                case "send_again":
                    self.jobs.show_job((await engine.send_again(job)).id)
                case "dismiss":
                    await engine.dismiss(job)

    def _use(self, output: Output | None) -> None:
        """Puts a job's output into the form at hand."""
        if output is None or not (place := output.url or output.path):
            self.notify("This job has no output to use.")
        elif self.form.use_file(place):
            self.action_show_pane("form")
        else:
            self.notify("Open the form of a model that takes a file first.", title="Use as input")
