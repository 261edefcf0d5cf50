"""What a terminal sends, cut into typed text, whole escape sequences and pastes. Pure: bytes and times in, parts out.

The connection may split input at any byte, and any byte may come. An unfinished sequence is never treated as typed
text, a paste is never treated as commands, and no input raises.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from typing import NamedTuple

ESCAPE_SECONDS = 0.04
"""How long an Escape waits for the rest of a sequence if the terminal is on this machine."""
SLOW_ESCAPE_SECONDS = 0.12
"""The same over a network, which splits sequences by up to 100 ms."""
SEQUENCE_SECONDS = 0.5
"""How long the rest of a sequence is awaited once it has certainly started."""
STRING_SECONDS = 1.0
"""The same for an answer with text in it (OSC, DCS), and for an Escape if the Escape key sends a sequence."""
PASTE_SECONDS = 1.0
"""A paste without an end mark ends after this time without input."""
CLOSING_SECONDS = 0.2
"""An Escape ends a paste if no input follows within this time."""
ALONE_SECONDS = 0.05
"""A single key after this time without input was typed, not pasted."""
LATE_PASTE_SECONDS = 10.0
"""How long a paste may continue after a pause has ended it."""
TYPED_BYTES = 32
"""More than a person types at once."""

PASTE_START = b"\x1b[200~"
PASTE_END = b"\x1b[201~"

_ESC = b"\x1b"
_TEXT = rb"[^\x00-\x1f]"
_WHOLE = re.compile(
    rb"""\x1b(?:
      \[(?: M[\x20-\xff]{3}                     # the old mouse protocol: three bytes of any value
          | \[[A-E]                             # function keys of the Linux console
          | \d\d?\$                             # keys of rxvt with Shift
          | [@-LN-Z\\-~] | [0-?]+[ -/]*[@-~] | [ -/]+[@-~] )
    | O[0-9;]*[ -:<-~]                          # SS3
    | [\]PX^_](?:%(text)b)*(?:\x07|\x1b\\)      # OSC, DCS, SOS, PM, APC
    | [\x20-NQ-WYZ\\`-\x7f\t]                   # Alt and a character
    | [\xc2-\xdf][\x80-\xbf] | [\xe0-\xef][\x80-\xbf]{2} | [\xf0-\xf4][\x80-\xbf]{3}
    )""".replace(b"%(text)b", _TEXT),
    re.VERBOSE,
)
_BEGUN = re.compile(
    rb"""\x1b(?:
      \[(?: M[\x20-\xff]{0,2} | \[ | [0-?]*[ -/]* )
    | O[0-9;]*
    | [\]PX^_](?:%(text)b)*(?:\x1b(?=\Z))?
    | [\xc2-\xf4][\x80-\xbf]*
    )?""".replace(b"%(text)b", _TEXT),
    re.VERBOSE,
)
_LATE = re.compile(
    rb"\[(?:[<=>?]?[0-9][0-9;:]*\$?[A-Za-z~]|[A-FHIOPQRSZ]\Z)|O[A-DFHMP-S]\Z|[\]PX^_][^\x00-\x1f]+(?:\x07|\x1b\\)"
)
"""The rest of a sequence whose Escape already counted as a key: a person cannot type this much at once."""
_CONTINUATION = re.compile(rb"[\x80-\xbf]{1,3}")
_EIGHT_BIT = re.compile(
    rb"((?:\xc2(?![\x8f\x90\x98\x9b-\x9f])|[\xc3-\xdf])[\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    rb"|[\xe0-\xef][\x80-\xbf]?\Z|[\xf0-\xf4][\x80-\xbf]{0,2}\Z)"
    rb"|\xc2([\x8f\x90\x98\x9b-\x9f])|\x9b"
)
"""A character of several bytes, which may have the byte 9b in it; or else a control character that begins or ends a
sequence: written in UTF-8, or 9b alone. The others alone are letters where the terminal does not use UTF-8."""
_KITTY_KEY = re.compile(rb"\x1b\[[0-9][0-9:;]*u")
_CLOSES_PASTE = re.compile(rb"\x03|\x1b\[27(?:;[0-9:;]*)?u|\x1b\[99;5[0-9:;]*u")
"""^C, and Escape and ^C in kitty's keyboard protocol."""


class TypedText(NamedTuple):
    """Text that was typed."""

    text: str


class EscapeSequence(NamedTuple):
    """One whole escape sequence. A single Escape is the Escape key."""

    text: str


class PastedText(NamedTuple):
    """A paste, as it came."""

    text: str


Part = TypedText | EscapeSequence | PastedText


def escape_seconds(environ: Mapping[str, str]) -> float:
    """How long an Escape waits for a sequence. tmux and GNU screen always send whole sequences."""
    is_remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    is_multiplexed = any(environ.get(name) for name in ("TMUX", "STY"))
    return SLOW_ESCAPE_SECONDS if is_remote and not is_multiplexed else ESCAPE_SECONDS


def _written_out(found: re.Match[bytes]) -> bytes:
    """A character as it is, or a control character as Escape and the one after it."""
    return found[1] or bytes((0x1B, (found[2] or b"\x9b")[0] - 0x40))


class InputReader:
    """The input of one terminal. Times are seconds of a monotonic clock."""

    def __init__(self, escape_seconds: float) -> None:
        self._escape_seconds = escape_seconds
        self._pending = b""
        """The start of an unfinished sequence."""
        self._paste: bytearray | None = None
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._heard_at = float("-inf")
        self._escaped_at = float("-inf")
        """When an Escape was last reported as a key because no input followed it."""
        self._paste_cut_at = float("-inf")
        """When a pause ended a paste that may still continue."""
        self._is_closing = False
        """Whether the last byte of the paste is an Escape that came alone."""

    @property
    def deadline(self) -> float | None:
        """When to call `tick` if no input comes before; None if nothing is awaited."""
        if self._paste is not None:
            return self._heard_at + (CLOSING_SECONDS if self._is_closing else PASTE_SECONDS)
        return self._heard_at + self._patience if self._pending else None

    @property
    def _patience(self) -> float:
        """How long the rest of what is pending is waited for, in seconds."""
        if self._pending == _ESC:
            return self._escape_seconds
        return STRING_SECONDS if self._pending[1:2] in b"]PX^_" and len(self._pending) > 2 else SEQUENCE_SECONDS

    def feed(self, data: bytes, now: float) -> Iterator[Part]:
        """Takes what has arrived; gives all that is whole."""
        silence, self._heard_at = now - self._heard_at, now
        if self._paste is not None:
            yield from self._pasted(data, is_alone=silence >= ALONE_SECONDS)
            return
        if now - self._paste_cut_at < LATE_PASTE_SECONDS and self._goes_on(data):
            self._paste = bytearray()
            yield from self._pasted(data, is_alone=False)
            return
        if now - self._escaped_at < SEQUENCE_SECONDS and _LATE.match(data):
            self._escape_seconds = max(self._escape_seconds, SLOW_ESCAPE_SECONDS)
            data = _ESC + data
        self._escaped_at = float("-inf")
        yield from self._cut(self._in_seven_bits(self._pending + data))

    def _in_seven_bits(self, data: bytes) -> bytes:
        """The data with the short forms of `ESC [` and its kin written out; as a part of a character a byte stays."""
        begun = self._decoder.getstate()[0]
        if begun == b"\xc2" and _EIGHT_BIT.match(begun + data[:1]):
            self._decoder.reset()
            begun, data = b"", begun + data
        rest = _CONTINUATION.match(data) if begun else None
        start = rest.end() if rest else 0
        return data[:start] + _EIGHT_BIT.sub(_written_out, data[start:])

    def tick(self, now: float) -> Iterator[Part]:
        """Stops waiting for input that was due by `now`."""
        if self.deadline is None or now < self.deadline:
            return
        if self._paste is not None:
            if not self._is_closing:
                self._paste_cut_at = now
            yield self._closed_paste()
        elif self._pending == _ESC:
            self._pending, self._escaped_at = b"", now
            yield EscapeSequence("\x1b")
        else:
            begun, self._pending = self._pending, b""
            if len(begun) == 2 and begun[1] < 0x80:  # Alt and the character that begins sequences.
                yield EscapeSequence(begun.decode("ascii"))

    def _cut(self, data: bytes) -> Iterator[Part]:
        self._pending = b""
        while data:
            typed, escape, data = data.partition(_ESC)
            if text := self._decoder.decode(typed, final=bool(escape)):
                yield TypedText(text)
            if not escape:
                return
            data = escape + data
            if whole := _WHOLE.match(data):
                sequence, data = whole[0], data[whole.end() :]
                if sequence == PASTE_START:
                    self._paste = bytearray()
                    yield from self._pasted(data, is_alone=False)
                    return
                if _KITTY_KEY.fullmatch(sequence):
                    self._escape_seconds = STRING_SECONDS
                yield EscapeSequence(sequence.decode("utf-8", "replace"))
                continue
            begun = _BEGUN.match(data)
            length = begun.end() if begun else 1
            if length == len(data):
                self._pending = data
                return
            if length == 1:  # A control character or another Escape follows: this one is a key.
                yield EscapeSequence("\x1b")
            data = data[length:]

    def _pasted(self, data: bytes, *, is_alone: bool) -> Iterator[Part]:
        """Adds to the paste; gives it, and what follows, once it has ended."""
        assert self._paste is not None
        if is_alone and _CLOSES_PASTE.fullmatch(data):
            yield self._closed_paste()
            return
        self._is_closing = is_alone and data == _ESC
        looked_at = max(0, len(self._paste) - len(PASTE_END) + 1)
        self._paste += data
        end = self._paste.find(PASTE_END, looked_at)
        if end < 0:
            return
        text, rest = bytes(self._paste[:end]), bytes(self._paste[end + len(PASTE_END) :])
        self._paste, self._is_closing, self._paste_cut_at = None, False, float("-inf")
        yield PastedText(text.decode("utf-8", "replace"))
        yield from self._cut(rest)

    def _closed_paste(self) -> PastedText:
        """The paste, without what may have been the start of its end."""
        assert self._paste is not None
        text, self._paste, self._is_closing = bytes(self._paste), None, False
        length = next((n for n in range(len(PASTE_END) - 1, 0, -1) if text.endswith(PASTE_END[:n])), 0)
        return PastedText(text[: len(text) - length].decode("utf-8", "replace"))

    def _goes_on(self, data: bytes) -> bool:
        """Whether this is more of a paste that was closed by a silence."""
        return PASTE_END in data or (len(data) > TYPED_BYTES and not data.startswith(_ESC))
