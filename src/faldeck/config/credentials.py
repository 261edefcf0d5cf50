"""Keys: the environment first, then the file that adds to it, then `credentials.toml`, which only its owner may read.

A key is never part of a repr, a log line or an error text; `Credential.masked` is what may be shown.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faldeck.config import demo_key, key_text, toml_outline
from faldeck.config.settings import DEMO, OFFICIAL, Config, ConfigError, Profile
from faldeck.safety import private_file, redact
from faldeck.system import paths

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_COMMENT = re.compile(r"(^|\s)#.*$")


def read(path: Path) -> dict[str, str]:
    """The variables of a file; quotes around a value and comments are taken off, nothing is expanded.

    Raises OSError where the file cannot be read; a line that sets nothing is passed over.
    """
    found = (_LINE.fullmatch(line) for line in path.read_text("utf-8-sig", errors="replace").splitlines())
    return {match["name"]: _value(match["value"]) for match in found if match}


def _value(text: str) -> str:
    quote = text[:1]
    if quote in ("'", '"') and (end := text.find(quote, 1)) > 0:
        return text[1:end]
    return _COMMENT.sub("", text).strip()


@dataclass(frozen=True, slots=True)
class Credential:
    """One profile's key and where it came from."""

    key: str = field(repr=False)
    origin: str
    """`$FAL_KEY`, or the path of the credentials file."""

    @property
    def masked(self) -> str:
        """The key as it may be shown: `abcd…:••••`."""
        return f"{self.key[:4]}…:••••" if len(self.key) >= 12 else "••••"


def credentials_path() -> Path:
    """The file of saved keys."""
    return paths.config_dir() / "credentials.toml"


def environment(config: Config) -> Mapping[str, str]:
    """Where `find` looks first: the environment, and behind it the file that the config names (`env_file`).

    Raises ConfigError where that cannot be read; a folder without the file that is looked for in each is no fault.
    """
    if config.env_file is None:
        return os.environ
    try:
        return {**read(config.env_file), **os.environ}
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not config.env_file.is_absolute():
            return os.environ
        raise ConfigError(f"The env_file {config.env_file} cannot be read: {error.strerror}.") from error


def find(profile: Profile, environ: Mapping[str, str] = os.environ) -> Credential | None:
    """The key of `profile`, without what was copied with it, or None.

    None, too, where the place that counts holds something else: `fault` says what. Raises ConfigError where the saved
    keys cannot be read safely.
    """
    if profile.name == DEMO:
        return _of_demo()
    if (held := _held(profile, environ)) is None:
        return None
    _hide(held.key)
    try:
        credential = Credential(key_text.key_in(held.key, is_fal=is_fal(profile)), held.origin)
    except key_text.NoKeyFound:
        return None
    redact.hide(credential.key)
    return credential


def _of_demo() -> Credential:
    try:
        key = demo_key.read()
    except OSError as error:
        raise ConfigError(f"The demo's key cannot be kept in {demo_key.key_file()}: {error.strerror}.") from error
    redact.hide(key)
    return Credential(key, "built in")


def fault(profile: Profile, environ: Mapping[str, str] = os.environ) -> str:
    """Why what is held in the place of the profile's key is none, as a sentence; empty where nothing is wrong.

    Raises as `find` does.
    """
    if profile.name == DEMO:
        return ""
    if (held := _held(profile, environ)) is None:
        halves = {bool(environ.get(name, "").strip()) for name in ("FAL_KEY_ID", "FAL_KEY_SECRET")}
        is_half = profile.name == OFFICIAL.name and len(halves) == 2
        return "Only one of FAL_KEY_ID and FAL_KEY_SECRET is set: they belong together." if is_half else ""
    try:
        key_text.key_in(held.key, is_fal=is_fal(profile))
    except key_text.NoKeyFound as error:
        return f"{held.origin} holds no key: {error}."
    return ""


def _hide(text: str) -> None:
    """Keeps what may be a key, or a part of one, out of everything that is shown; a placeholder is no secret."""
    if not key_text.is_placeholder(text):
        redact.hide(text)


def is_fal(profile: Profile) -> bool:
    """Whether the profile's keys are those of fal itself, `id:secret`."""
    return profile.queue_url == OFFICIAL.queue_url


def _held(profile: Profile, environ: Mapping[str, str]) -> Credential | None:
    """What stands in the place that counts, as it stands there."""
    if profile.key_env and (text := environ.get(profile.key_env, "").strip()):
        return Credential(text, f"${profile.key_env}")
    if profile.name == OFFICIAL.name:
        key_id, secret = (environ.get(name, "").strip().strip("\"'") for name in ("FAL_KEY_ID", "FAL_KEY_SECRET"))
        if key_id and secret:
            return Credential(f"{key_id}:{secret}", "$FAL_KEY_ID and $FAL_KEY_SECRET")
    return saved(profile.name)


def saved(profile: str) -> Credential | None:
    """What is saved for the profile of that name; raises as `find` does."""
    text = _saved().get(profile, "").strip()
    return Credential(text, str(credentials_path())) if text else None


def command(profile: str) -> str:
    """What a person types to save a key for the profile of that name."""
    import shlex  # Who has a key does without.

    return f"faldeck --profile {shlex.quote(profile)} key add"


def typed(text: str, profile: Profile) -> Credential:
    """The key in what was typed for a profile, to be tried before it is saved; raises ConfigError."""
    return Credential(_key_in(text, of_fal=is_fal(profile)), "typed")


def save(profile: str, text: str, *, of_fal: bool = False) -> Path:
    """Writes the key in `text` for `profile` and returns the file; atomic, mode 0600 in a folder of mode 0700.

    `of_fal` says that it is one of fal's own. Raises ConfigError where there is no key in it or the saved ones cannot
    be read safely, OSError where they cannot be written.
    """
    return _write({**_saved(), profile: _key_in(text, of_fal=of_fal)})


def _key_in(text: str, *, of_fal: bool) -> str:
    _hide(text.strip())
    try:
        key = key_text.key_in(text, is_fal=of_fal)
    except key_text.NoKeyFound as error:
        raise ConfigError(f"That is no key: {error}.") from None
    redact.hide(key)
    return key


def remove(profile: str) -> bool:
    """Forgets the saved key of `profile`; False where none is saved. Raises as `save` does."""
    keys = _saved()
    if keys.pop(profile, None) is None:
        return False
    _write(keys)
    return True


def _write(keys: Mapping[str, str]) -> Path:
    import tomli_w

    private_file.private_dir(paths.config_dir()).chmod(0o700)
    return private_file.write(credentials_path(), tomli_w.dumps({"keys": dict(keys)}))


def _saved() -> dict[str, str]:
    path = credentials_path()
    try:
        with path.open("rb") as file:
            _require_private(path, stat.S_IMODE(os.fstat(file.fileno()).st_mode), 0o077, "600")
            _require_private(path.parent, stat.S_IMODE(path.parent.stat().st_mode), 0o022, "700")
            table = toml_outline.parsed(file.read().decode("utf-8-sig")).get("keys", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    return {name: key for name, key in table.items() if isinstance(key, str)} if isinstance(table, dict) else {}


def _require_private(path: Path, mode: int, others: int, wanted: str) -> None:
    """Raises ConfigError, with the command that mends it, where the bits `others` are set in a mode."""
    if os.name == "posix" and mode & others:
        verb = "changed" if path.is_dir() else "read"
        raise ConfigError(f"{path} can be {verb} by others (mode {mode:04o}). Mend it with: chmod {wanted} {path}")
