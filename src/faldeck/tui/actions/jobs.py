"""Actions on jobs: send, run again, cancel, fetch, adopt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING

from faldeck.app import job_actions, wording
from faldeck.app.session import Session
from faldeck.config.settings import Profile
from faldeck.job import Job
from faldeck.schema.json_value import JsonValue
from faldeck.tui.actions.held_key import HeldKey
from faldeck.tui.actions.ui import Ui, reporting
from faldeck.tui.panes.job_keys import JobAction
from faldeck.tui.terminal.typing_guard import TypingGuard

if TYPE_CHECKING:
    from faldeck.app.requests import FilledRequest

NOT_SENT = "Nothing was sent."

SENDING_SECONDS = 0.2
"""A request that is not on disk after this time is announced as on its way."""
LOCKED_SECONDS = 3.0
"""After this time a notice says why it is not on disk."""


class JobActions:
    """Sends requests and changes jobs, and asks the person before it costs money."""

    def __init__(self, session: Session, ui: Ui, guard: TypingGuard, on_star: Callable[[], None]) -> None:
        """`on_star` is called after a star was changed, which the engine does not announce."""
        self._session = session
        self._ui = ui
        self._guard = guard
        self._on_star = on_star
        self._held_key = HeldKey()
        """Knows the last job run again and its new job: while the key is held, the cursor moves there."""
        self._confirmed: frozenset[str] = frozenset()
        """Endpoint ids that look misspelt and that the person confirmed."""

    async def send(self, request: FilledRequest, profile: str) -> Job | None:
        """Sends a form's request to a profile's service; None if the person or a failure stopped it."""
        from faldeck.app import options_form
        from faldeck.engine import send_modes

        session, endpoint_id = self._session, request.model.endpoint_id
        with reporting(self._ui, NOT_SENT):
            if not await self._confirm_model(endpoint_id, request.arguments, profile):
                return None
            price = await job_actions.find_price(session, endpoint_id, profile)
            if not await self._confirm_cost(request.estimate_usd(price)):
                return None
            mode = send_modes.modes_for(session.config.get_profile(profile), endpoint_id)[0]
            request = request._replace(options=options_form.from_form(request.options, mode))
            with self._announced():
                supervisor = await session.ready()
                parent = session.sources.parent_of(request.arguments)
                job = await supervisor.submit(request.draft(profile, price, parent=parent))
            self._ui.show_job(job.id)
            return job
        return None

    async def act(self, action: JobAction, job: Job) -> None:
        """Carries out an action that needs nothing but the job."""
        session, ui = self._session, self._ui
        with reporting(ui):
            match action:
                case JobAction.STAR:
                    await job_actions.toggle_star(session, job)
                    self._on_star()
                case JobAction.RERUN:
                    await self._rerun(job)
                case JobAction.EDIT:
                    job, body = await job_actions.stored_request(session, job)
                    ui.open_form(job.endpoint_id, body.arguments, (job, body))
                case JobAction.CANCEL:
                    with reporting(ui, "Not cancelled."):
                        outcome = await job_actions.cancel(session, job)
                        ui.notify(wording.cancel_outcome(outcome), title="Cancel", markup=False)
                case JobAction.DOWNLOAD:
                    if not await job_actions.download(session, job):
                        ui.notify("No file of this job is left to download.")
                case JobAction.LOOK_AGAIN:
                    await job_actions.look_up_again(session, job)
                case JobAction.SEND_AGAIN:
                    with reporting(ui, NOT_SENT):
                        ui.show_job((await job_actions.send_again(session, job)).id)
                case JobAction.DISMISS:
                    await job_actions.dismiss(session, job)
                case _:
                    raise ValueError(f"{action} needs an output")

    async def adopt(self, endpoint_id: str, request_id: str = "") -> None:
        """Asks for a request that was made elsewhere and follows it. The dialog starts with these ids."""
        from faldeck.tui.dialogs.text import TextDialog

        question = "A request made elsewhere: its model and its request id"
        dialog = TextDialog(question, f"{endpoint_id} {request_id}".lstrip(), done="adopts it")
        words = (await self._ui.ask(dialog) or "").split()
        if request := named_request(words, self._session.profile, self._session.config.aliases):
            with reporting(self._ui):
                adopted = await job_actions.adopt(self._session, *request)
                self._ui.show_job(adopted.job.id)
        elif words:
            needed = "Two words are needed, the model's id and the request's id, or the URL of the request."
            self._ui.notify(needed, severity="error")

    async def _rerun(self, job: Job) -> None:
        from faldeck.app import requests

        if self._held_key.is_held(job.id, self._guard.came_at):
            self._ui.notify("One r sends one request. r again, after a moment, sends another.")
            return
        with reporting(self._ui, NOT_SENT):
            job, body = await job_actions.stored_request(self._session, job)
            if not await self._confirm_model(job.endpoint_id, body.arguments, job.profile):
                return
            await self._session.ready()
            catalogue = self._session.catalogue_of(job.profile)
            (about_usd,) = await requests.estimates_usd(catalogue, [(job.endpoint_id, body.arguments)])
            if not await self._confirm_cost(about_usd):
                return
            again = await job_actions.rerun(self._session, job, body)
            self._ui.show_job(again.id)
            self._held_key.count_as_started(again.id, monotonic())

    # Questions before money is spent

    async def _confirm_model(self, endpoint_id: str, arguments: Mapping[str, JsonValue], profile: str) -> bool:
        """Asks before a request goes to a model that is not listed and looks misspelt.

        The person may pick another model; its form is then opened with the same input.
        """
        if endpoint_id in self._confirmed:
            return True
        similar = await asyncio.to_thread(self._session.catalogue_of(profile).similar_models, endpoint_id)
        if not similar:
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        answers = [PickerItem(f"Open {one} with this input", one) for one in similar]
        answers.append(PickerItem(f"Send it to {endpoint_id}", ""))
        text = f"{endpoint_id} is not in the catalogue. Nothing was sent yet."
        picked = await self._ui.ask(Picker(f"Did you mean {similar[0]}?", answers, width=72, text=text))
        if picked is None:
            return False
        if picked.value:
            self._ui.open_form(picked.value, dict(arguments))
            return False
        self._confirmed |= {endpoint_id}
        return True

    async def _confirm_cost(self, about_usd: Decimal | None) -> bool:
        """Asks before a request is sent that costs more than the person's limit."""
        from faldeck.app.requests import must_confirm

        if about_usd is None or not must_confirm(about_usd, self._session.config):
            return True
        from faldeck.tui.dialogs.picker import Picker, PickerItem

        answers = [PickerItem("No, do not send it", False), PickerItem("Yes, send it", True)]
        self._guard.typing_ended()  # A letter of text typed on would move the cursor to the other answer.
        question = f"This costs about {wording.usd(about_usd)}. Send it?"
        picked = await self._ui.ask(Picker(question, answers))
        return bool(picked and picked.value)

    # Notices while a request waits for the disk

    @contextmanager
    def _announced(self) -> Iterator[None]:
        """Shows a notice that a request waits for the disk, and why, if it takes long."""
        loop = asyncio.get_running_loop()
        timers = [
            loop.call_later(SENDING_SECONDS, self._notify_sending),
            loop.call_later(LOCKED_SECONDS, self._notify_locked),
        ]
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()

    def _notify_sending(self) -> None:
        self._ui.notify("Sending…", timeout=LOCKED_SECONDS)

    def _notify_locked(self) -> None:
        if self._session.history.is_locked_out:
            self._ui.notify(
                "Another program has locked the history. The request is sent, once, as soon as the lock is released.",
                title="Not sent yet",
                severity="warning",
                markup=False,
                timeout=30,
            )


def named_request(words: Sequence[str], profile: Profile, aliases: Mapping[str, str]) -> tuple[str, str] | None:
    """The endpoint id and request id in a person's words: a model and an id, or a URL; None if one is missing."""
    from faldeck.app import copied_url
    from faldeck.app.aliases import named_model

    if not words or len(words) > 2:
        return None
    endpoint_id = named_model(words[0], aliases, [profile]) if len(words) == 2 else ""
    if request := copied_url.request_of(words[-1], [profile]):
        # A queue URL names only the app; a model id before it may be more exact.
        is_within = f"{endpoint_id}/".startswith(f"{request.endpoint_id}/") or not request.endpoint_id
        endpoint_id = endpoint_id if endpoint_id and is_within else request.endpoint_id
    request_id = request.request_id if request else words[-1]
    return (endpoint_id, request_id) if endpoint_id else None
