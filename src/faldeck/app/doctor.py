"""Looks over everything that faldeck needs and says what it finds, in words that can be shown to anybody.

No key is in them, no name of a person, no path of a home, of a host no more than its name.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faldeck import __version__
from faldeck.app import demo, wording
from faldeck.config import credentials
from faldeck.config.credentials import Credential
from faldeck.config.settings import DEMO, Config, ConfigError, Profile, config_path
from faldeck.fal import errors
from faldeck.history import history_path
from faldeck.history.migrations import look
from faldeck.safety import redact, sanitize
from faldeck.system import log_file, paths

if TYPE_CHECKING:
    import httpx

    from faldeck.engine.gateways import Gateways


MOST_SKEW_SECONDS = 60.0
"""A clock that is further off spoils times, and in the end certificates."""
LEAST_FREE_BYTES = 500_000_000

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "demo": demo.PACKAGES,
    "images": ("textual_image", "PIL"),
}
"""What each extra brings, as modules."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    words: str
    is_well: bool = True

    def __post_init__(self) -> None:
        """Nobody's key and nobody's home is in what is shown."""
        object.__setattr__(self, "words", redact.redacted(_without_home(self.words)))


def of_machine(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """The program, the terminal, the extras, the disk."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("textual", "httpx"))
    yield Finding("program", f"faldeck {__version__}, Python {platform.python_version()}, {versions}")
    yield Finding("system", f"{platform.system()} {platform.release()} {platform.machine()}")
    yield _terminal(environ)
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if find_spec(name) is None]
        yield Finding(f"extra {extra}", f"not installed: pip install 'faldeck[{extra}]'" if missing else "installed")
    proxies = sorted(name for name in environ if name.upper().endswith("_PROXY") and environ[name])
    if proxies:
        yield Finding("proxy", f"set by {', '.join(proxies)}")
    if authorities := [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)]:
        yield Finding("certificates", f"those that {authorities[0]} names")


def _terminal(environ: Mapping[str, str]) -> Finding:
    columns, lines = shutil.get_terminal_size()
    facts = [f"{environ.get('TERM', 'no TERM')}, {columns}x{lines}, {sys.stdout.encoding}"]
    facts += [word for name, word in _AROUND.items() if environ.get(name)]
    facts += [f"colours: {environ['COLORTERM']}"] if environ.get("COLORTERM") else []
    is_well = environ.get("TERM") != "dumb" and "utf" in (sys.stdout.encoding or "").lower()
    return Finding("terminal", ", ".join(facts), is_well)


_AROUND = {"TMUX": "in tmux", "STY": "in screen", "SSH_CONNECTION": "over SSH", "NO_COLOR": "NO_COLOR is set"}


def of_files(settings: Config) -> Iterator[Finding]:
    """The config, the history, the log, and the folders that are written to."""
    path = config_path()
    yield Finding("config", f"{path}" if path.exists() else f"none at {path}: everything is as built in")
    for problem in settings.problems:
        yield Finding("config", problem, is_well=False)
    try:
        yield Finding("profile", settings.active.name)
    except ConfigError as error:
        yield Finding("profile", str(error), is_well=False)
    yield _history(history_path(settings.profile == DEMO))
    book = log_file.path()
    yield Finding("log", f"{book}" if book.exists() else "empty: nothing unexpected has happened")
    for name, folder in (("data", paths.data_dir()), ("outputs", settings.output_dir)):
        yield _folder(name, folder)


def _history(path: Path) -> Finding:
    health = look(path)
    if health is None:
        return Finding("history", f"none yet at {path}")
    size = f"{health.jobs:,} jobs, {wording.file_size(health.size_bytes)} at {path}"
    return Finding("history", f"{size}: {health.problem or 'sound'}", health.problem is None)


def _folder(name: str, folder: Path) -> Finding:
    present = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(present).free
    is_writable = os.access(present, os.W_OK)
    words = f"{folder}: {'can' if is_writable else 'cannot'} be written, {free / 1e9:.1f} GB free"
    return Finding(f"{name} folder", words, is_writable and free >= LEAST_FREE_BYTES)


def of_keys(settings: Config) -> Iterator[Finding]:
    """Which profiles have a key, and where it comes from; never the key."""
    for profile in settings.profiles.values():
        is_active = profile.name == settings.profile
        try:
            environment = credentials.environment(settings)
            credential, fault = credentials.find(profile, environment), credentials.key_problem(profile, environment)
        except ConfigError as error:
            yield Finding(f"key of {profile.name}", str(error), is_well=False)
            continue
        origin = f"from {credential.origin}" if credential else fault or "none"
        is_well = credential is not None or not (is_active or fault)
        yield Finding(f"key of {profile.name}", origin, is_well=is_well)


async def of_service(profile: Profile, services: Gateways) -> AsyncIterator[Finding]:
    """The hosts of a profile, the clock, and whether the key is good; nothing that costs is asked for."""
    skews = []
    for host, url in _hosts(profile).items():
        try:
            reached = await services.catalogue(profile.name).probe(url)
        except errors.FalError as error:
            yield Finding(f"host {host}", error.message, is_well=False)
            continue
        yield Finding(f"host {host}", f"answers in {reached.seconds * 1000:.0f} ms")
        skews += [reached.skew_seconds] if reached.skew_seconds is not None else []
    if skews:
        skew = min(skews, key=abs)
        words = "right" if abs(skew) <= MOST_SKEW_SECONDS else f"{abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
        yield Finding("clock", words, abs(skew) <= MOST_SKEW_SECONDS)
    yield await _key_check(profile, services)


async def _key_check(profile: Profile, services: Gateways) -> Finding:
    from faldeck.engine.gateways import NoKey

    subject = f"key of {profile.name}"
    try:
        is_sure = await services.gateway(profile.name).check_key()
    except (NoKey, ConfigError):
        return Finding(subject, "was not tried")
    except errors.NotSupported:
        return Finding(subject, "cannot be tried for free here")
    except errors.FalError as error:
        return Finding(subject, error.message, is_well=False)
    return Finding(subject, "accepted" if is_sure else "was not refused; more cannot be known for free")


def _hosts(profile: Profile) -> dict[str, str]:
    """Host → one URL of the profile on it."""
    named = (
        profile.queue_url,
        profile.run_url,
        profile.rest_url,
        profile.api_url,
        profile.images_url,
        profile.videos_url,
    )
    return {urlsplit(url).netloc.rpartition("@")[2]: url for url in reversed(named) if url}


def _without_home(text: str) -> str:
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


class Standing(Enum):
    """How a profile stands with its service."""

    GOOD = auto()
    """The key is taken, or not refused."""
    REFUSED = auto()
    """The key is wrong, or its account is locked."""
    UNKNOWN = auto()
    """The service could not be asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trial has shown, for a person."""

    standing: Standing
    words: str


async def trial(
    profile: Profile, credential: Credential, *, transport: httpx.AsyncBaseTransport | None = None
) -> Verdict:
    """Asks the profile's service, with the key, for something that costs nothing (protocol §1)."""
    from faldeck.engine.gateways import Gateways
    from faldeck.fal.errors import FalError, Forbidden, Unauthorized

    host = urlsplit(profile.api_url or profile.home_url).netloc.rpartition("@")[2]
    config = Config().with_profile(profile)
    services = Gateways(config, find_key=lambda _: credential, transport=transport)
    try:
        is_sure = await services.gateway(profile.name).check_key()
    except (Unauthorized, Forbidden) as error:
        return Verdict(Standing.REFUSED, f"{host} does not take this key: {_sentence(error)}")
    except FalError as error:
        return Verdict(Standing.UNKNOWN, f"The key could not be tried: {_sentence(error)}")
    finally:
        await services.close()
    if is_sure:
        return Verdict(Standing.GOOD, f"{host} takes the key.")
    return Verdict(Standing.GOOD, f"{host} answers and does not refuse the key; more cannot be known for free.")


def _sentence(error: Exception) -> str:
    return f"{sanitize.clean_line(str(error), limit=300).rstrip('.')}."
