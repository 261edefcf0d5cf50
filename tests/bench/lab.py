"""An emulator as a process of its own, and a home whose active profile it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seed import environment

from faldeck.config.settings import demo_profile

_HOSTS = ("queue_url", "run_url", "rest_url", "api_url", "schema_url")


@contextmanager
def served(state: Path, *options: str) -> Iterator[str]:
    """An emulator that keeps its state in a folder and serves until the end; gives its base URL."""
    command = [sys.executable, "-m", "faldeck", "emulator", "--state", str(state), "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        # Leaving closes its stdin, and waits for it.


def settled(home: Path, url: str) -> dict[str, str]:
    """Makes the emulator the active profile of a home, and gives the environment of whoever lives there."""
    config = home / "config" / "faldeck" / "config.toml"
    config.parent.mkdir(parents=True)
    profile = demo_profile(url)
    lines = [f'{name} = "{getattr(profile, name)}"' for name in _HOSTS]
    config.write_text("\n".join(['profile = "lab"', "[profiles.lab]", 'key_env = "LAB_KEY"', *lines]))
    return {**environment(home), "LAB_KEY": "any:key"}
