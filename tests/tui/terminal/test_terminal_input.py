"""Bytes that terminals, lines and tmux really send to the deck: nothing of them is a command that nobody gave."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.multiplexer import Multiplexer, needs_tmux
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK, deck, jobs, submit

from faldeck.config.settings import config_path
from faldeck.history import Store, history_path
from faldeck.schema.json_value import JsonValue
from faldeck.system import log_file

MODEL = "demo/sketch/fast"
START, END = b"\x1b[200~", b"\x1b[201~"

ANSWERS = {
    "device attributes": b"\x1b[?62;22c",
    "second device attributes": b"\x1b[>41;354;0c",
    "background": b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "foreground with BEL": b"\x1b]10;rgb:cdcd/d6d6/f4f4\x07",
    "version": b"\x1bP>|XTerm(380)\x1b\\",
    "capability": b"\x1bP1+r5463=38\x1b\\",
    "colour scheme": b"\x1b[?997;1n",
    "graphics": b"\x1b_Gi=31;OK\x1b\\",
    "place of the cursor": b"\x1b[12;34R",
    "kitty flags": b"\x1b[?31u",
    "size in pixels": b"\x1b[4;600;800t",
    "unknown": b"\x1b[?1;2;3$x",
    "unknown number": b"\x1b[113;1~",
    "an old mouse": b"\x1b[M !!",
    "a key that is let go": b"\x1b[113;1:3u",
}


@pytest.fixture
def terminal(emulator: Emulator) -> Iterator[Terminal]:
    with deck(emulator.url) as terminal:
        terminal.wait_for(MODEL)
        terminal.settle()
        yield terminal


def open_form(terminal: Terminal) -> None:
    """Opens a form, and types its prompt."""
    terminal.press("/", MODEL, "enter")
    terminal.wait_for(f"2 Form  {MODEL}")
    terminal.wait_for("^J Submit")
    terminal.settle()


def type_after(terminal: Terminal, text: str) -> None:
    """Types text that shows that the deck still hears, and that it types where it did."""
    terminal.send(text.encode())
    terminal.wait_for(text)


def send_split(terminal: Terminal, *pieces: bytes, pause: float) -> None:
    """Sends pieces as a slow line does."""
    for place, piece in enumerate(pieces):
        if place:
            time.sleep(pause)
        terminal.send(piece)


def prompt_sent(terminal: Terminal) -> JsonValue:
    """The prompt of the first request, which ^J sends now."""
    terminal.press("ctrl+j")
    terminal.wait_for(lambda _: bool(jobs()))
    (job,) = jobs()
    store = Store(history_path())
    try:
        return store.body(job.id).arguments["prompt"]
    finally:
        store.close()


def clear(terminal: Terminal) -> None:
    """Empties the text line at hand."""
    terminal.press("end", "ctrl+u")
    terminal.settle(0.05)


def test_late_answers_of_the_terminal_are_neither_typed_nor_commands(terminal: Terminal) -> None:
    before = terminal.text
    for answer in ANSWERS.values():
        for place in (1, 2, len(answer) - 1, len(answer)):
            send_split(terminal, answer[:place], answer[place:], pause=0.02)
    terminal.settle(0.3)
    assert terminal.text == before
    terminal.press("/")
    clear(terminal)
    for answer in ANSWERS.values():
        for place in (1, 2, len(answer)):
            send_split(terminal, answer[:place], answer[place:], pause=0.02)
    terminal.press("sketch/fast")
    terminal.wait_for(" sketch/fast")


def test_bytes_that_are_no_text_never_end_the_deck(terminal: Terminal) -> None:
    open_form(terminal)
    for data in (
        b"\xe9",
        b"\xff\xfe",
        b"\xc3",
        b"\x1b\xe9",
        b"\x1b[\xe9",
        b"\x1b]\xff\x07",
        b"\xed\xa0\x80",
        b"\xf8\x88",
    ):
        terminal.send(data)
        terminal.settle(0.05)
    terminal.send(START + b"caf\xe9!" + END)
    terminal.wait_for("caf�!")
    type_after(terminal, "xyz")
    terminal.press("escape")
    terminal.settle(0.3)
    terminal.press("q")
    assert terminal.wait() == 0
    assert not log_file.path().exists()


def test_a_sequence_that_cannot_be_read_costs_itself_alone(terminal: Terminal) -> None:
    open_form(terminal)
    for sequence in (b"\x1b[113;1:3u", b"\x1b[99999999;1;1u", b"\x1b[97;9999999999;99999999u", b"\x1b[;;u"):
        terminal.send(sequence)
    type_after(terminal, "a fox")
    assert prompt_sent(terminal) == "a fox"


@pytest.mark.parametrize("pause", [0.02, 0.05, 0.1])
def test_a_sequence_that_a_remote_line_splits_is_one_key(emulator: Emulator, pause: float) -> None:
    with deck(emulator.url, SSH_CONNECTION="10.0.0.1 5 10.0.0.2 22") as terminal:
        terminal.wait_for(MODEL)
        open_form(terminal)
        terminal.send(b"a fox")
        for pieces in (
            (b"\x1b", b"[D"),
            (b"\x1b[", b"D"),
            (b"\x1b", b"O", b"D"),
            (b"\x1b[<35;1", b"0;5M"),
            (b"\x1b", b"[<35;9;5M"),
        ):
            send_split(terminal, *pieces, pause=pause)
        terminal.send(b"big ")
        terminal.wait_for("a big fox")
        send_split(terminal, b"\x1b", b"[F", pause=pause)
        send_split(terminal, b"\x1b", b"[200", b"~ in snow\x1b", b"[201~", pause=pause)
        terminal.wait_for("a big fox in snow")
        assert prompt_sent(terminal) == "a big fox in snow"


def test_a_paste_whose_end_comes_in_two_pieces_is_one_paste(terminal: Terminal) -> None:
    open_form(terminal)
    for place in range(1, len(END)):
        for pause in (0.03, 0.1):
            clear(terminal)
            send_split(terminal, START + b"a fox " + END[:place], END[place:], pause=pause)
            type_after(terminal, f"sits {place} {pause}")
    assert prompt_sent(terminal) == "a fox sits 5 0.1"


@pytest.mark.parametrize("close", ["", "\x1b", "\x03"], ids=["silence", "escape", "ctrl+c"])
def test_a_paste_without_an_end_closes(terminal: Terminal, close: str) -> None:
    open_form(terminal)
    terminal.send(START + b"a fox")
    time.sleep(0.1)
    terminal.send(close.encode())
    terminal.wait_for("a fox")
    type_after(terminal, " sits")
    assert prompt_sent(terminal) == "a fox sits"


@pytest.mark.parametrize("pause", [0.0, 0.15])
def test_escape_sequences_in_a_paste_are_no_keys(terminal: Terminal, pause: float) -> None:
    open_form(terminal)
    send_split(
        terminal, START + b"log: \x1b", b"[mread \x1b[31mthe", b"\x1b[A\x1b[15~ notes\x1b", b"[0m", END, pause=pause
    )
    type_after(terminal, "!")
    assert prompt_sent(terminal) == "log: read the notes!"


def test_a_paste_into_a_list_is_no_command(terminal: Terminal) -> None:
    submit(terminal, MODEL, "a fox")
    terminal.wait_for("✓ completed")
    terminal.press("escape")
    terminal.settle(0.3)
    for pane in "134":
        terminal.press("escape")
        terminal.settle(0.3)
        terminal.press(pane)
        terminal.settle()
        terminal.send(START + b"q\x1b[mr\re\nx\x03\x1bq" + END)
        terminal.settle(0.4)
    assert len(jobs()) == 1
    assert terminal.is_alive


LINE_ENDS = ["\u2028", "\u2029", "\x85", "\x0c", "\x0b", "\x1c", "\x1e", "\r", "\r\n", "\n"]


def test_no_line_end_cuts_a_paste(terminal: Terminal) -> None:
    terminal.press("/")
    for end in LINE_ENDS:
        clear(terminal)
        terminal.send(START + f"sketch{end}fast".encode() + END)
        terminal.wait_for("sketch fast")
    clear(terminal)
    terminal.press("escape")
    terminal.settle(0.3)
    open_form(terminal)
    terminal.send(START + "a fox{}".format("and a fox".join(LINE_ENDS)).encode() + END)
    terminal.wait_for("^J keeps the text")
    terminal.press("ctrl+j")
    terminal.wait_for("and a fox and a fox")
    terminal.settle()
    assert str(prompt_sent(terminal)).count("\nand a fox") == len(LINE_ENDS) - 1


@pytest.fixture
def multiplexer(tmp_path: Path, emulator: Emulator) -> Iterator[tuple[Multiplexer, Terminal]]:
    """The deck in a tmux that has no settings."""
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(CONFIG.format(url=emulator.url))
    tmux = Multiplexer(tmp_path / "tmux")
    with tmux.running(*FALDECK, columns=120, rows=40, environment={"LOCAL_SECRET": "any"}) as terminal:
        terminal.wait_for(MODEL)
        terminal.settle()
        yield tmux, terminal


@needs_tmux
def test_what_tmux_pastes_is_text_with_every_byte_in_it(multiplexer: tuple[Multiplexer, Terminal]) -> None:
    tmux, terminal = multiplexer
    submit(terminal, MODEL, "a fox")
    terminal.wait_for("✓ completed")
    terminal.press("escape")
    terminal.settle(0.7)
    terminal.press("3")
    terminal.settle(0.7)
    tmux.paste(b"log: \x1b[mread the notes\rq\x1b")
    terminal.settle(0.7)
    assert len(jobs()) == 1
    terminal.press("/", "end", "ctrl+u")
    tmux.paste(b"log: \x1b[mread")
    terminal.wait_for("log: read")


@needs_tmux
def test_late_answers_to_tmux_are_not_typed(multiplexer: tuple[Multiplexer, Terminal]) -> None:
    tmux, terminal = multiplexer
    terminal.press("/", "end", "ctrl+u", "sketch")
    terminal.wait_for("sketch")
    for answer in ANSWERS.values():
        tmux.ask("send-keys", "-H", *(f"{byte:02x}" for byte in answer))
    tmux.ask("send-keys", "-l", "/fast")
    terminal.wait_for("sketch/fast")
