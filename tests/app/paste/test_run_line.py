"""Commands of ours that are pasted: they fill the form as the command line would."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from faldeck.app import run_words
from faldeck.app.output_as_input import Sources
from faldeck.app.paste import is_code, request, run_line
from faldeck.cli.command_table import COMMANDS, parser_actions
from faldeck.config.settings import Profile
from faldeck.fal.submit_options import OPTIONS
from faldeck.history import Store
from faldeck.schema.document import ModelSchema, from_components
from faldeck.schema.json_value import InvalidValue

MODEL = from_components(
    "acme/lake",
    "Lake",
    {
        "Lake": {
            "type": "object",
            "properties": {
                "prompt": {"type": "string"},
                "num_images": {"type": "integer"},
                "sync_mode": {"type": "boolean"},
                "image_url": {"type": "string", "format": "uri"},
                "model": {"type": "string"},
            },
        }
    },
)


def arguments(text: str, folder: Path, model: ModelSchema = MODEL) -> Any:
    """What a pasted command fills the form of a model with."""
    pasted = request(text)
    assert pasted.words is not None and pasted.endpoint_id == "acme/lake"
    with closing(Store(folder / "history.db")) as store:
        return run_words.read(model, pasted.words, Sources(), store)


@pytest.mark.parametrize(
    "text",
    [
        """faldeck run acme/lake --prompt "a fox's den" --num-images 2""",
        """$ faldeck run acme/lake -p "a fox's den" --num_images=2 --json --download 'fox-{index}.{ext}'""",
        "faldeck --demo run --model acme/lake \\\n  --prompt 'a fox'\\''s den' \\\n  --num-images 2 --async",
        """faldeck --profile hk run https://fal.ai/models/acme/lake -p "a fox's den" num_images:=2 --tag den""",
        """P="a fox's den"\nid=$(uv run faldeck run acme/lake -p "$P" --num-images 2 --async)\nfaldeck wait $id""",
        """echo "a fox's den" | faldeck run acme/lake -p - --num-images 2""",
        """Try this:\n```sh\n~/.local/bin/faldeck run acme/lake -p "a fox's den" --num-images 2 --note 'my den'\n```""",
        """genmedia run acme/lake --prompt "a fox's den" --num_images 2 --json""",
        "faldeck run acme/lake –p “a fox's den” —num-images 2",
    ],
)
def test_a_command_fills_the_form_as_the_command_line_would(text: str, tmp_path: Path) -> None:
    assert is_code(text)
    assert arguments(text, tmp_path) == {"prompt": "a fox's den", "num_images": 2}


def test_the_flags_of_the_command_itself_are_told_and_never_become_fields(tmp_path: Path) -> None:
    text = "faldeck --demo run acme/lake --model dev -p x --repeat 3 --priority low --sync --timeout 9 --json"
    pasted = request(text)

    assert arguments(text, tmp_path) == {"model": "dev", "prompt": "x"}
    assert pasted.words and pasted.words.options == {"priority": "low", "mode": "sync"}
    assert pasted.left_out == ("--demo", "--repeat", "--timeout", "--json")


def test_every_flag_of_the_command_is_known() -> None:
    parser = next(command for command in COMMANDS if command.name == "run").parser()
    actions = [action for action in parser_actions(parser) if action.option_strings]
    options = {flag for option in OPTIONS for flag in option.flags}
    flags = {
        0: {flag for action in actions if action.nargs == 0 for flag in action.option_strings},
        1: {flag for action in actions if action.nargs is None for flag in action.option_strings},
        "?": {flag for action in actions if action.nargs == "?" for flag in action.option_strings},
    }
    assert flags[0] - options == {*run_line.SWITCHES, *run_line.MODES}
    assert flags[1] - options == {*run_line.VALUED, *run_line.MODELS} - options
    assert flags["?"] == run_line.OPTIONAL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('faldeck run acme/lake -p "$PROMPT"', "PROMPT"),
        ('faldeck run "$M" -p fox', "M"),
        ('faldeck run acme/lake -p "a fox', "cut off"),
        ("faldeck run acme/lake --input body.json", "file body.json"),
        ("faldeck run --like fox.png --seed random", "file fox.png"),
        ("faldeck run -p fox", "name a model"),
        ("faldeck run -m a/b -m c/d -p fox", "several models"),
        ("faldeck run acme/lake --start-timeout soon", "--start-timeout soon"),
    ],
)
def test_a_command_that_cannot_be_read_says_what_is_missing(text: str, words: str) -> None:
    assert is_code(text)
    with pytest.raises(InvalidValue, match=words):
        request(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("faldeck run acme/lake --promt fox", "did you mean --prompt"),
        ("faldeck run acme/lake -p @notes.txt", "file notes.txt"),
        ("faldeck run acme/lake -p @here", "file here"),
        ("faldeck run acme/lake -p -", "standard input"),
        ("faldeck run acme/lake --image-url job:nobody", "no job nobody"),
        ("faldeck run acme/lake --num-images two", "--num-images"),
    ],
)
def test_a_value_that_is_not_in_the_command_is_never_sent_as_text(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("secret")
    with pytest.raises(InvalidValue, match=words):
        arguments(text, tmp_path)


def test_a_prompt_that_speaks_of_faldeck_is_no_command() -> None:
    assert not is_code("I saw faldeck run away, and it never came back")
    assert not is_code("a poster that says: faldeck")


@pytest.mark.parametrize("words", ["acme/lake {}", "https://queue.fal.run/acme/lake/requests/{}"])
def test_a_command_that_adopts_a_request_names_it(words: str) -> None:
    pasted = request(f"faldeck adopt {words.format('6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11')}")
    assert (pasted.endpoint_id, pasted.request_id) == ("acme/lake", "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")


def test_the_model_of_a_command_may_be_an_address_of_a_relay() -> None:
    relay = Profile(name="hk", queue_url="https://relay.example/q")
    assert request("faldeck run https://relay.example/q/acme/lake -p fox", [relay]).endpoint_id == "acme/lake"
