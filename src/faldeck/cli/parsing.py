"""Parsers whose complaints end the command as every other error does."""

from __future__ import annotations

import argparse
from typing import NoReturn

from faldeck import hostile
from faldeck.cli.exits import Exit, Stop


class Parser(argparse.ArgumentParser):
    """Raises Stop instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        words = hostile.clean_line(message)
        raise Stop(words, Exit.USAGE, hint=f"{self.prog} --help", usage=self.format_usage())
