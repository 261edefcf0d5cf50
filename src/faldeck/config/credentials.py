"""Finds keys: in the environment, then in the env_file, then in `credentials.toml`, which only its owner may read.

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


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of an env file, without quotes and comments; nothing is expanded.

    Lines that set no variable are skipped. Raises OSError if the file cannot be read.
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
        """The key in a form that may be shown: `abcd…:••••`."""
        return f"{self.key[:4]}…:••••" if len(self.key) >= 12 else "••••"


def credentials_path() -> Path:
    """The file of saved keys."""
    return paths.config_dir() / "credentials.toml"


def environment(config: Config) -> Mapping[str, str]:
    """The environment variables, with those of the config's `env_file` added.

    Raises ConfigError if that file cannot be read. A missing file is no error if its path is relative: it is
    looked up in the working folder.
    """
    if config.env_file is None:
        return os.environ
    try:
        return {**read_env_file(config.env_file), **os.environ}
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not config.env_file.is_absolute():
            return os.environ
        raise ConfigError(f"The env_file {config.env_file} cannot be read: {error.strerror}.") from error


def find(profile: Profile, environ: Mapping[str, str] = os.environ) -> Credential | None:
    """The key of `profile`, without quotes and the like that were copied with it, or None.

    It is also None if the text in its place is not a key; `key_problem` says why. Raises ConfigError if the saved keys
    cannot be read safely.
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


def key_problem(profile: Profile, environ: Mapping[str, str] = os.environ) -> str:
    """A sentence that says why the text in the place of the profile's key is not a key; empty if nothing is wrong.

    Raises what `find` raises.
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
    """Redacts what may be a key or a part of one everywhere; a placeholder is no secret."""
    if not key_text.is_placeholder(text):
        redact.hide(text)


def is_fal(profile: Profile) -> bool:
    """Whether the profile's keys are those of fal itself, `id:secret`."""
    return profile.queue_url == OFFICIAL.queue_url


def _held(profile: Profile, environ: Mapping[str, str]) -> Credential | None:
    """The text in the first place that has any, unchanged."""
    if profile.key_env and (text := environ.get(profile.key_env, "").strip()):
        return Credential(text, f"${profile.key_env}")
    if profile.name == OFFICIAL.name:
        key_id, secret = (environ.get(name, "").strip().strip("\"'") for name in ("FAL_KEY_ID", "FAL_KEY_SECRET"))
        if key_id and secret:
            return Credential(f"{key_id}:{secret}", "$FAL_KEY_ID and $FAL_KEY_SECRET")
    return saved(profile.name)


def saved(profile: str) -> Credential | None:
    """The saved key of a profile; raises what `find` raises."""
    text = _saved().get(profile, "").strip()
    return Credential(text, str(credentials_path())) if text else None


def key_add_command(profile: str) -> str:
    """The command that saves a key for a profile."""
    import shlex  # Only needed without a key.

    return f"faldeck --profile {shlex.quote(profile)} key add"


def key_from_text(text: str, profile: Profile) -> Credential:
    """The key in a typed text, to be tested before it is saved; raises ConfigError."""
    return Credential(_key_in(text, of_fal=is_fal(profile)), "typed")


def save(profile: str, text: str, *, of_fal: bool = False) -> Path:
    """Writes the key in `text` for `profile` and returns the file; atomic, mode 0600 in a folder of mode 0700.

    `of_fal` says that it is a key of fal itself. Raises ConfigError if there is no key in it or the saved keys cannot
    be read safely, OSError if they cannot be written.
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
    """Deletes the saved key of `profile`; False without one. Raises what `save` raises."""
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
    """Raises ConfigError, with the command that helps, if any of the bits `others` are set in a mode."""
    if os.name == "posix" and mode & others:
        verb = "changed" if path.is_dir() else "read"
        raise ConfigError(f"{path} can be {verb} by others (mode {mode:04o}). Correct it with: chmod {wanted} {path}")
