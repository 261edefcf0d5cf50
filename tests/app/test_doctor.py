"""faldeck doctor: everything looked over, nothing said that may not be shown to anybody."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person

from faldeck.app import doctor
from faldeck.config.credentials import credentials_path
from faldeck.config.settings import config_path
from faldeck.history import history_path

CANARY = "0f1e2d3c-canary:5ecre7ca9a7y"


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person(emulator.url, capsys, monkeypatch)
    monkeypatch.setenv("LAB_KEY", CANARY)
    return person


def findings(person: Person, *words: str) -> dict[str, tuple[str, bool]]:
    """Subject → words and whether all is well; of two about the same the worse one."""
    found: dict[str, tuple[str, bool]] = {}
    for line in person.types("doctor", "--json", *words).documents:
        if found.get(line["subject"], ("", True))[1]:
            found[line["subject"]] = (line["words"], line["is_well"])
    return found


def test_where_all_is_well_everything_is_said_to_be(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    said = person.types("doctor")
    found = findings(person)

    assert (said.status, said.err) == (0, "")
    assert found["key of lab"] == ("not refused; more cannot be checked for free", True)
    assert "answers in" in found[f"host {emulator.url.removeprefix('http://')}"][0]
    assert found["clock"] == ("right", True)
    assert found["history"][0].startswith("1 jobs") and found["history"][0].endswith("sound")
    assert found["extra demo"][0] == "installed"
    assert emulator.posts() == emulator.posts(SKETCH)[:1]


def test_nothing_private_is_printed(person: Person, isolation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pass-canary@127.0.0.1:1")
    person.types("run", SKETCH, "-p", "prompt-canary", *SMALL)
    for words in (("doctor",), ("doctor", "--json"), ("--profile", "fal", "doctor", "--offline")):
        said = person.types(*words)
        assert "canary" not in said.out + said.err
        assert str(isolation) not in said.out + said.err


@pytest.mark.parametrize(("key", "words"), [("invalid", "invalid key"), ("locked", "locked")])
def test_a_key_that_is_refused_is_told(person: Person, monkeypatch: pytest.MonkeyPatch, key: str, words: str) -> None:
    monkeypatch.setenv("LAB_KEY", key)

    told, is_well = findings(person)["key of lab"]
    assert not is_well
    assert "denied" in told.lower() or "authentication" in told.lower() or words in told.lower()
    assert person.types("doctor").status == 1


def test_a_missing_key_is_told(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_KEY")

    assert findings(person, "--offline")["key of lab"] == ("none", False)


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_keys_that_others_can_read_are_told_with_the_command_that_mends_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_KEY")
    credentials_path().write_text("")
    credentials_path().chmod(0o644)

    assert "chmod 600 ~" in findings(person, "--offline")["key of lab"][0]


def test_mistakes_in_the_config_are_told_and_do_not_stand_in_the_way(person: Person) -> None:
    config_path().write_text(f"zoom = 2\n{config_path().read_text()}")

    assert findings(person, "--offline")["config"][0].endswith("line 1: there is no setting called `zoom`.")
    said = person.types("models")
    assert said.status == 0
    assert said.err.count("there is no setting called `zoom`. It is left out.") == 1


def test_a_host_that_does_not_answer_is_told(person: Person, unused_tcp_port: int) -> None:
    person.set_up(f"http://127.0.0.1:{unused_tcp_port}")

    told, is_well = findings(person)[f"host 127.0.0.1:{unused_tcp_port}"]
    assert not is_well
    assert told.startswith("No connection")


def test_a_broken_history_is_told(person: Person) -> None:
    history_path().parent.mkdir(parents=True, exist_ok=True)
    history_path().write_bytes(b"SQLite format 3\0" + b"broken" * 1_000)

    told, is_well = findings(person, "--offline")["history"]
    assert not is_well
    assert "sound" not in told


def test_a_clock_that_is_wrong_is_told(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldeck.fal.platform._skew", lambda date: -3_600.4)

    assert findings(person)["clock"] == ("3600 s behind", False)


def test_a_key_that_opens_what_only_a_key_opens_is_accepted(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldeck.fal.platform._ANY_ENDPOINT", SKETCH)

    assert findings(person)["key of lab"] == ("accepted", True)


def test_a_key_that_can_only_be_shown_is_not_called_accepted(person: Person, emulator: Emulator) -> None:
    config_path().write_text(
        f'profile = "pics"\n[profiles.pics]\nimages_url = "{emulator.url}/v1/images/generations"\nkey_env = "LAB_KEY"\n'
    )
    emulator.faults("relay-images")

    said = person.types("doctor")

    assert (said.status, said.err) == (0, "")
    assert "accepted" not in said.out
    assert "✓ key of pics       not refused; more cannot be checked for free" in said.out


@pytest.mark.parametrize("is_named_by_environment", [False, True])
def test_a_profile_that_is_none_is_a_finding(
    person: Person, monkeypatch: pytest.MonkeyPatch, is_named_by_environment: bool
) -> None:
    if is_named_by_environment:
        monkeypatch.setenv("FALDECK_PROFILE", "lav")
    said = person.types(*(() if is_named_by_environment else ("--profile", "lav")), "doctor")

    assert (said.status, said.err) == (1, "")
    assert (
        "✗ profile           There is no profile called 'lav'. Known profiles: fal, lab. Did you mean lab?" in said.out
    )
    assert "terminal" in said.out and "key of lab" in said.out


def test_what_is_found_here_is_told_before_any_host_is_asked(
    person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before: list[str] = []

    async def asked(*_: object) -> AsyncIterator[doctor.Finding]:
        before.append(capsys.readouterr().out)
        yield doctor.Finding("host", "answers")

    monkeypatch.setattr(doctor, "of_service", asked)

    assert person.types("doctor").out == "✓ host              answers\n"
    assert "✓ key of lab        from $LAB_KEY" in before[0]


def test_what_a_finding_holds_is_fit_to_be_shown(isolation: Path) -> None:
    finding = doctor.Finding("config", f"{isolation}/config.toml: Bearer never-seen-before and sk-neverseenbefore")

    assert finding.words == "~/config.toml: *** and ***"


def test_authorities_of_the_environment_are_told_without_their_place() -> None:
    found = {one.subject: one.words for one in doctor.of_machine({"SSL_CERT_FILE": "/home/me/ca.pem"})}

    assert found["certificates"] == "from SSL_CERT_FILE"


def test_a_terminal_that_can_do_nothing_is_told() -> None:
    (terminal,) = (one for one in doctor.of_machine({"TERM": "dumb", "TMUX": "x"}) if one.subject == "terminal")

    assert not terminal.is_well
    assert "in tmux" in terminal.words
