"""`faldeck key`: the keys of the profiles, which are never printed and never taken from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from faldeck.cli import output
from faldeck.cli.exits import Exit, Stop
from faldeck.config import credentials

if TYPE_CHECKING:
    from faldeck.cli.desk import Desk
    from faldeck.config import Profile


def configure(parser: argparse.ArgumentParser) -> None:
    """What to do with it."""
    parser.epilog = "The key is that of the active profile: faldeck --profile NAME key add\n`add` asks, or reads stdin."
    parser.add_argument("action", choices=("add", "show", "remove"))
    parser.add_argument("key", nargs="*", help=argparse.SUPPRESS)


def run(desk: Desk, *, action: str, key: list[str]) -> Exit:
    """Does it; raises ConfigError, OSError."""
    if key:
        raise Stop("A key on the command line is seen by everybody: `faldeck key add` asks for it.", Exit.USAGE)
    profile = desk.config.active
    match action:
        case "add":
            _add(profile)
        case "remove":
            if not credentials.remove(profile.name):
                raise Stop(f"No key of {profile.name} is saved in {credentials.credentials_path()}.", Exit.NOT_FOUND)
        case _:
            _show(profile, credentials.environment(desk.config))
    return Exit.DONE


def _add(profile: Profile) -> None:
    path = credentials.save(profile.name, _read(f"Key of {profile.name}: "))
    output.aside(f"Saved in {path}, which only you can read.")


def _read(prompt: str) -> str:
    """The key, from whoever is asked without an echo, or from stdin; empty where there is none."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""


def _show(profile: Profile, environ: Mapping[str, str]) -> None:
    credential = credentials.find(profile, environ)
    if credential is None:
        raise Stop(f"There is no key of {profile.name}. Add one with: faldeck key add", Exit.REFUSED)
    output.text(f"{profile.name}  {credential.masked}  {credential.origin}")
