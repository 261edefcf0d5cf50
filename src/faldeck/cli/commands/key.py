"""`faldeck key`: add, show or remove the key of a profile. A key is never printed whole or read from arguments."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output
from faldeck.config import credentials

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext
    from faldeck.config.credentials import Credential
    from faldeck.config.settings import Profile

_EPILOG = """\
The command uses the active profile; for another one: faldeck --profile NAME key add
`add` asks for the key, or reads it from stdin.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the argument: the action."""
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("add", "show", "remove"), help="what to do")
    parser.add_argument("key", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print the profile and the masked key as one JSON object"
    )


def run(context: CommandContext, *, action: str, key: list[str], as_json: bool) -> ExitStatus:
    """Does the action. Raises CommandError, ConfigError, OSError."""
    profile = context.config.active
    add = credentials.key_add_command(profile.name)
    if key:
        raise CommandError(
            f"Other programs can read the command line, so a key must not be on it. `{add}` asks for it.",
            ExitStatus.USAGE,
            hint=add,
        )
    match action:
        case "add":
            credential = _add_key(profile)
        case "remove":
            if not credentials.remove(profile.name):
                raise CommandError(
                    f"No key of {profile.name} is saved in {credentials.credentials_path()}.", ExitStatus.NOT_FOUND
                )
            credential = None
        case _:
            environment = credentials.environment(context.config)
            credential = credentials.find(profile, environment)
            if credential is None and (fault := credentials.key_problem(profile, environment)):
                raise CommandError(f"{fault} Correct it there, or add a key with: {add}", ExitStatus.REFUSED, hint=add)
            if credential is None:
                raise CommandError(
                    f"There is no key of {profile.name}. Add one with: {add}", ExitStatus.REFUSED, hint=add
                )
    if as_json:
        output.print_json(
            {
                "profile": profile.name,
                "key": credential and credential.masked,
                "origin": credential and credential.origin,
            }
        )
    elif credential and action == "show":
        output.print_text(f"{profile.name}  {credential.masked}  {credential.origin}")
    return ExitStatus.DONE


def _add_key(profile: Profile) -> Credential | None:
    text = _ask_key(f"Key of {profile.name}: ")
    path = credentials.save(profile.name, text, of_fal=credentials.is_fal(profile))
    output.print_hint(f"Saved in {path}, which only you can read.")
    return credentials.saved(profile.name)


def _ask_key(prompt: str) -> str:
    """Asks for the key without showing it, or reads it from stdin. Empty if nothing was entered."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""
