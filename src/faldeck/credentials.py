"""Keys: the environment first, then `credentials.toml`, which only its owner may read.

A key is never part of a repr, a log line or an error text; `Credential.masked` is what may be shown.
"""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faldeck import paths
from faldeck.config import DEMO, DEMO_KEY, OFFICIAL, ConfigError, Profile


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


def find(profile: Profile, environ: Mapping[str, str] = os.environ) -> Credential | None:
    """The key of `profile`, or None; raises ConfigError where the saved keys cannot be read safely."""
    if profile.name == DEMO:
        return Credential(DEMO_KEY, "built in")
    if profile.key_env and (key := environ.get(profile.key_env, "").strip()):
        return Credential(key, f"${profile.key_env}")
    if profile.name == OFFICIAL.name:
        key_id, secret = environ.get("FAL_KEY_ID", "").strip(), environ.get("FAL_KEY_SECRET", "").strip()
        if key_id and secret:
            return Credential(f"{key_id}:{secret}", "$FAL_KEY_ID and $FAL_KEY_SECRET")
    key = _saved().get(profile.name, "")
    return Credential(key, str(credentials_path())) if key else None


def save(profile: str, key: str) -> Path:
    """Writes `key` for `profile` and returns the file; atomic, mode 0600 in a folder of mode 0700.

    Raises ConfigError where the saved keys cannot be read safely, OSError where they cannot be written.
    """
    return _write({**_saved(), profile: key.strip()})


def remove(profile: str) -> bool:
    """Forgets the saved key of `profile`; False where none is saved. Raises as `save` does."""
    keys = _saved()
    if keys.pop(profile, None) is None:
        return False
    _write(keys)
    return True


def _write(keys: Mapping[str, str]) -> Path:
    import tomli_w

    folder = paths.private_dir(paths.config_dir())
    folder.chmod(0o700)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".credentials-")
    with open(descriptor, "wb") as file:
        tomli_w.dump({"keys": dict(keys)}, file)
        file.flush()
        os.fsync(file.fileno())
    return Path(temporary).replace(credentials_path())


def _saved() -> dict[str, str]:
    path = credentials_path()
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise ConfigError(f"{path} can be read by others (mode {mode:04o}). Mend it with: chmod 600 {path}")
        table = tomllib.loads(path.read_text("utf-8")).get("keys", {})
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    return {name: key for name, key in table.items() if isinstance(key, str)}
