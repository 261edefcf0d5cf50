"""Where files go, as `--download TEMPLATE` says."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from faldeck.config import Config, check_output_name

if TYPE_CHECKING:
    from faldeck.job import Job


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the flag: a template, empty where only the wish to have files was said, None where nothing was."""
    parser.add_argument(
        "--download",
        metavar="TEMPLATE",
        nargs="?",
        const="",
        help="save the files, here by names such as {index}.{ext}; also {name} {request_id} {model} {date}; "
        "fox.png is a file, fox/ a folder",
    )


def overridden(config: Config, template: str | None) -> Config:
    """The config where files go as `--download TEMPLATE` says; raises ConfigError.

    A template is relative to the working folder. One without a word in braces is a file where it has a suffix, else
    a folder, as it always is with a slash at its end, or where there is such a folder.
    """
    if template is None:
        return config
    config = replace(config, download="auto")
    if not template:
        return config
    check_output_name(template)
    parts = template.split("/")
    whole = len(parts) - (bool(Path(parts[-1]).suffix) and not Path(template).expanduser().is_dir())
    fixed = next((count for count, part in enumerate(parts) if "{" in part), whole)
    folder = Path("/".join(parts[:fixed]) or ("/" if template.startswith("/") else ".")).expanduser().resolve()
    return replace(config, output_dir=folder, output_name="/".join(parts[fixed:]) or config.output_name)


def copied(config: Config, job: Job) -> Job:
    """The job with its saved files where the config has them, copied there where they are saved elsewhere.

    The history knows them where they were saved. Raises CannotKeep, OSError.
    """
    from faldeck.engine.outputs import Folder
    from faldeck.job import Keeping

    folder = Folder(config.output_dir, config.output_name)
    outputs = (
        replace(output, path=str(folder.copy(job, index))) if output.state is Keeping.SAVED else output
        for index, output in enumerate(job.outputs)
    )
    return replace(job, outputs=tuple(outputs))
