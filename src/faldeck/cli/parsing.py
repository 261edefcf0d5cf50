"""Parsers whose complaints end the command as every other error does."""

from __future__ import annotations

import argparse

from faldeck.cli.exits import Exit, Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` itself is left out for its cost.
    from typing import NoReturn


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

        words = hostile.clean_line(message)
        raise Stop(words, Exit.USAGE, hint=f"{self.prog} --help", usage=self.format_usage())


def _unmeasured(prog: str) -> argparse.HelpFormatter:
    """A formatter for what argparse lays out but never shows, which is every argument that is added."""
    return argparse.HelpFormatter(prog, width=80)
