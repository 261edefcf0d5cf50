"""The same parsers under inputs that atheris makes of what they do with them; `pytest -m atheris` asks for it."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import long_run
import pytest

RUNS = 5_000
LONGEST_INPUT = 1_000

pytestmark = [
    pytest.mark.atheris,
    pytest.mark.skipif(not find_spec("atheris"), reason="atheris is not installed: pip install atheris"),
]


@pytest.mark.parametrize("name", long_run.targets())
def test_atheris_finds_nothing(name: str, tmp_path: Path) -> None:
    driver = Path(__file__).with_name("with_atheris.py")
    bounds = [
        f"-runs={RUNS}",
        f"-max_len={LONGEST_INPUT}",
        "-len_control=0",
        "-rss_limit_mb=2048",
        "-timeout=20",
        "-seed=1",
    ]

    done = subprocess.run([sys.executable, driver, name, *bounds], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-3_000:]
    assert f"Done {RUNS} runs" in done.stderr
