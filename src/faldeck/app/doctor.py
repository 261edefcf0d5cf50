"""Checks everything that faldeck needs, and reports findings that can be shown to anybody.

They contain no keys, no user names, no home folders, and no more of a host than its name.
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
from typing import TYPE_CHECKING, NamedTuple
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
"""If the clock differs by more (seconds), times are wrong and certificates may be refused."""
LEAST_FREE_BYTES = 500_000_000
"""With less free space (bytes), a folder is reported."""

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "demo": demo.PACKAGES,
    "images": ("PIL", "segno"),
}
"""Extra → the modules that it installs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    subject: str
    words: str
    is_well: bool = True

    def __post_init__(self) -> None:
        """Removes keys and the path of the home folder from the text."""
        object.__setattr__(self, "words", redact.redacted(_without_home(self.words)))


def of_machine(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Checks the program, the terminal, the extras, and the variables that change the network."""
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
        yield Finding("certificates", f"from {authorities[0]}")


def _terminal(environ: Mapping[str, str]) -> Finding:
    columns, lines = shutil.get_terminal_size()
    facts = [f"{environ.get('TERM', 'no TERM')}, {columns}x{lines}, {sys.stdout.encoding}"]
    facts += [word for name, word in _AROUND.items() if environ.get(name)]
    facts += [f"colours: {environ['COLORTERM']}"] if environ.get("COLORTERM") else []
    is_well = environ.get("TERM") != "dumb" and "utf" in (sys.stdout.encoding or "").lower()
    return Finding("terminal", ", ".join(facts), is_well)


_AROUND = {"TMUX": "in tmux", "STY": "in screen", "SSH_CONNECTION": "over SSH", "NO_COLOR": "NO_COLOR is set"}


def of_files(settings: Config) -> Iterator[Finding]:
    """Checks the config, the history, the log file, and the folders for data and outputs."""
    path = config_path()
    yield Finding("config", f"{path}" if path.exists() else f"there is no file {path}, so the defaults are used")
    for problem in settings.problems:
        yield Finding("config", problem, is_well=False)
    try:
        yield Finding("profile", settings.active.name)
        for problem in _alias_problems(settings):
            yield Finding("aliases", problem, is_well=False)
    except ConfigError as error:
        yield Finding("profile", str(error), is_well=False)
    yield _history(history_path(settings.profile == DEMO))
    log = log_file.path()
    yield Finding("log", f"{log}" if log.exists() else "empty: there were no unexpected errors")
    for name, folder in (("data", paths.data_dir()), ("outputs", settings.output_dir)):
        yield _folder(name, folder)


def _alias_problems(settings: Config) -> list[str]:
    """The aliases that lead to no listed model; reads the disk."""
    if not settings.aliases:
        return []
    from faldeck.app import aliases
    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.gateways import Gateways

    return aliases.problems(settings, Catalogue(Gateways(settings), settings.profile))


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
    """Checks which profiles have a key, and where each key comes from. Keys are not shown."""
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
    """Checks the hosts of a profile, the clock and the key. This costs nothing."""
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
        return Finding(subject, "not checked")
    except errors.NotSupported:
        return Finding(subject, "this service has no free way to check it")
    except errors.FalError as error:
        return Finding(subject, error.message, is_well=False)
    return Finding(subject, "accepted" if is_sure else "not refused; more cannot be checked for free")


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


class KeyStatus(Enum):
    """What a service says about a key."""

    GOOD = auto()
    """The key is accepted, or not refused."""
    REFUSED = auto()
    """The key is wrong, or its account is locked."""
    UNKNOWN = auto()
    """The service could not be asked."""


class KeyCheck(NamedTuple):
    """The result of checking a key, with a sentence for the person."""

    status: KeyStatus
    words: str


async def check_key(
    profile: Profile, credential: Credential, *, transport: httpx.AsyncBaseTransport | None = None
) -> KeyCheck:
    """Checks a key by asking the profile's service for something that costs nothing (protocol §1)."""
    from faldeck.engine.gateways import Gateways
    from faldeck.fal.errors import FalError, Forbidden, Unauthorized

    host = urlsplit(profile.api_url or profile.home_url).netloc.rpartition("@")[2]
    config = Config().with_profile(profile)
    services = Gateways(config, find_key=lambda _: credential, transport=transport)
    try:
        is_sure = await services.gateway(profile.name).check_key()
    except (Unauthorized, Forbidden) as error:
        return KeyCheck(KeyStatus.REFUSED, f"{host} refuses this key: {_sentence(error)}")
    except FalError as error:
        return KeyCheck(KeyStatus.UNKNOWN, f"The key could not be checked: {_sentence(error)}")
    finally:
        await services.close()
    if is_sure:
        return KeyCheck(KeyStatus.GOOD, f"{host} accepts the key.")
    return KeyCheck(KeyStatus.GOOD, f"{host} answers and does not refuse the key; more cannot be checked for free.")


def _sentence(error: Exception) -> str:
    return f"{sanitize.clean_line(str(error), limit=300).rstrip('.')}."
