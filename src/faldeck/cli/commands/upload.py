"""`faldeck upload`: upload files to the service and print their URLs."""

from __future__ import annotations

import argparse
import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import flags
from faldeck.fal.submit_options import Access, Decision

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.cli.progress import StatusLine


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the files, how long they are kept and who may read them."""
    parser.add_argument("paths", metavar="FILE", nargs="+", type=_file, help="the files to upload")
    flags.add_lifecycle_flags(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON lines")


def _file(text: str) -> Path:
    if text.startswith(("https://", "http://")):
        raise argparse.ArgumentTypeError(f"{text} is a URL already; give it to the model as it is")
    return Path(text)


def run(
    context: CommandContext,
    *,
    paths: list[Path],
    lifecycle: int | None,
    access: Decision,
    rules: list[tuple[str, Decision]],
    as_json: bool,
) -> ExitStatus:
    """Uploads the files one by one. A file that is still on the service is not uploaded again.

    Raises CommandError, NoKey, FalError, HistoryError, OSError.
    """
    from faldeck.engine import local_files

    try:
        for path in paths:
            local_files.facts(path)
    except local_files.NoFile as error:
        raise CommandError(str(error), ExitStatus.USAGE) from error
    return asyncio.run(_run(context, paths, lifecycle, Access(access, dict(rules)), as_json))


async def _run(
    context: CommandContext, paths: list[Path], lifecycle: int | None, access: Access, as_json: bool
) -> ExitStatus:
    from faldeck.cli import output
    from faldeck.cli.progress import StatusLine
    from faldeck.engine import local_files
    from faldeck.engine.upload import Uploader

    async with context.session() as session:
        profile = session.profile.name
        uploads = Uploader(session.history, session.gateways.gateway(profile), profile)
        for path in paths:
            async with StatusLine() as line:
                progress = partial(_show, line, local_files.name(path))
                url = await uploads.url(path, lifecycle=lifecycle, access=access, progress=progress)
            if as_json:
                output.print_json_line({"path": str(path), "url": url})
            else:
                output.print_text(url)
    return ExitStatus.DONE


def _show(line: StatusLine, name: str, sent: int, total: int) -> None:
    """Shows how much of a file has been sent."""
    line.show(f"{name}  {sent / (total or 1):.0%}")
