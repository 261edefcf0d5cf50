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

from faldeck import paths, redaction
from faldeck.config import DEMO, OFFICIAL, Config, ConfigError, Profile, demo_key, envfile, outline, private

_KEY = re.compile(r"""[!#-&(-_a-~]+""")
"""What a header can carry, but for blanks and quotes: they come from copying more than the key."""


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
        return {**envfile.read(config.env_file), **os.environ}
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not config.env_file.is_absolute():
            return os.environ
        raise ConfigError(f"The env_file {config.env_file} cannot be read: {error.strerror}.") from error


def find(profile: Profile, environ: Mapping[str, str] = os.environ) -> Credential | None:
    """The key of `profile`, or None; raises ConfigError where the saved keys cannot be read safely."""
    if profile.name == DEMO:
        return _of_demo()
    credential = _in_environment(profile, environ) or saved(profile.name)
    if credential:
        redaction.hide(credential.key)
    return credential


def _of_demo() -> Credential:
    try:
        key = demo_key.read()
    except OSError as error:
        raise ConfigError(f"The demo's key cannot be kept in {demo_key.key_file()}: {error.strerror}.") from error
    redaction.hide(key)
    return Credential(key, "built in")


def _in_environment(profile: Profile, environ: Mapping[str, str]) -> Credential | None:
    if profile.key_env and (key := environ.get(profile.key_env, "").strip()):
        return Credential(key, f"${profile.key_env}")
    if profile.name == OFFICIAL.name:
        key_id, secret = environ.get("FAL_KEY_ID", "").strip(), environ.get("FAL_KEY_SECRET", "").strip()
        if key_id and secret:
            return Credential(f"{key_id}:{secret}", "$FAL_KEY_ID and $FAL_KEY_SECRET")
    return None


def saved(profile: str) -> Credential | None:
    """The saved key of the profile of that name; raises as `find` does."""
    key = _saved().get(profile, "").strip()
    return Credential(key, str(credentials_path())) if key else None


def command(profile: str) -> str:
    """What a person types to save a key for the profile of that name."""
    import shlex  # Who has a key does without.

    return f"faldeck --profile {shlex.quote(profile)} key add"


def typed(key: str) -> Credential:
    """A key that is to be tried before it is saved."""
    redaction.hide(key)
    return Credential(key, "typed")


def save(profile: str, key: str) -> Path:
    """Writes `key` for `profile` and returns the file; atomic, mode 0600 in a folder of mode 0700.

    Raises ConfigError where that is no key or the saved ones cannot be read safely, OSError where they cannot be
    written.
    """
    key = key.strip()
    redaction.hide(key)
    if not _KEY.fullmatch(key):
        raise ConfigError("That is no key: a key is one word of letters, digits and signs, without quotes around it.")
    return _write({**_saved(), profile: key})


def remove(profile: str) -> bool:
    """Forgets the saved key of `profile`; False where none is saved. Raises as `save` does."""
    keys = _saved()
    if keys.pop(profile, None) is None:
        return False
    _write(keys)
    return True


def _write(keys: Mapping[str, str]) -> Path:
    import tomli_w

    paths.private_dir(paths.config_dir()).chmod(0o700)
    return private.write(credentials_path(), tomli_w.dumps({"keys": dict(keys)}))


def _saved() -> dict[str, str]:
    path = credentials_path()
    try:
        with path.open("rb") as file:
            _require_private(path, stat.S_IMODE(os.fstat(file.fileno()).st_mode), 0o077, "600")
            _require_private(path.parent, stat.S_IMODE(path.parent.stat().st_mode), 0o022, "700")
            table = outline.parsed(file.read().decode()).get("keys", {})
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
