"""`faldeck emulator`: run a local server that behaves like fal.ai, for demos, tests and client development."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app import demo
from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli.command_table import factor
from faldeck.safety import private_file
from faldeck.system import paths

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext

_EPILOG = """\
The first line on stdout is the base URL. Every key is accepted, unless --key-file is given. The server answers only
to the names of this machine and to web pages from it; --allow-origin adds others. Faults are a list such as
  --faults drop-after@submit=1x,429@status=0.2,slow=1.5
The word after @ is the operation. The value after = is a probability, a number of times (1x) or seconds:
{faults}
operations: {operations}
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the address, the speed, the faults and the access."""
    from fal_emulator.faults import FAULTS, OPERATIONS

    width = max(map(len, FAULTS))
    faults = "\n".join(f"  {fault:{width}}  {what}" for fault, what in FAULTS.items())
    parser.epilog = _EPILOG.format(faults=faults, operations=", ".join(OPERATIONS))
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, metavar="N", default=0, help="the port; 0 for any free port")
    parser.add_argument("--speed", type=factor, default=1.0, metavar="X", help="run X times as fast")
    parser.add_argument("--faults", default="", metavar="SPEC", help="the faults to produce; see below")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the folder where requests and files are kept")
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        dest="allowed_origins",
        help="accept calls from web pages of this origin, and answer to its host name; may be given again",
    )
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="accept only the key in this file")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, not {text}")
    return int(text)


def run(
    context: CommandContext,
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
    """Serves until it is interrupted. Raises CommandError, DemoUnavailable, OSError."""
    demo.require_extra()
    from fal_emulator.server import Server, serve
    from faldeck.history.migrations import lock_problem

    only_key = key_file.read_text("utf-8").strip() if key_file else ""
    if key_file and not only_key:
        raise CommandError(f"--key-file: {key_file} is empty.", ExitStatus.USAGE)
    folder = private_file.private_dir(state or paths.data_dir() / "emulator")
    if problem := lock_problem(folder):  # SQLite would wait for a program that does not exist.
        raise demo.DemoUnavailable(f"{problem[0].upper()}{problem[1:]}.")
    try:
        server = Server(
            host=host,
            port=port,
            state=folder,
            speed=speed,
            faults=faults,
            allowed_origins=allowed_origins,
            only_key=only_key,
        )
    except ValueError as error:
        raise CommandError(f"The emulator was not started: {error}.", ExitStatus.USAGE) from error
    serve(server, until_stdin_closes=until_stdin_closes)
    return ExitStatus.DONE
