"""The commands that the README names: each is there, and takes what stands beside it."""

import re
from pathlib import Path

import pytest

from faldeck.cli.command_table import find_command, parser_actions

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)
CALL = re.compile(r"\bfaldeck(?: --demo)? ([a-z][a-z\\|]+)([^`\n#]*?)(?=`|\n|#|\bfaldeck\b|\$\(|$)")
FIELDS = {"--prompt", "--seed"}
"""Fields of a model, which `run` takes."""


def calls() -> list[tuple[str, str]]:
    """Each command, and the words after it."""
    code = "\n".join(block or span for block, span in CODE.findall(README))
    return [(name, rest) for names, rest in CALL.findall(code) for name in names.replace("\\", "").split("|")]


@pytest.mark.parametrize(("name", "rest"), sorted(set(calls())))
def test_a_command_of_the_readme_is_one(name: str, rest: str) -> None:
    command = find_command(name)

    assert command, name
    known = {flag for action in parser_actions(command.parser()) for flag in action.option_strings}
    flags = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest.split("| ")[0]))
    assert flags <= known | (FIELDS if command.takes_flags else set())


def test_the_readme_names_most_of_them() -> None:
    assert len({name for name, _ in calls()}) >= 18
