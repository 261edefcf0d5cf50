"""The source itself: formatted, linted, typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "check",
    [
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("mypy",),
    ],
    ids=["formatted", "linted", "typed"],
)
def test_the_source_passes(check: tuple[str, ...]) -> None:
    command = [str(Path(sys.executable).with_name(check[0])), *check[1:]]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
