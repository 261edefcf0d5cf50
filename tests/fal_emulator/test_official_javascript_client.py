"""The official JavaScript client runs against the emulator, its addresses changed by its own middleware."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator

PACKAGE = "@fal-ai/client@1.10.1"
SCRIPT = Path(__file__).with_name("official_client.mjs")

MACHINE = dict(os.environ)
"""The environment before a test has emptied it: npm may need it to reach its registry."""


@pytest.fixture(scope="module")
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client installed, kept between test runs where pytest keeps a cache."""
    npm, node = shutil.which("npm", path=MACHINE.get("PATH")), shutil.which("node", path=MACHINE.get("PATH"))
    if npm is None or node is None:
        pytest.skip("node and npm are not installed")
    cache = getattr(request.config, "cache", None)  # `-p no:cacheprovider` leaves not even the attribute.
    folder = cache.mkdir("fal-ai-client") if cache else tmp_path_factory.mktemp("fal-ai-client")
    if not (folder / "node_modules" / "@fal-ai" / "client" / "package.json").exists():
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", PACKAGE]
        try:
            done = subprocess.run(command, cwd=folder, env=MACHINE, capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm could not install {PACKAGE} within a minute")
        if done.returncode:
            pytest.skip(f"npm could not install {PACKAGE}")
    return folder


@pytest.fixture
def run(package: Path, emulator: Emulator) -> Callable[[], dict[str, Any]]:
    """Runs the script and gives what it saw."""

    def run() -> dict[str, Any]:
        script = package / SCRIPT.name
        shutil.copy(SCRIPT, script)
        done = subprocess.run(
            ["node", str(script), emulator.url], cwd=package, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen

    return run


def test_the_javascript_client_lives_with_the_emulator(run: Callable[[], dict[str, Any]], emulator: Emulator) -> None:
    seen = run()

    for mode in ("polling", "streaming"):
        subscription = seen[mode]
        assert subscription["data"]["prompt"] == "a lake"
        assert subscription["requestId"]
        assert subscription["statuses"][-1] == "COMPLETED"
        assert subscription["lines"].count("Warm runner found") == 1
    assert len(emulator.posts("demo/sketch/fast")) == 3

    assert seen["queued"]["status"] == "IN_QUEUE"
    assert seen["cancelled"] == 499
    assert seen["invalid"]["detail"][0]["loc"] == ["body", "prompt"]

    with httpx.Client(verify=False) as http:
        assert http.get(seen["uploaded"]).text == "some bytes"
    assert seen["parts"] > 3
    assert seen["whole"]["partial"] is False
