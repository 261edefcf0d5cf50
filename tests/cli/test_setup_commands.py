"""key and config: keys are kept private and never shown, settings are shown as they are."""

import io
import shlex
import stat
import sys
import tomllib
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from support.shell import SKETCH, SMALL, Person

from faldeck.config.credentials import credentials_path
from faldeck.config.settings import config_path

CANARY = "canary01-beef:5ecre7ca9a7y5ecre7ca9a7y"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(emulator.url, capsys, monkeypatch)
    monkeypatch.delenv("LAB_KEY")
    return person


def adds(person: Person, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes a key into `faldeck key add`."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
    said = person.types("key", "add")
    assert (said.status, said.out) == (0, "")
    assert key not in said.err


def test_a_key_is_read_from_stdin_kept_private_and_used(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    adds(person, CANARY, monkeypatch)

    assert stat.S_IMODE(credentials_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(credentials_path().parent.stat().st_mode) == 0o700
    assert person.types("run", SKETCH, "-p", "a lake", *SMALL).status == 0


def test_a_key_is_never_shown_whole(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    adds(person, CANARY, monkeypatch)

    said = person.types("key", "show")

    assert said.out == f"lab  cana…:••••  {credentials_path()}\n"
    assert CANARY not in person.types("config", "show").out


def test_the_environment_comes_before_the_file(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    adds(person, CANARY, monkeypatch)
    monkeypatch.setenv("LAB_KEY", "other-key-from-the-environment")

    assert person.types("key", "show").out == "lab  othe…:••••  $LAB_KEY\n"


def test_a_removed_key_is_gone_and_the_others_stay(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    adds(person, CANARY, monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO("another\n"))
    person.types("--profile", "fal", "key", "add")

    assert person.types("key", "remove").status == 0

    assert tomllib.loads(credentials_path().read_text())["keys"] == {"fal": "another"}
    assert person.types("key", "show").status == 3
    assert person.types("key", "remove").status == 4


def test_an_empty_key_is_none(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))

    assert person.types("key", "add").status == 2
    assert not credentials_path().exists()


@pytest.mark.parametrize(
    "typed", ["FAL_KEY=`pass fal`", "a\x1b[31mb-canary", "schlüssel-1", "$FAL_KEY", "YOUR_API_KEY", "abcdefgh:"]
)
def test_what_holds_no_whole_key_is_not_kept(person: Person, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    said = person.types("key", "add")

    assert (said.status, said.out) == (2, "")
    assert "That is no key" in said.err and typed not in said.err
    assert not credentials_path().exists()


@pytest.mark.parametrize(
    "typed", ['"Key abcd:efgh"', "Key abcd:efgh", 'export LAB_KEY="abcd:efgh"', "abcd:efghabcd:efgh", "\ufeffabcd:efgh"]
)
def test_a_key_is_kept_without_what_was_copied_with_it(
    person: Person, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    adds(person, typed, monkeypatch)

    assert tomllib.loads(credentials_path().read_text())["keys"] == {"lab": "abcd:efgh"}


def test_a_placeholder_in_the_environment_is_told_and_never_sent(
    person: Person, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    adds(person, CANARY, monkeypatch)
    monkeypatch.setenv("LAB_KEY", "YOUR_API_KEY")

    for words in (("run", SKETCH, "-p", "x"), ("key", "show")):
        said = person.types(*words)
        assert said.status == 3
        assert "$LAB_KEY holds no key: it is a placeholder" in said.err
    assert emulator.posts() == []


def test_a_key_in_the_environment_is_sent_without_its_quotes(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", '"Key 0f1e2d3c:good"')

    assert person.types("run", SKETCH, "-p", "a lake", *SMALL).status == 0


@pytest.mark.parametrize(
    "words", [("key", "show", "--json"), ("run", SKETCH, "-p", "x", "--json"), ("key", "add", CANARY, "--json")]
)
def test_the_command_that_gives_a_key_gives_it_to_the_profile_that_lacks_it(
    person: Person, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    config_path().write_text(f'{config_path().read_text()}\n[profiles."my hk"]\nqueue_url = "https://hk.invalid"\n')

    error = person.types("--profile", "my hk", *words).document["error"]
    command = shlex.split(error["hint"])[1:]
    monkeypatch.setattr("sys.stdin", io.StringIO("another-key\n"))
    person.types(*command)

    assert error["hint"] in error["message"]
    assert tomllib.loads(credentials_path().read_text())["keys"] == {"my hk": "another-key"}


def test_a_key_is_told_to_programs_masked(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n"))
    saved = {"profile": "lab", "key": "cana…:••••", "origin": str(credentials_path())}

    assert person.types("key", "add", "--json").document == saved
    assert person.types("key", "show", "--json").document == saved
    assert person.types("key", "remove", "--json").document == {"profile": "lab", "key": None, "origin": None}


def test_a_key_on_the_command_line_is_refused_and_not_repeated(person: Person) -> None:
    said = person.types("key", "add", CANARY)

    assert said.status == 2
    assert "`faldeck --profile lab key add` asks for it" in said.err
    assert CANARY not in said.out + said.err
    assert not credentials_path().exists()


def test_a_key_is_typed_unseen(person: Person, isolation: Path) -> None:
    with Terminal(sys.executable, "-m", "faldeck", "key", "add") as terminal:
        terminal.wait_for("Key of lab:")
        terminal.press(CANARY, "enter")
        assert terminal.wait() == 0
        assert CANARY.encode() not in terminal.output
    assert CANARY in credentials_path().read_text()


def test_no_key_at_the_prompt_is_told_in_words(person: Person) -> None:
    with Terminal(sys.executable, "-m", "faldeck", "key", "add") as terminal:
        terminal.wait_for("Key of lab:")
        terminal.press("ctrl+d")
        assert terminal.wait() == 2
        terminal.wait_for("That is no key")


def test_saved_keys_that_others_can_read_are_refused_with_the_cure(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    adds(person, CANARY, monkeypatch)
    credentials_path().chmod(0o644)

    said = person.types("run", SKETCH, "-p", "x")

    assert said.status == 2
    assert f"chmod 600 {credentials_path()}" in said.err and CANARY not in said.err


def test_the_settings_in_force_are_a_config_file(person: Person) -> None:
    config_path().write_text(f'env_file = ".env"\n{config_path().read_text()}')
    shown = person.types("config", "show")

    settings = tomllib.loads(shown.out)
    assert (settings["profile"], settings["env_file"]) == ("lab", ".env")
    assert settings["profiles"]["lab"]["key_env"] == "LAB_KEY"
    assert person.types("config", "show", "--json").document == settings
    config_path().write_text(shown.out)
    assert person.types("config", "show") == shown


def test_the_path_of_the_config_is_printed_even_before_there_is_one(person: Person) -> None:
    config_path().unlink()

    assert person.types("config", "path").out == f"{config_path()}\n"
    assert person.types("config", "path", "--json").document == {"path": str(config_path())}
