"""The flags that commands share: submit options, made from their one table, and where files are saved."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faldeck.cli.command_table import limit, seconds
from faldeck.config.settings import Config, check_output_name
from faldeck.fal.submit_options import BY_NAME, DECISIONS, LIFECYCLES, OPTIONS, Decision, Option, decision, lifecycle

if TYPE_CHECKING:
    from faldeck.job import Job


def add_lifecycle_flags(parser: argparse._ActionsContainer) -> None:
    """Adds the flags: `lifecycle` in seconds, `access` for everybody, `rules` as pairs of account and access."""
    _add_flag(parser, BY_NAME["lifecycle"])
    _add_flag(parser, BY_NAME["access"], default=DECISIONS[0])
    parser.add_argument(
        "--access-of",
        dest="rules",
        action="append",
        type=_rule,
        default=[],
        metavar="USER=WHAT",
        help="the same for one account; may be given again",
    )


def _add_flag(parser: argparse._ActionsContainer, option: Option, **more: Any) -> None:
    """Adds the flag that the table names for a submit option."""
    own = {"choices": option.choices, "metavar": option.metavar, "type": _TYPES.get(option.name)}
    settings = {name: value for name, value in own.items() if value is not None} | more
    if option.kind is bool:
        settings = {"action": "store_true", "default": None}
    parser.add_argument(*option.flags, dest=option.name, help=_help(option.help), **settings)


def _help(sentences: str) -> str:
    """Sentences in the form of argparse: no capital at the start, no full stop at the end."""
    return sentences[0].lower() + sentences[1:].removesuffix(".")


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


def add_send_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the flags that say how a request is sent and run."""
    group = parser.add_argument_group("how the service runs it")
    mode = group.add_mutually_exclusive_group()
    mode.add_argument(
        "--sync",
        dest="mode",
        action="store_const",
        const="sync",
        help="send without the queue: one call returns the result; if the connection is lost, the result is lost",
    )
    mode.add_argument(
        "--stream",
        dest="mode",
        action="store_const",
        const="stream",
        help="like --sync, and show the output while it is made",
    )
    for option in OPTIONS:
        if option.flags and option.name not in ("lifecycle", "access", "headers"):
            _add_flag(group, option)
    _add_flag(group, BY_NAME["headers"], action="append", default=[])
    add_lifecycle_flags(group)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not (text.isprintable() and text.isascii()):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME: VALUE")
    return name.strip(), value.strip()


_TYPES: Mapping[str, Callable[[str], object]] = {
    "start_timeout": seconds,
    "max_queue_length": limit,
    "lifecycle": _lifecycle,
    "headers": _header,
}
"""Option → how the text after its flag is parsed; for all others it is used as it is."""


def read(words: Mapping[str, Any]) -> dict[str, object]:
    """The parsed flags as the options of a job; raises InvalidRequest if no service would take them."""
    from faldeck.engine import send_modes

    names = ("mode", *(option.name for option in OPTIONS if option.name not in ("access", "headers")))
    options = {name: words[name] for name in names if words.get(name) is not None}
    if words["headers"]:
        options["headers"] = dict(words["headers"])
    if words["rules"] or words["access"] != DECISIONS[0]:
        options["access"] = {"default": words["access"], "rules": dict(words["rules"])}
    send_modes.submit_options(options)
    return options


def add_download_flag(parser: argparse.ArgumentParser) -> None:
    """Adds `--download`: a template, empty if the flag has no value, None if there is no flag."""
    parser.add_argument(
        "--download",
        metavar="TEMPLATE",
        nargs="?",
        const="",
        help="save the files; TEMPLATE is their name: fox.png is a file, fox/ a folder; it can contain {index} {ext} "
        "{name} {request_id} {model} {date}",
    )


def overridden(config: Config, template: str | None) -> Config:
    """The config with the folder and the file name of `--download TEMPLATE`; raises ConfigError.

    A template is relative to the working folder. Without braces it is the name of a file if it has a suffix, else of a
    folder. With a slash at its end, or if there is a folder of that name, it is always a folder.
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
    """Copies the saved files of a job into the folder of the config, and returns the job with the paths of the copies.

    A file that is in that folder already is not copied. The history keeps the first paths. Raises CannotSave, OSError.
    """
    from faldeck.engine.output_files import OutputFolder
    from faldeck.job import FileState

    folder = OutputFolder(config.output_dir, config.output_name)
    outputs = (
        output._replace(path=str(folder.copy(job, index))) if output.state is FileState.SAVED else output
        for index, output in enumerate(job.outputs)
    )
    return job._replace(outputs=tuple(outputs))
