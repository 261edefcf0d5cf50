"""Before a request is sent that costs more than `confirm_above_usd`, a person at a terminal is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.emulator import Emulator
from support.pty_terminal import Terminal
from support.shell import SKETCH, SMALL, Person

from faldeck.config.settings import config_path


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who wants to be asked before more than a tenth of a cent is spent."""
    person = Person(emulator.url, capsys, monkeypatch)
    config = config_path()
    config.write_text(f"confirm_above_usd = 0.001\n{config.read_text()}")
    return person


def failed_batch(person: Person, emulator: Emulator) -> str:
    """The id of a batch of three requests that have all failed."""
    emulator.faults("locked@submit=3x")
    said = person.types("run", SKETCH, *SMALL, "-p", "a fox", "--repeat", "3", "--yes")
    assert said.status == 3
    return person.types("batch", "list").out.split()[0]


@contextmanager
def run(*words: str) -> Iterator[Terminal]:
    """`faldeck run` on a terminal."""
    with Terminal(sys.executable, "-m", "faldeck", "run", SKETCH, *SMALL, *words) as terminal:
        yield terminal


@pytest.mark.parametrize(("answer", "status", "count"), [("y", 0, 1), ("yes", 0, 1), ("n", 2, 0), ("", 2, 0)])
def test_on_a_terminal_a_dear_request_is_asked_about(
    person: Person, emulator: Emulator, answer: str, status: int, count: int
) -> None:
    with run("-p", "a fox") as terminal:
        terminal.wait_for("This costs about $0.003. Send it? [y/N]")
        assert emulator.posts(SKETCH) == []
        terminal.press(*answer, "enter")

        assert terminal.wait() == status
    assert len(emulator.posts(SKETCH)) == count


def test_the_question_is_left_by_ctrl_c(person: Person, emulator: Emulator) -> None:
    with run("-p", "a fox") as terminal:
        terminal.wait_for("Send it? [y/N]")
        terminal.send(b"\x03")

        assert terminal.wait() == 130
    assert emulator.posts(SKETCH) == []


def test_a_batch_is_asked_about_once_for_its_sum(person: Person, emulator: Emulator) -> None:
    with run("-p", "a fox", "--repeat", "3") as terminal:
        terminal.wait_for("These 3 requests cost about $0.009. Send them? [y/N]")
        terminal.press("y", "enter")

        assert terminal.wait() == 0
    assert len(emulator.posts(SKETCH)) == 3


def test_with_yes_nothing_is_asked(person: Person, emulator: Emulator) -> None:
    with run("-p", "a fox", "--yes") as terminal:
        assert terminal.wait() == 0
        assert "Send it?" not in terminal.text
    assert len(emulator.posts(SKETCH)) == 1


def test_without_a_terminal_the_cost_is_told_and_nothing_is_asked(person: Person, emulator: Emulator) -> None:
    said = person.types("run", SKETCH, *SMALL, "-p", "a fox")

    assert said.status == 0 and said.err == "faldeck: This costs about $0.003.\n"
    assert len(emulator.posts(SKETCH)) == 1


def test_what_max_usd_refuses_is_not_asked_about(person: Person, emulator: Emulator) -> None:
    with run("-p", "a fox", "--max-usd", "0.002") as terminal:
        assert terminal.wait() == 2
        assert "Send it?" not in terminal.text
    assert emulator.posts(SKETCH) == []


def test_the_same_batch_again_is_asked_about_for_what_is_left(person: Person, emulator: Emulator) -> None:
    batch_id = failed_batch(person, emulator)
    with run("-p", "a fox", "--repeat", "3") as terminal:
        terminal.wait_for("These 3 requests cost about $0.009. Send them? [y/N]")
        terminal.press("n", "enter")
        assert terminal.wait() == 2
    assert len(emulator.posts(SKETCH)) == 3
    with run("-p", "a fox", "--repeat", "3", "--yes") as terminal:
        assert terminal.wait() == 0
    assert len(emulator.posts(SKETCH)) == 6
    assert person.types("batch", "status", batch_id).out.count("completed") == 3


@pytest.mark.parametrize("action", ["resume", "retry"])
@pytest.mark.parametrize(("answer", "count"), [("y", 3), ("n", 0)])
def test_resuming_a_batch_is_asked_about_for_what_is_left(
    person: Person, emulator: Emulator, action: str, answer: str, count: int
) -> None:
    batch_id = failed_batch(person, emulator)
    with Terminal(sys.executable, "-m", "faldeck", "batch", action, batch_id) as terminal:
        terminal.wait_for("These 3 requests cost about $0.009. Send them? [y/N]")
        terminal.press(answer, "enter")
        terminal.wait()
    assert len(emulator.posts(SKETCH)) == 3 + count


def test_a_batch_that_is_sent_again_is_asked_about_before_it_is_saved(person: Person, emulator: Emulator) -> None:
    batch_id = failed_batch(person, emulator)
    with Terminal(sys.executable, "-m", "faldeck", "batch", "retry", batch_id, "--again") as terminal:
        terminal.wait_for("Send them? [y/N]")
        terminal.press("n", "enter")
        assert terminal.wait() == 2
    assert len(person.types("batch", "list").out.splitlines()) == 1


def test_max_usd_and_yes_are_for_a_batch_that_is_resumed(person: Person, emulator: Emulator) -> None:
    batch_id = failed_batch(person, emulator)
    refused = person.types("batch", "resume", batch_id, "--max-usd", "0.008")
    assert refused.status == 2 and "This costs about $0.009, more than $0.008. Nothing was sent." in refused.err
    assert person.types("batch", "status", batch_id, "--yes").status == 2
    assert person.types("batch", "resume", batch_id, "--yes", "--max-usd", "0.01").status == 0
    assert len(emulator.posts(SKETCH)) == 6
