"""Where files go, as `--download TEMPLATE` says."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from faldeck.config import Config, check_output_name


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the flag: a template, empty where only the wish to have files was said, None where nothing was."""
    parser.add_argument(
        "--download",
        metavar="TEMPLATE",
        nargs="?",
        const="",
        help="save the files, here by names such as {index}.{ext}; also {name} {request_id} {model} {date}",
    )


def overridden(config: Config, template: str | None) -> Config:
    """The config where files go as `--download TEMPLATE` says; raises ConfigError.

    A template is relative to the working folder; one without a name in braces is a folder.
    """
    if template is None:
        return config
    config = replace(config, download="auto")
    if not template:
        return config
    check_output_name(template)
    parts = template.split("/")
    fixed = next((count for count, part in enumerate(parts) if "{" in part), len(parts))
    folder = Path("/".join(parts[:fixed]) or ("/" if template.startswith("/") else ".")).expanduser().resolve()
    return replace(config, output_dir=folder, output_name="/".join(parts[fixed:]) or config.output_name)
