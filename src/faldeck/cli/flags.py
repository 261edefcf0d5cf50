"""How the service shall run a request, as flags (protocol §2.2), and by which way it is sent."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faldeck.cli.command import limit, seconds
from faldeck.config.settings import Config, check_output_name
from faldeck.fal.submit_options import DECISIONS, LIFECYCLES, Decision, decision, lifecycle

if TYPE_CHECKING:
    from faldeck.job import Job


def add_lifecycle_flags(parser: argparse._ActionsContainer) -> None:
    """Adds the flags: `lifecycle` in seconds, `access` for everybody, `rules` as pairs of account and access."""
    parser.add_argument(
        "--lifecycle",
        type=_lifecycle,
        metavar="S",
        help="let the service keep the files so long: seconds, immediate, 1h, 1d, 7d, 30d, 1y, never",
    )
    parser.add_argument("--access", choices=DECISIONS, default="allow", help="what anybody who asks for the files gets")
    parser.add_argument(
        "--access-of",
        dest="rules",
        action="append",
        type=_rule,
        default=[],
        metavar="USER=WHAT",
        help="what one account gets instead; may be given again",
    )


def _lifecycle(text: str) -> int | None:
    try:
        return lifecycle(text)
    except ValueError:
        words = ", ".join(LIFECYCLES)
        raise argparse.ArgumentTypeError(f"must be seconds or one of {words}, not {text!r}") from None


def _rule(text: str) -> tuple[str, Decision]:
    user, _, word = text.rpartition("=")
    if user and word in DECISIONS:
        return user, decision(word)
    raise argparse.ArgumentTypeError(f"{text!r} is not USER= with one of {', '.join(DECISIONS)}")


NAMES = ("mode", "webhook", "priority", "start_timeout", "runner_hint", "lifecycle", "max_queue_length", "no_retry")
"""The flags that are options of a job by the same name."""


def add_send_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the flags."""
    group = parser.add_argument_group("how the service runs it")
    way = group.add_mutually_exclusive_group()
    way.add_argument(
        "--sync",
        dest="mode",
        action="store_const",
        const="sync",
        help="without the queue: one call that is answered with the result, and lost with its connection",
    )
    way.add_argument("--stream", dest="mode", action="store_const", const="stream", help="the same, told as it is made")
    group.add_argument("--priority", choices=("normal", "low"), help="the place in the queue")
    group.add_argument("--hint", dest="runner_hint", metavar="TEXT", help="prefer the runner that had this hint before")
    group.add_argument(
        "--start-timeout", type=seconds, metavar="S", help="give up where it has not started in S seconds"
    )
    group.add_argument(
        "--max-queue-length",
        type=limit,
        metavar="N",
        help="send nothing where more than N requests wait for the app",
    )
    group.add_argument("--no-retry", action="store_true", default=None, help="no second try by the service itself")
    group.add_argument("--webhook", metavar="URL", help="let the service call this URL at the end")
    group.add_argument(
        "-H",
        "--header",
        dest="headers",
        type=_header,
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a further request header, which is kept in the history; may be given again",
    )
    add_lifecycle_flags(group)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not (text.isprintable() and text.isascii()):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME: VALUE")
    return name.strip(), value.strip()


def read(words: Mapping[str, Any]) -> dict[str, object]:
    """The parsed flags as a job's options; raises Unsendable for what no service would take."""
    from faldeck.engine import send_modes

    options = {name: words[name] for name in NAMES if words[name] is not None}
    if words["headers"]:
        options["headers"] = dict(words["headers"])
    if words["rules"] or words["access"] != "allow":
        options["access"] = {"default": words["access"], "rules": dict(words["rules"])}
    send_modes.submit_options(options)
    return options


def add_download_flag(parser: argparse.ArgumentParser) -> None:
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

    The history knows them where they were saved. Raises CannotSave, OSError.
    """
    from faldeck.engine.output_files import OutputFolder
    from faldeck.job import FileState

    folder = OutputFolder(config.output_dir, config.output_name)
    outputs = (
        replace(output, path=str(folder.copy(job, index))) if output.state is FileState.SAVED else output
        for index, output in enumerate(job.outputs)
    )
    return replace(job, outputs=tuple(outputs))
