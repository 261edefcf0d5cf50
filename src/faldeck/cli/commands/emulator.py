"""`faldeck emulator`: serve a fal of one's own, for play, tests and client development."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app import demo
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command import factor
from faldeck.safety import private_file
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.cli.context import Desk

_EPILOG = """\
The first line on stdout is the base URL. Any key is good, unless --key-file names one. It answers to the names of
this machine, and pages of other sites are refused, unless --allow-origin names theirs. Faults are a list such as
  --faults drop-after@submit=1x,429@status=0.2,slow=1.5
where @ says at which operation, and = how likely it is, how many times it happens, or how many seconds it takes:
{faults}
operations: {operations}
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Where it serves, and how well."""
    from fal_emulator.faults import FAULTS, OPERATIONS

    width = max(map(len, FAULTS))
    faults = "\n".join(f"  {fault:{width}}  {what}" for fault, what in FAULTS.items())
    parser.epilog = _EPILOG.format(faults=faults, operations=", ".join(OPERATIONS))
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=_port, metavar="N", default=0, help="the port; 0 lets the system choose")
    parser.add_argument("--speed", type=factor, default=1.0, metavar="X", help="let time pass X times as fast")
    parser.add_argument("--faults", default="", metavar="SPEC", help="what goes wrong, where and how often")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the folder of requests and files")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        dest="allowed_origins",
        help="let pages of this origin call it, and answer to its host; pages of this machine always may",
    )
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="take the key in this file and no other")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, not {text}")
    return int(text)


def run(
    desk: Desk,
    *,
    host: str,
    port: int,
    speed: float,
    faults: str,
    state: Path | None,
    allowed_origins: list[str],
    key_file: Path | None,
    until_stdin_closes: bool,
) -> ExitStatus:
    """Serves until it is interrupted; raises DemoUnavailable, OSError."""
    demo.require_extra()
    from fal_emulator.server import serve

    only_key = key_file.read_text("utf-8").strip() if key_file else ""
    if key_file and not only_key:
        raise CommandError(f"--key-file: {key_file} is empty.", ExitStatus.USAGE)
    try:
        serve(
            host=host,
            port=port,
            state=private_file.private_dir(state or paths.data_dir() / "emulator"),
            speed=speed,
            faults=faults,
            allowed_origins=allowed_origins,
            only_key=only_key,
            until_stdin_closes=until_stdin_closes,
        )
    except ValueError as error:
        raise CommandError(f"The emulator was not started: {error}.", ExitStatus.USAGE) from error
    return ExitStatus.DONE
