"""`faldeck upload`: files to the service's storage, their URLs to stdout."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck import hostile
from faldeck.cli.exits import Exit, Stop

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.add_argument("paths", metavar="FILE", nargs="+", type=Path, help="the files")
    parser.add_argument("--lifecycle", type=int, metavar="S", help="let the service keep them for S seconds")
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def run(desk: Desk, *, paths: list[Path], lifecycle: int | None, as_json: bool) -> Exit:
    """Uploads one after the other; raises NoKey, FalError, OSError."""
    for path in paths:
        if not path.is_file():
            raise Stop(f"There is no file {path}.", Exit.USAGE)
    return asyncio.run(_run(desk, paths, lifecycle, as_json))


async def _run(desk: Desk, paths: list[Path], lifecycle: int | None, as_json: bool) -> Exit:
    from faldeck.cli import output

    async with desk.reach() as reach:
        gateway = reach.services.gateway(reach.profile)
        for path in paths:
            url = await gateway.upload(path, lifecycle=lifecycle, progress=_progress(path))
            if as_json:
                output.line({"path": str(path), "url": url})
            else:
                output.text(url)
    return Exit.DONE


def _progress(path: Path) -> Callable[[int, int], None] | None:
    """What shows how far an upload is, on a terminal."""
    if not sys.stderr.isatty():
        return None

    def show(sent: int, total: int) -> None:
        words = f"{hostile.clean_line(path.name)}  {sent / total:.0%}" if sent < total else ""
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    return show
