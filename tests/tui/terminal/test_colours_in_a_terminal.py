"""The colours of the deck in a real terminal: they follow its background, and a chosen theme is kept."""

from __future__ import annotations

from support.emulator import Emulator
from support.pty_terminal import Terminal
from test_deck_in_a_terminal import CONFIG, FALDECK

from faldeck.config.settings import config_path
from faldeck.tui.palettes import DARK, LIGHT, Depth
from faldeck.tui.terminal.colours import BACKGROUND_QUESTION

LIGHT_GROUND = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"


def has_ground(colour: str, terminal: Terminal) -> bool:
    """Whether the screen's background has a colour; told by the header, which no pane covers."""
    return terminal.cells[0][20].background == colour.removeprefix("#")


def test_a_light_terminal_gets_the_light_theme_and_a_chosen_one_is_kept(emulator: Emulator) -> None:
    config_path().parent.mkdir(parents=True, exist_ok=True)
    config_path().write_text(CONFIG.format(url=emulator.url))
    answers = {BACKGROUND_QUESTION.encode(): LIGHT_GROUND}
    with Terminal(*FALDECK, environment={"LOCAL_SECRET": "any"}, answers=answers) as terminal:
        terminal.wait_for("demo/sketch/fast")
        terminal.wait_for(lambda _: has_ground(LIGHT[Depth.FULL].background, terminal))
        assert "rgb:" not in terminal.text, "the answer is not typed"

        terminal.press("T")
        terminal.wait_for("as the terminal: dark or light")
        terminal.press("our own, dark", "enter")
        terminal.wait_for(lambda _: has_ground(DARK[Depth.FULL].background, terminal))
        terminal.wait_for(lambda _: 'theme = "faldeck"' in config_path().read_text())
        terminal.send(LIGHT_GROUND)  # A late answer, or one to another program's question.
        terminal.press("escape", "3")
        terminal.settle()

        assert has_ground(DARK[Depth.FULL].background, terminal) and "rgb:" not in terminal.text
