"""How the service shall run a request, as flags (protocol §2.2), and by which way it is sent."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from faldeck.cli import filelife
from faldeck.cli.parsing import limit, seconds

NAMES = ("mode", "webhook", "priority", "start_timeout", "runner_hint", "lifecycle", "max_queue_length", "no_retry")
"""The flags that are options of a job by the same name."""


def configure(parser: argparse.ArgumentParser) -> None:
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
    filelife.configure(group)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not (text.isprintable() and text.isascii()):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME: VALUE")
    return name.strip(), value.strip()


def read(words: Mapping[str, Any]) -> dict[str, object]:
    """The parsed flags as a job's options; raises Unsendable for what no service would take."""
    from faldeck.engine import ways

    options = {name: words[name] for name in NAMES if words[name] is not None}
    if words["headers"]:
        options["headers"] = dict(words["headers"])
    if words["rules"] or words["access"] != "allow":
        options["access"] = {"default": words["access"], "rules": dict(words["rules"])}
    ways.submit_options(options)
    return options
