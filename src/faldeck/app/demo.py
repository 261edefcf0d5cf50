"""The service of the demo: an emulator on this machine. All processes of one user share it while one of them runs.

The first process starts it as a child, which ends with its parent. The others start a new one then.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from faldeck.config import demo_key
from faldeck.safety import private_file

HOST = "127.0.0.1"

PACKAGES = ("starlette", "uvicorn", "PIL")
"""The modules that the extra `demo` installs."""

CHECK_SECONDS = 1.0
"""How often the emulator is checked (seconds)."""

PATIENCE_SECONDS = 2.0
"""How long the emulator may take to answer or to end (seconds)."""


class DemoUnavailable(OSError):
    """The emulator cannot be started. The text says why and what to do."""


class Demo:
    """The emulator that keeps its state in one folder, at a port of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    @functools.cached_property
    def port(self) -> int:
        """The port. It stays the same, so that URLs stay valid, unless another program uses it."""
        file = self._folder / "port"
        with contextlib.suppress(FileNotFoundError):
            with contextlib.suppress(ValueError):
                port = int(file.read_text("ascii"))
                if self._is_served(port) or not _is_taken(port):
                    return port
            file.unlink()
        with socket.create_server((HOST, 0)) as free:
            port = int(free.getsockname()[1])
        private_file.private_dir(self._folder)
        coming = file.with_name(f"port.{port}")
        coming.write_text(f"{port}\n", "ascii")
        try:
            os.link(coming, file)
        except FileExistsError:
            return int(file.read_text("ascii"))  # Two processes start at once: the first one decides.
        finally:
            coming.unlink()
        return port

    @property
    def base_url(self) -> str:
        """The address of the emulator while it runs. Raises OSError if the folder cannot be used."""
        return f"http://{HOST}:{self.port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keeps the emulator running until the end of the block; if it ends before, it is started again.

        Raises OSError (DemoUnavailable) if none can be started.
        """
        if not self._is_served(self.port):
            require_extra()
            self._start()
        over = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(over,), name="demo", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
            self._stop()

    def _keep(self, over: threading.Event) -> None:
        while not over.wait(CHECK_SECONDS):
            if not self._is_served(self.port):
                with contextlib.suppress(OSError):  # The next check tries again.
                    self._start()

    def _is_served(self, port: int) -> bool:
        """True if the emulator with this folder answers on the port."""
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/emulator/health")
            health = json.loads(connection.getresponse().read(10_000))
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        if not isinstance(health, dict) or health.get("name") != "faldeck emulator":
            return False
        return health.get("state") == str(self._folder.resolve())

    def _start(self) -> None:
        self._stop()
        private_file.private_dir(self._folder)
        command = [sys.executable, "-m", "faldeck", "emulator", "--until-stdin-closes"]
        demo_key.read(self._folder)
        command += ["--key-file", str(demo_key.key_file(self._folder))]
        place = ["--host", HOST, "--port", str(self.port), "--state", str(self._folder)]
        with (self._folder / "emulator.log").open("wb") as log:
            child = subprocess.Popen(
                [*command, *place],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C must end the program that waits, not the emulator.
                start_new_session=True,
            )
        self._child = child
        assert child.stdout is not None
        if not child.stdout.readline().startswith(b"http"):
            self._stop()
            if self._is_served(self.port):
                return  # Another process was faster.
            raise DemoUnavailable(f"The emulator could not be started: {self._last_words()}")

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        try:
            child.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()

    def _last_words(self) -> str:
        lines = (self._folder / "emulator.log").read_text("utf-8", "replace").splitlines()
        return lines[-1] if lines else "it printed nothing."


def _is_taken(port: int) -> bool:
    """True if any program listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(PATIENCE_SECONDS)
        return probe.connect_ex((HOST, port)) == 0


def require_extra() -> None:
    """Raises DemoUnavailable if the packages that the emulator needs are not installed."""
    if not all(importlib.util.find_spec(name) for name in PACKAGES):
        raise DemoUnavailable("The emulator needs more packages: pip install 'faldeck[demo]'")
