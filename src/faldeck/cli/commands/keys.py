"""`faldeck keys`: list the keys of the deck, or print them as a table for the config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faldeck.app import key_list
from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output
from faldeck.keys.keymap import Keymap

if TYPE_CHECKING:
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext

_EPILOG = """\
examples:
  faldeck keys | grep job.
  faldeck keys --toml >> config.toml

Own keys are in the table [keys] of config.toml (faldeck config path):
  [keys]
  job.cancel = "x"                 # instead of c
  move.down = ["down", "j", "t"]   # several
  job.rerun = ""                   # none
A key is written as its sign, as a name (enter, space, pageup, f5), with ctrl+ or alt+ before it; "g c" is g, then c.
"""


def configure(parser: Parser) -> None:
    """Adds the arguments: the form of the list."""
    parser.epilog = _EPILOG
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--toml", dest="as_toml", action="store_true", help="print them as [keys] of a config file")
    form.add_argument("--json", dest="as_json", action="store_true", help="print one JSON object for each action")


def run(context: CommandContext, *, as_toml: bool, as_json: bool) -> ExitStatus:
    """Prints every action of the deck with its keys, the person's own ones among them."""
    keymap = Keymap(context.config.keys)
    if as_json:
        for document in key_list.documents(keymap):
            output.print_json_line(document)
    elif as_toml:
        output.print_text(key_list.toml(keymap))
    else:
        output.print_table(key_list.rows(keymap))
    return ExitStatus.DONE
