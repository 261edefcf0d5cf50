"""How long the service shall keep files and who may read them, as flags (protocol §5.6)."""

from __future__ import annotations

import argparse

from faldeck.fal.lifecycle import DECISIONS, LIFECYCLES, Decision, decision, lifecycle


def configure(parser: argparse._ActionsContainer) -> None:
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
