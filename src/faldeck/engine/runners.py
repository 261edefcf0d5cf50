"""The runners of all profiles, and what the jobs of one profile share: its lines, its streams and its uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faldeck.config import Config
from faldeck.engine.line import Line
from faldeck.engine.means import Means
from faldeck.engine.outputs import Folder
from faldeck.engine.pace import Pace
from faldeck.engine.runner import Runner
from faldeck.engine.streams import Streams
from faldeck.engine.unwritten import Unwritten
from faldeck.engine.uploads import Uploads
from faldeck.history import History
from faldeck.job import Job
from faldeck.services import Services

if TYPE_CHECKING:
    from faldeck.fal.gateway import Gateway


class Runners:
    """Profile name → runner."""

    def __init__(
        self,
        history: History,
        services: Services,
        config: Config,
        pace: Pace,
        owner: str,
        unwritten: Unwritten | None = None,
    ) -> None:
        """`owner` is whose lease the jobs are under."""
        self.on_full: Callable[[str], None] = lambda sentence: None
        """Called with a sentence when the disk keeps jobs from going on."""
        self.on_refusal: Callable[[str], None] = lambda sentence: None
        """Called with a sentence when a profile's key is refused."""
        self._history = history
        self._services = services
        self._folder = Folder(config.output_dir, config.output_name)
        self._fetch_files = config.download == "auto"
        self._pace = pace
        self._owner = owner
        self._unwritten = unwritten or Unwritten()
        self._lines: dict[tuple[str, str], Line] = {}
        self._streams: dict[str, Streams] = {}
        self._uploads: dict[str, tuple[Gateway, Uploads]] = {}

    def of(self, profile: str) -> Runner:
        """The runner of the profile; raises ConfigError or NoKey."""
        gateway = self._services.gateway(profile)
        return Runner(
            Means(
                history=self._history,
                owner=self._owner,
                find_gateway=lambda: self._services.gateway(profile),
                uploads=self._uploads_by(gateway, profile),
                line_to=lambda url: self._line(profile, url),
                streams=self._streams.setdefault(profile, Streams(self._pace.streams, self._pace.silence)),
                pace=self._pace,
                folder=self._folder,
                fetch_files=self._fetch_files,
                on_full=self.on_full,
                unwritten=self._unwritten,
            )
        )

    def select(self, job: Job | None) -> None:
        """Gives the job that a person looks at a stream before all others."""
        for profile, streams in self._streams.items():
            streams.selected = job.id if job and job.profile == profile else None

    def wake(self) -> None:
        """Has everything asked at once: connections that seem open are long gone."""
        for streams in self._streams.values():
            streams.close()
        for line in self._lines.values():
            line.wake()

    def _uploads_by(self, gateway: Gateway, profile: str) -> Uploads:
        if self._uploads.get(profile, (None, None))[0] is not gateway:
            self._uploads[profile] = gateway, Uploads(self._history, gateway, profile)
        return self._uploads[profile][1]

    def _line(self, profile: str, url: str | None) -> Line:
        key = (profile, _host(url or ""))
        if key not in self._lines:
            self._lines[key] = Line(self._pace, lambda words: self.on_refusal(_refused(profile, words)))
        return self._lines[key]


def _host(url: str) -> str:
    """The host and port of a URL; empty for what is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _refused(profile: str, words: str) -> str:
    return f"The key of the profile {profile!r} is refused, so its jobs wait: {words}"
