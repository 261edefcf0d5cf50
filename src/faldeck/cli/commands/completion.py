"""`faldeck completion`: complete commands, models, fields, values and ids in a shell. It uses no network."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from faldeck.app.exit_status import ExitStatus
from faldeck.cli import output

if TYPE_CHECKING:
    from faldeck.cli.context import CommandContext

_EPILOG = """\
bash: eval "$(faldeck completion bash)"          in ~/.bashrc
zsh:  eval "$(faldeck completion zsh)"           in ~/.zshrc, after compinit
fish: faldeck completion fish | source           in ~/.config/fish/config.fish

`faldeck completion SHELL -- WORDS` prints the completions of the last of the WORDS, one on each line.
"""

SCRIPTS = {
    "bash": """\
_faldeck() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(faldeck completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _faldeck faldeck
""",
    "zsh": """\
_faldeck() {
    local -a found
    local line
    while IFS= read -r line; do
        found+=("$line")
    done < <(faldeck completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( ${#found} )); then
        _describe 'faldeck' found
    else
        _files
    fi
}
compdef _faldeck faldeck
""",
    "fish": """\
function __faldeck_complete
    set -l typed (commandline -opc) (commandline -ct)
    faldeck completion fish -- $typed[2..-1] 2>/dev/null
end
complete -c faldeck -a '(__faldeck_complete)'
""",
}
"""Shell → the script for its start-up file. If faldeck has no completion, the shell completes paths."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments: the shell and the words to complete."""
    parser.epilog = _EPILOG
    parser.add_argument("shell", choices=tuple(SCRIPTS), help="the shell")
    parser.add_argument(
        "words", metavar="WORDS", nargs="*", help="after --: the words typed so far; the last one is completed"
    )


def run(context: CommandContext, *, shell: str, words: list[str]) -> ExitStatus:
    """Prints the script for the shell, or the completions. Raises HistoryError, OSError."""
    if not words:
        output.print_line(SCRIPTS[shell].rstrip("\n"))
        return ExitStatus.DONE
    from faldeck.cli.completion import suggestions

    for word, about in suggestions(context, words):
        output.print_line(_line(shell, word, about))
    return ExitStatus.DONE


def _line(shell: str, word: str, about: str) -> str:
    """A completion in the format of the shell. bash shows no descriptions."""
    match shell:
        case "zsh":
            word = word.replace("\\", "\\\\").replace(":", "\\:")
            return f"{word}:{about}" if about else word
        case "fish":
            return f"{word}\t{about}" if about else word
    return word
