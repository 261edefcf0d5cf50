"""Turns what a terminal sends into Textual's messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual import constants, events, messages
from textual.keys import Keys
from textual.message import Message

from faldeck.tui.terminal.input_reader import EscapeSequence, Part, PastedText, TypedText
from faldeck.tui.terminal.textual_private import ANSI_SEQUENCES_KEYS, FUNCTIONAL_KEYS, IS_ITERM, XTermParser, key_events

_FOCUS = {"\x1b[I": events.AppFocus, "\x1b[O": events.AppBlur}
_MODE = re.compile(r"\x1b\[\?(?P<mode>\d+);(?P<state>\d)\$y")
_SIZE = re.compile(r"\x1b\[48;(\d+)[\d:]*;(\d+)[\d:]*;(\d+)[\d:]*;(\d+)[\d:]*t")
_MOUSE = re.compile(r"\x1b\[<\d+;-?\d+;-?\d+[Mm]")
_ANSWER = re.compile(r"\x1b(?:[\]PX^_].+|\[[<=>?].*|\[\d+;\d+R|\[\d+;\d+;\d+t)", re.DOTALL)
"""Answers that this program does not await."""
_KEY = re.compile(
    r"\x1b\[(?P<code>\d+)[\d:]*"
    r"(?:;(?P<modifiers>\d*)(?::(?P<event>\d*))?(?:;(?P<text>[\d:]*))?)?"
    r"(?P<end>[u~A-HPQRS])"
)
"""A key in kitty's keyboard protocol, with the parts that Textual cannot read."""
_RELEASED = "3"
_F3 = re.compile(r"\x1b\[1;([2-8])R")
"""F3 with a modifier looks like a report of the cursor's place in the first row."""


class InputMessages:
    """Turns the parts of one terminal's input into messages."""

    def __init__(self) -> None:
        self._parser = XTermParser()

    def of(self, part: Part) -> Iterator[Message]:
        """The messages for a part of the input; none for unknown input. May raise any error of Textual."""
        match part:
            case TypedText(text):
                for character in text:
                    yield from self._keys(character)
            case PastedText(text):
                yield events.Paste(text)
            case EscapeSequence(text):
                yield from self._of_sequence(text)

    def _of_sequence(self, text: str) -> Iterator[Message]:
        if text == "\x1b":
            yield events.Key("escape", text)
        elif focus := _FOCUS.get(text):
            yield focus()
        elif len(text) == 2 and not isinstance(ANSI_SEQUENCES_KEYS.get(text), tuple):
            # Textual's table has the characters that macOS types with Option; here Alt and a digit is a key.
            yield from self._keys(text[1], alt=True)
        elif size := _SIZE.fullmatch(text):
            yield self._resize(*map(int, size.groups()))
        elif mode := _MODE.fullmatch(text):
            yield from _of_mode(mode["mode"], int(mode["state"]))
        elif _MOUSE.fullmatch(text):
            if event := self._parser.parse_mouse_code(text):
                yield event
        elif not _ANSWER.fullmatch(text) or _F3.fullmatch(text):
            if (key := _KEY.fullmatch(text)) and text not in ANSI_SEQUENCES_KEYS:
                if key["event"] == _RELEASED or not _is_known(key["code"], key["end"]):
                    return
                text = _plain(key)
            yield from self._keys(text)

    def _keys(self, text: str, *, alt: bool = False) -> Iterator[events.Key]:
        for key in key_events(self._parser, text, alt=alt):
            if key.key != Keys.Ignore and _can_be_typed(key):
                yield key

    def _resize(self, height: int, width: int, pixel_height: int, pixel_width: int) -> events.Resize:
        event = events.Resize.from_dimensions((width, height), (pixel_width, pixel_height))
        self._parser.terminal_size = event.size
        self._parser.terminal_pixel_size = event.pixel_size
        self._parser.mouse_pixels = True
        return event


def _of_mode(mode: str, state: int) -> Iterator[Message]:
    """The message for a terminal's answer about a mode that Textual asked for."""
    if mode == "2026" and state > 0:
        yield messages.TerminalSupportsSynchronizedOutput()
    elif mode == "2048" and constants.SMOOTH_SCROLL and not IS_ITERM:
        yield messages.InBandWindowResize.from_setting_parameter(state)


def _is_known(code: str, end: str) -> bool:
    """Whether a number is a key. With `u`, or `27` for xterm's `modifyOtherKeys`, any number is a character."""
    return end == "u" or f"{code}{end}" in FUNCTIONAL_KEYS or (code, end) == ("27", "~")


def _plain(key: re.Match[str]) -> str:
    """The key without its other layouts, its kind of event, and unprintable text."""
    points = [int(point) for point in (key["text"] or "").split(":") if point]
    text = ":".join(str(point) for point in points if chr(point).isprintable())
    fields = [key["code"], key["modifiers"] or ("1" if text else ""), text]
    while fields and not fields[-1]:
        fields.pop()
    return f"\x1b[{';'.join(fields)}{key['end']}"


def _can_be_typed(key: events.Key) -> bool:
    """Whether a text may hold the key's character: no half of a surrogate pair, and no C1 control character."""
    character = key.character or ""
    return not any("\x80" <= one <= "\x9f" or "\ud800" <= one <= "\udfff" for one in character)
