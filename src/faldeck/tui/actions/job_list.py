"""Actions on the job list: on all marked jobs at once, and on its sections."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from faldeck.app import job_actions, marking, sharing, wording
from faldeck.app.job_sections import Section, next_name, sections
from faldeck.app.session import Session
from faldeck.job import Body, Job, State
from faldeck.safety import sanitize
from faldeck.tui.actions.ui import Ui, report, reporting
from faldeck.tui.panes.job_keys import JobAction, ListAction
from faldeck.tui.panes.jobs import JobsPane

if TYPE_CHECKING:
    from faldeck.schema.json_value import JsonValue

ONE_ONLY = (JobAction.OPEN, JobAction.OPEN_FILE, JobAction.QR, JobAction.EDIT, JobAction.USE, JobAction.WHY)
"""Actions that make sense for one job only."""


class ListActions:
    """Acts on several jobs, and asks the person before it costs money or deletes something."""

    def __init__(self, session: Session, ui: Ui, jobs: JobsPane, copy: Callable[[str], None]) -> None:
        """`copy` puts a text on the clipboard and says where it went."""
        self._session = session
        self._ui = ui
        self._jobs = jobs
        self._copy = copy
        self._deleted: list[Sequence[str]] = []
        """The ids of each deletion that can still be undone; the last one is at the end."""

    async def act(self, action: JobAction | ListAction, job_ids: Sequence[str]) -> None:
        """Carries out an action on these jobs."""
        with reporting(self._ui):
            match action:
                case ListAction.UNDELETE:
                    await self._undelete()
                case ListAction.SAVE_SECTION:
                    await self._save_section()
                case ListAction.REMOVE_SECTION:
                    await self._remove_section()
                case _ if action in ONE_ONLY:
                    self._ui.notify("This key acts on one job, and several are marked. Esc removes the marks.")
                case _:
                    found = await self._session.history.read(lambda store: [store.job(one) for one in job_ids])
                    if jobs := [job for job in found if job]:
                        await self._act_on(action, jobs)

    async def _act_on(self, action: JobAction | ListAction, jobs: Sequence[Job]) -> None:
        ids = [job.id for job in jobs]
        match action:
            case JobAction.STAR:
                starred = not all(job.starred for job in jobs)
                await marking.mark(self._session.history, ids, lambda marks, some: marks.star(some, starred))
                self._jobs.changed()
            case JobAction.RERUN:
                await self._send(jobs, again=False)
            case JobAction.SEND_AGAIN:
                await self._send([job for job in jobs if job.state is State.UNCONFIRMED], again=True)
            case JobAction.CANCEL:
                await self._cancel(jobs)
            case JobAction.DOWNLOAD:
                begun = sum([await job_actions.download(self._session, job) for job in jobs])
                fetching = f"Fetching the files of {begun:,} of {wording.jobs(len(jobs))}."
                self._ui.notify(fetching if begun else "No file of these jobs is left to download.")
            case JobAction.LOOK_AGAIN:
                await self._each(job_actions.look_up_again, jobs, "Looked up again")
            case JobAction.DISMISS:
                await self._each(job_actions.dismiss, jobs, "Dismissed")
            case JobAction.COPY:
                outputs = [output for job in jobs for output in job.outputs]
                self._copy_lines([sanitize.address(one.url) if one.url else one.path or "" for one in outputs])
            case JobAction.COPY_PATH:
                self._copy_lines([path for job in jobs for one in job.outputs if (path := sharing.file_of(one))])
            case ListAction.COPY_IDS:
                self._copy_lines([job.request_id or job.id for job in jobs])
            case ListAction.TAG:
                await self._tag(jobs)
            case ListAction.NOTE:
                await self._note(jobs)
            case ListAction.DELETE:
                await self._delete(jobs)
            case ListAction.EXPORT:
                await self._export(jobs)

    # At the service

    async def _each(self, act: Callable[[Session, Job], Awaitable[None]], jobs: Sequence[Job], done: str) -> None:
        """Acts on each job that the action fits, and says how many these were."""
        count = 0
        for job in jobs:
            try:
                await act(self._session, job)
                count += 1
            except job_actions.ActionRefused:
                continue
        self._ui.notify(f"{done}: {count:,} of {wording.jobs(len(jobs))}.")

    async def _cancel(self, jobs: Sequence[Job]) -> None:
        live = [job for job in jobs if not job.state.is_final]
        if not live:
            self._ui.notify("All of them have ended.")
            return
        if not await self._is_confirmed(f"Cancel {wording.jobs(len(live))}?", "Yes, ask the service to cancel"):
            return
        outcomes = Counter([await job_actions.cancel(self._session, job) for job in live])
        text = "\n".join(f"{count:,}: {wording.cancel_outcome(outcome)}" for outcome, count in outcomes.items())
        self._ui.notify(text, title="Cancel", markup=False)

    async def _send(self, jobs: Sequence[Job], *, again: bool) -> None:
        """Sends each job's request once more, after a question with the sum: every request costs.

        With `again`, the jobs are unconfirmed ones, and the new job takes the place of the old one.
        """
        known = [(job, await self._body(job)) for job in jobs if job.input_known]
        if not known:
            self._ui.notify("None of them can be sent again.")
            return
        about = await self._estimate(known)
        cost = f"about {wording.usd(about)}" if about is not None else "the cost is not known"
        question = f"Send {wording.jobs(len(known))} again ({cost})?"
        if not await self._is_confirmed(question, f"Yes, send {len(known):,}"):
            return
        for job, body in known:
            if again:
                new = await job_actions.send_again(self._session, job)
            else:
                new = await job_actions.rerun(self._session, job, body)
        self._jobs.unmark()
        self._ui.show_job(new.id)

    async def _body(self, job: Job) -> Body:
        return await self._session.history.read(lambda store: store.body(job.id))

    async def _estimate(self, requests: Sequence[tuple[Job, Body]]) -> Decimal | None:
        """About what the requests cost together, in USD; None if one of the costs is not known."""
        from faldeck.app.requests import estimates_usd, total_usd

        await self._session.ready()
        by_profile: dict[str, list[tuple[str, dict[str, JsonValue]]]] = defaultdict(list)
        for job, body in requests:
            by_profile[job.profile].append((job.endpoint_id, body.arguments))
        estimates: list[Decimal | None] = []
        for profile, some in by_profile.items():
            estimates += await estimates_usd(self._session.catalogue_of(profile), some)
        return total_usd(estimates)

    # In the history

    async def _tag(self, jobs: Sequence[Job]) -> None:
        from faldeck.history.marks import NotATag, clean_tag

        tags = sorted({tag for job in jobs for tag in job.tags})
        have = f" They have: {' '.join(tags)}." if tags else ""
        question = f"Tags to add to {wording.jobs(len(jobs))}, -tag removes one.{have}"
        words = (await self._ask_line(sanitize.clean_line(question, limit=200)) or "").replace(",", " ").split()
        ids = [job.id for job in jobs]
        try:
            removed = [clean_tag(word[1:]) for word in words if word.startswith("-")]
            added = [clean_tag(word.removeprefix("#")) for word in words if not word.startswith("-")]
        except NotATag as error:
            report(self._ui, str(error))
            return
        if removed:
            await marking.mark(self._session.history, ids, lambda marks, some: marks.untag(some, removed))
        if added:
            await marking.mark(self._session.history, ids, lambda marks, some: marks.tag(some, added))
        self._jobs.changed()

    async def _note(self, jobs: Sequence[Job]) -> None:
        ids, before = [job.id for job in jobs], jobs[0].note
        text = await self._ask_line(f"A note on {wording.jobs(len(jobs))}; an empty one removes it", before)
        if text is not None and (text != before or len(jobs) > 1):
            note = sanitize.clean_line(text.strip(), limit=1_000)
            await marking.mark(self._session.history, ids, lambda marks, some: marks.note(some, note))
            self._jobs.changed()

    async def _delete(self, jobs: Sequence[Job]) -> None:
        from faldeck.app import deletion
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        plan = await asyncio.to_thread(deletion.plan, jobs, self._session.config.output_dir)
        is_one = len(jobs) == 1
        answers: list[PickerItem[bool | None]] = [
            PickerItem("No, keep it" if is_one else "No, keep them", None),
            PickerItem("Yes, delete; files stay on disk", False),
        ]
        if plan.files:
            files = f"{'its' if is_one else 'their'} {'file' if plan.files == 1 else f'{plan.files:,} files'}"
            answers.append(PickerItem(f"Yes, delete with {files} ({wording.file_size(plan.size_bytes)})", True))
        live = f"{wording.jobs(len(plan.live))} of them have not ended: they go on at the service, and c cancels them."
        if is_one:
            live = "It has not ended: it goes on at the service, and c cancels it."
        picked = await self._ui.ask(
            Picker(f"Delete {wording.jobs(len(jobs))}?", answers, width=70, text=live if plan.live else "")
        )
        if picked is None or picked.value is None:
            return
        supervisor = await self._session.ready()
        deleted = await supervisor.delete(plan.job_ids, files=picked.value, live=True)
        self._deleted.append(deleted)
        self._jobs.unmark()
        self._ui.notify(
            f"{wording.jobs(len(deleted))} deleted. U restores {'it' if is_one else 'them'} until faldeck ends."
        )

    async def _undelete(self) -> None:
        if not self._deleted:
            self._ui.notify("Nothing was deleted since faldeck started.")
            return
        supervisor = await self._session.ready()
        count = await supervisor.restore(self._deleted[-1])
        self._deleted.pop()
        self._ui.notify(f"{wording.jobs(count)} restored.")

    async def _export(self, jobs: Sequence[Job]) -> None:
        from faldeck.app import job_export

        question = f"Export {wording.jobs(len(jobs))} to this file, as JSON lines; as a table if its name ends in .csv"
        path = (await self._ask_line(question, "~/faldeck-jobs.jsonl") or "").strip()
        if not path:
            return
        try:
            target = await self._session.history.read(lambda store: job_export.write(store, jobs, path))
        except OSError as error:
            report(self._ui, f"Nothing was exported: {error}.")
            return
        is_table = job_export.ExportFormat.of(target) is job_export.ExportFormat.CSV
        use = "Spreadsheets open it." if is_table else "faldeck import reads them."
        self._ui.notify(f"{wording.jobs(len(jobs))} written to {target}. {use}", markup=False)

    # Sections

    async def _save_section(self) -> None:
        choice, saved = self._jobs.choice, self._session.config.sections
        if choice.problems:
            report(self._ui, choice.problems[0].message)
            return
        name = (
            await self._ask_line(f"Name of the section: {choice.filter or 'all jobs'}", next_name(saved, choice.text))
            or ""
        )
        if name := sanitize.clean_line(name.strip(), limit=40):
            await self._write_section(name, choice.filter)
            self._jobs.show_sections(sections(self._session.config.sections), name)

    async def _remove_section(self) -> None:
        section: Section = self._jobs.choice.section
        if not section.is_saved:
            self._ui.notify("This section is built in. Only a saved section can be removed.")
            return
        await self._write_section(section.name, None)
        self._jobs.show_sections(sections(self._session.config.sections))
        self._ui.notify(
            f"The section {section.name} was removed. / and + make it again: {section.filter}", markup=False
        )

    async def _write_section(self, name: str, filter: str | None) -> None:
        """Puts a section into the config file and into the config in use, or removes it."""
        from faldeck.config import toml_edit

        await asyncio.to_thread(toml_edit.save_section, name, filter)
        config = self._session.config
        kept = {key: text for key, text in config.sections.items() if key != name or filter is not None}
        self._session.config = replace(config, sections=kept if filter is None else {**kept, name: filter})

    # Questions

    async def _ask_line(self, question: str, text: str = "") -> str | None:
        from faldeck.tui.dialogs.text import InputDialog

        return await self._ui.ask(InputDialog(question, text))

    async def _is_confirmed(self, question: str, yes: str) -> bool:
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        picked = await self._ui.ask(Picker(question, [PickerItem("No", False), PickerItem(yes, True)]))
        return bool(picked and picked.value)

    def _copy_lines(self, lines: Sequence[str]) -> None:
        if shown := [line for line in lines if line]:
            self._copy("\n".join(shown))
        else:
            self._ui.notify("None of them has an output yet.")
