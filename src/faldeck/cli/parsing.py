"""Parsers whose complaints end the command as every other error does, and the kinds of numbers that they take."""

from __future__ import annotations

import argparse

from faldeck.cli.exits import Exit, Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import NoReturn, TypeVar

    Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """Raises Stop instead of ending the process, and does not measure the terminal before it prints help."""

    def __init__(self, *, prog: str, description: str, add_help: bool = True) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=_unmeasured,
            allow_abbrev=False,
            add_help=add_help,
        )
        self.where_missing = ""
        """What is said beside where an argument is missing."""

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_help()

    def format_usage(self) -> str:
        """How it is called, as wide as the terminal."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        return super().format_usage()

    def error(self, message: str) -> NoReturn:
        """Raises Stop."""
        from faldeck import hostile

        if self.where_missing and message.startswith("the following arguments are required"):
            message = f"{message}. {self.where_missing}"
        words = hostile.clean_line(message)
        raise Stop(words, Exit.USAGE, hint=f"{self.prog} --help", usage=self.format_usage())


def seconds(text: str) -> float:
    """A time, of some length."""
    return _number(text, float, "a number of seconds", least=0.001)


def factor(text: str) -> float:
    """How many times as much, or as fast."""
    return _number(text, float, "a number above 0", least=1e-6)


def dollars(text: str) -> float:
    """A sum of money."""
    return _number(text, float, "a sum in USD", least=0)


def count(text: str) -> int:
    """How many there are, of something that there is."""
    return _number(text, int, "a whole number from 1", least=1)


def limit(text: str) -> int:
    """How many there may be; 0 stands for all."""
    return _number(text, int, "a whole number from 0", least=0)


def _number(text: str, kind: type[Number], what: str, *, least: float) -> Number:
    try:
        number = kind(text)
    except ValueError:
        number = kind(-1)
    if not least <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be {what}, not {text!r}")
    return number


def _unmeasured(prog: str) -> argparse.HelpFormatter:
    """A formatter for what argparse lays out but never shows, which is every argument that is added."""
    return argparse.HelpFormatter(prog, width=80)
