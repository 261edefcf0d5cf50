"""What the package may import: httpx and the standard library, and httpx only where it talks."""

import subprocess
import sys

import pytest

PURE = (
    "values",
    "errors",
    "urls",
    "sse",
    "responses",
    "statuses",
    "submit_options",
    "media_type",
)


def imported(module: str) -> set[str]:
    """The names of all modules that a clean interpreter has after importing one of the package."""
    code = f"import sys, faldeck.fal.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_what_only_reads_and_writes_values_does_not_import_httpx() -> None:
    assert "httpx" not in imported(", faldeck.fal.".join(PURE))


@pytest.mark.parametrize("stranger", ["textual", "sqlite3", "starlette"])
def test_the_gateway_imports_no_stranger(stranger: str) -> None:
    assert stranger not in imported("gateway")


def test_the_package_imports_nothing_of_ours_above_it() -> None:
    ours = {name for name in imported("gateway") if name.startswith("faldeck")}
    assert all(
        name == "faldeck" or name.startswith(("faldeck.fal", "faldeck.safety", "faldeck.money")) for name in ours
    )
