"""The session that both faces work with: config, history, gateways, catalogue and supervisor.

Each part is opened when it is first needed. The network client and the supervisor are imported late, so that the first
frame of the deck does not wait for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.config import credentials
from faldeck.config.settings import DEMO, Config, ConfigError, Profile, reload_profiles
from faldeck.engine.gateways import Gateways, NoKey
from faldeck.history import History, HistoryError, Store
from faldeck.job import Body, Job, Mode, State, Upload
from faldeck.query import EXACTLY, LIVE, Key, Query, Term
from faldeck.schema.json_value import JsonValue

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.events import Event
    from faldeck.engine.supervisor import Supervisor
    from faldeck.engine.timing import Timing

MOST_OPEN_JOBS = 10_000
"""How many open jobs are counted at most."""


class ActionError(Exception):
    """An action that a person asked for cannot be done. The text says why, and what has not happened."""


class Session:
    """The active profile, its models, and the history with the jobs of all profiles."""

    def __init__(
        self,
        config: Config,
        history_path: Path,
        *,
        serve: Callable[[], AbstractContextManager[object]] | None = None,
        timing: Timing | None = None,
    ) -> None:
        """`serve` gives what keeps the profile's own service (the demo's emulator) running; see `Session.serve`."""
        self.config = config
        self.gateways = Gateways(config)
        """The gateway of each profile."""
        self._history_path = history_path
        self._history: History | None = None
        self._serve = serve
        self._serving = contextlib.ExitStack()
        self._timing = timing
        self._catalogue: Catalogue | None = None
        self._supervisor: Supervisor | None = None
        self._ready = asyncio.Event()
        self._opening = asyncio.Lock()
        """Held while a catalogue is opened: of two profiles the one that was asked for last is shown."""

    @property
    def profile(self) -> Profile:
        """The active profile; raises ConfigError if there is no profile of its name."""
        return self.config.active

    @property
    def colour(self) -> str:
        """The active profile's colour, as `#rrggbb`."""
        return self.config.colour(self.config.profile)

    @property
    def history(self) -> History:
        """The history of all profiles; the demo has one of its own."""
        if self._history is None:
            self._history = History(self._history_path)
        return self._history

    @property
    def catalogue(self) -> Catalogue:
        """The models of the active profile. After a switch this is the old one until the new one is open."""
        if self._catalogue is None:
            self._catalogue = self.catalogue_of(self.config.profile)
        return self._catalogue

    def catalogue_of(self, profile: str) -> Catalogue:
        """The models of any profile."""
        from faldeck.app.catalogue import Catalogue

        return Catalogue(self.gateways, profile)

    async def load(self) -> Catalogue:
        """Opens the catalogue in a thread, since its imports take a while, and returns it."""
        async with self._opening:
            return await asyncio.to_thread(lambda: self.catalogue)

    @property
    def supervisor(self) -> Supervisor:
        """What follows the jobs, once `start` has been awaited."""
        assert self._supervisor is not None
        return self._supervisor

    async def ready(self) -> Supervisor:
        """Waits until the supervisor runs, and returns it."""
        await self._ready.wait()
        return self.supervisor

    # Start and end

    def serve(self) -> None:
        """Starts the profile's own service, if it has one, and keeps it running until `close`.

        Raises OSError.
        """
        if self._serve:
            self._serving.enter_context(self._serve())
            self._serve = None

    async def start(self, listener: Callable[[Event], None], *, resume: bool = True) -> None:
        """Starts the supervisor; with `resume` it follows every unfinished job.

        `listener` is called with everything that happens to jobs and to the history. Raises OSError.
        """
        supervisor = await asyncio.to_thread(self._open_supervisor)
        supervisor.events.subscribe(listener)
        self._supervisor = supervisor
        await supervisor.start(resume=resume)
        self._ready.set()

    def _open_supervisor(self) -> Supervisor:
        import faldeck.fal.gateway  # noqa: F401
        from faldeck.engine.supervisor import Supervisor

        self.serve()
        return Supervisor(self.history, self.gateways, self.config, timing=self._timing)

    async def close(self) -> list[str]:
        """Closes what was opened and stops following jobs; the service goes on with them.

        Returns a sentence for each change that could not be written.
        """
        if self._supervisor:
            await self._supervisor.close()
        await self.gateways.close()
        await asyncio.to_thread(self._serving.close)
        if self._history:
            self._history.close()
        return self._supervisor.unwritten() if self._supervisor else []

    # Profiles

    def can_switch_to(self, profile: str) -> bool:
        """True if that profile uses the same history; the demo has one of its own."""
        return DEMO not in (profile, self.config.profile)

    async def switch_profile(self, profile: str) -> None:
        """Reads the config again and makes a profile the active one. Jobs keep their profile. Raises ActionError."""
        with _action_errors():
            config = replace(reload_profiles(self.config), profile=profile)
            self.gateways.reload(config)
        self.config = config
        if self._supervisor:
            self._supervisor.reload(config)
        # Until the new catalogue is open, the old one is given out.
        async with self._opening:
            self._catalogue = await asyncio.to_thread(self.catalogue_of, config.profile)

    def send_modes(self, endpoint_id: str, profile: str) -> list[Mode]:
        """The modes in which a profile can send a request to a model, the usual one first; raises ActionError."""
        from faldeck.engine import send_modes

        with _action_errors():
            return send_modes.modes_for(self.config.get_profile(profile), endpoint_id)

    async def count_open_jobs(self, profile: str) -> int:
        """How many jobs of a profile are still open."""
        with _action_errors():
            live = await self.history.read(lambda store: store.page(LIVE, limit=MOST_OPEN_JOBS))
        return sum(job.profile == profile for job in live)

    def usable_profiles(self) -> list[str]:
        """The names of the profiles that have a key; raises ActionError."""
        with _action_errors():
            environment = credentials.environment(self.config)
            return [name for name, profile in self.config.profiles.items() if credentials.find(profile, environment)]

    @property
    def has_key(self) -> bool:
        """True if the active profile has a key; raises ConfigError."""
        return credentials.find(self.profile, credentials.environment(self.config)) is not None

    # Actions of a person; all of them raise ActionError

    async def write(self, change: Callable[[Store], object]) -> None:
        """Puts a small change on disk."""
        with _action_errors():
            await self.history.write(change)

    async def toggle_star(self, job: Job) -> None:
        """Stars a job, or removes its star, by its state on disk: the screen may show an older one."""

        def turn(store: Store) -> None:
            if kept := store.job(job.id):
                store.mark(job.id, starred=not kept.starred)

        await self.write(turn)

    async def body(self, job: Job) -> Body:
        """The documents of a job."""
        with _action_errors():
            return await self.history.read(lambda store: store.body(job.id))

    async def suggested_model(self, job: Job) -> str | None:
        """The model that was probably meant by a job that failed because there is no such model; else None."""
        if job.state is not State.FAILED:
            return None
        return await asyncio.to_thread(lambda: self.catalogue_of(job.profile).suggested_model(job))

    async def stored_request(self, job: Job) -> tuple[Job, Body]:
        """A job as it is on disk, and its documents, to send or edit its request again.

        Raises ActionError, too, if its input is unknown.
        """
        with _action_errors():
            job, body = await self.history.read(lambda store: (store.job(job.id) or job, store.body(job.id)))
        if not job.input_known:
            raise ActionError(
                "This request was made elsewhere, and its input is not known: it can be neither sent again nor edited."
            )
        return job, body

    async def draft(self, endpoint_id: str) -> JsonValue:
        """What was last entered for a model; None if that is nothing."""
        with _action_errors():
            return await self.history.read(lambda store: store.draft(endpoint_id))

    async def last_seed(self, endpoint_id: str, preferred: Job | None) -> int | None:
        """The seed of the preferred job, if it is of this model, else of the newest one; None if no result names it."""
        of_model = Term(Key.MODEL, f"{EXACTLY}{endpoint_id}")
        completed = Query((Term(Key.STATE, State.COMPLETED), of_model))
        with _action_errors():
            newest = await self.history.read(lambda store: store.page(completed, limit=1))
            for job in (preferred, *newest):
                if job and job.endpoint_id == endpoint_id:
                    result = (await self.body(job)).result
                    seed = result.get("seed") if isinstance(result, dict) else None
                    if isinstance(seed, int) and not isinstance(seed, bool):
                        return seed
        return None

    async def model_marks(self) -> dict[str, tuple[bool, int | None]]:
        """The person's stars and last uses of models, by endpoint id."""
        with _action_errors():
            return await self.history.read(lambda store: store.model_marks())

    async def refresh_models(self) -> None:
        """Fetches the list of models."""
        await self.ready()
        with _action_errors("The models could not be listed: "):
            await self.catalogue.refresh()

    async def similar_models(self, endpoint_id: str, profile: str) -> list[str]:
        """The listed models that an unlisted id may be a misspelling of; see `Catalogue.similar_models`."""
        catalogue = self.catalogue_of(profile)
        with _action_errors("Nothing was sent: "):
            return await asyncio.to_thread(catalogue.similar_models, endpoint_id)

    async def estimate_usd(self, endpoint_id: str, arguments: Mapping[str, JsonValue], profile: str) -> Decimal | None:
        """About what a request will cost a profile; None if that cannot be known."""
        from faldeck.app import pricing, requests

        catalogue = self.catalogue_of(profile)
        with _action_errors("Nothing was sent: "):
            price = catalogue.prices().get(endpoint_id)
        if price is None:
            await self.ready()
            price = await requests.find_price(catalogue, endpoint_id)
        if price is None:
            return None
        model = await asyncio.to_thread(requests.stored_model, catalogue, endpoint_id)
        return pricing.estimate(price, model, arguments) if model else None

    async def submit(
        self,
        endpoint_id: str,
        arguments: Mapping[str, JsonValue],
        uploads: Sequence[Upload] = (),
        options: Mapping[str, object] | None = None,
        *,
        profile: str,
    ) -> Job:
        """Records a request; it is sent to the service of a profile in the background."""
        from faldeck.app import pricing
        from faldeck.engine.supervisor import Draft

        supervisor = await self.ready()
        with _action_errors("Nothing was sent: "):
            draft = Draft(
                profile=profile,
                endpoint_id=endpoint_id,
                arguments=arguments,
                uploads=uploads,
                options=options or {},
                cost=pricing.rate(self.catalogue_of(profile).prices().get(endpoint_id)),
            )
            return await supervisor.submit(draft)

    async def cancel(self, job: Job) -> str:
        """Asks the service to cancel a job; gives a sentence about what came of it."""
        from faldeck.fal.values import Cancellation

        if job.state.is_final:
            return "It has ended already."
        supervisor = await self.ready()
        with _action_errors("Not cancelled: "):
            match await supervisor.cancel(job):
                case Cancellation.REQUESTED:
                    return "The service was asked to cancel it. Its row shows whether it does."
                case Cancellation.TOO_LATE:
                    return "Too late: it is done already. Its result is being fetched."
                case Cancellation.NOT_FOUND:
                    return "The service does not know this request."
                case _:
                    kept = await self.history.read(lambda store: store.job(job.id))
                    if kept and kept.state.is_final:
                        return "It had not been sent, and will not be."
                    return "It will be cancelled as soon as the service has answered."

    async def download(self, job: Job) -> bool:
        """Starts to download the job's files that are not on disk; False if there are none."""
        supervisor = await self.ready()
        with _action_errors():
            return await supervisor.fetch(job)

    async def look_up_again(self, job: Job) -> None:
        """Looks for an unconfirmed job in the account's list, or asks the service for an expired one again."""
        supervisor = await (self.ready() if job.state is State.EXPIRED else self._ready_for_unconfirmed(job))
        with _action_errors():
            await supervisor.look_up_again(job)

    async def send_again(self, job: Job) -> Job:
        """Sends an unconfirmed job once more, as a new job."""
        supervisor = await self._ready_for_unconfirmed(job)
        with _action_errors("Nothing was sent: "):
            return await supervisor.send_again(job)

    async def dismiss(self, job: Job) -> None:
        """Puts an unconfirmed job aside, or stops the download of a completed job's missing files."""
        is_fetching = job.is_open and job.state is State.COMPLETED
        supervisor = await (self.ready() if is_fetching else self._ready_for_unconfirmed(job))
        with _action_errors():
            if is_fetching:
                await supervisor.give_up_files(job)
            else:
                await supervisor.dismiss(job)

    async def _ready_for_unconfirmed(self, job: Job) -> Supervisor:
        if job.state is not State.UNCONFIRMED:
            raise ActionError("This is only for jobs that are unconfirmed.")
        return await self.ready()

    async def adopt(self, endpoint_id: str, request_id: str) -> Job:
        """Records a request made elsewhere as a job, and follows it."""
        profile = self.profile.name
        supervisor = await self.ready()
        with _action_errors():
            return await supervisor.adopt(profile, endpoint_id, request_id)

    def direct_calls(self) -> list[Job]:
        """The jobs that would be lost if the deck ended now."""
        return self._supervisor.direct_calls() if self._supervisor else []

    def select(self, job: Job | None) -> None:
        """Follows the selected job most closely."""
        if self._supervisor:
            self._supervisor.select(job)


@contextlib.contextmanager
def _action_errors(before: str = "") -> Iterator[None]:
    """Turns the expected errors into ActionError, with a text before their own."""
    from faldeck.fal.errors import FalError

    try:
        yield
    except HistoryError as error:
        raise ActionError(f"{before}the history cannot be used: {error}.") from error
    except (FalError, NoKey, ConfigError, OSError) as error:
        raise ActionError(f"{before}{error}") from error
