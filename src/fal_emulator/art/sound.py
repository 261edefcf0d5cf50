"""WAV files: a voice that reads letters, and small tunes."""

from __future__ import annotations  # array[int] cannot be written at run time before Python 3.12

import io
import math
import random
import struct
import wave
from array import array
from collections.abc import Iterable
from functools import lru_cache

SAMPLE_RATE = 16_000
"""Samples per second, one channel of 16 bits."""

_VOWELS = {"a": (800, 1200), "e": (500, 1900), "i": (320, 2300), "o": (480, 900), "u": (340, 750), "y": (320, 1900)}
"""The two strongest overtones of each vowel, in hertz."""
_SCALE = (0, 2, 3, 5, 7, 8, 10, 12)
_REMARK = b"ICMT"


def spoken(text: str, pitch: float, speed: float) -> bytes:
    """A hum with a syllable for every letter, as a WAV file; the text is in its remark chunk, for `remark`."""
    beats = (_syllable(letter.lower(), round(pitch), round(1200 / speed)) for letter in text)
    return _with_remark(_wav(beats), text)


def tune(seed: int, seconds: float) -> bytes:
    """Chords and a melody over them, as a WAV file."""
    dice = random.Random(seed)
    root = dice.choice((196.0, 220.0, 246.9, 261.6))
    samples = array("h", bytes(2 * int(SAMPLE_RATE * seconds)))
    step = SAMPLE_RATE // 4
    for beat, start in enumerate(range(0, len(samples), step)):
        if beat % 8 == 0:
            low = dice.choice((0, 3, 5, 7))
            for note in (low - 12, low, low + 3, low + 7):
                _add_note(samples, start, root * 2 ** (note / 12), 8 * step, 2200)
        if dice.random() < 0.75:
            _add_note(samples, start, 2 * root * 2 ** (dice.choice(_SCALE) / 12), 3 * step, 4200)
    return _wav([samples])


def duration(data: bytes) -> float | None:
    """The length of a WAV file in seconds, None if it is none."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            seconds: float = file.getnframes() / file.getframerate()
            return seconds
    except (wave.Error, EOFError):
        return None


def remark(data: bytes) -> str | None:
    """The text a file of `spoken` was made from, None for any other file."""
    at = data.rfind(_REMARK)
    if at < 0 or data[:4] != b"RIFF":
        return None
    length = int.from_bytes(data[at + 4 : at + 8], "little")
    return data[at + 8 : at + 8 + length].rstrip(b"\0").decode("utf-8", "replace")


@lru_cache(maxsize=256)
def _syllable(letter: str, pitch: int, length: int) -> array[int]:
    """The samples of one letter: vowels hum, consonants hiss, all else is silence."""
    if letter in _VOWELS:
        first, second = _VOWELS[letter]
        tones = ((pitch, 5200), (first, 2100), (second, 900))
        return array("h", (_hum(n, length, tones) for n in range(length)))
    if letter.isalnum():
        dice = random.Random(letter)
        half = length * 2 // 3
        return array("h", (int(dice.uniform(-1800, 1800) * math.sin(math.pi * n / half)) for n in range(half)))
    return array("h", bytes(2 * length * (3 if letter in ".!?\n" else 1)))


def _hum(n: int, length: int, tones: Iterable[tuple[int, int]]) -> int:
    swell = math.sin(math.pi * n / length) ** 0.6
    return int(swell * sum(loud * math.sin(math.tau * tone * n / SAMPLE_RATE) for tone, loud in tones))


def _add_note(samples: array[int], start: int, tone: float, length: int, loud: float) -> None:
    turn = math.tau * tone / SAMPLE_RATE
    for n in range(min(length, len(samples) - start)):
        fade = min(1, n / 400) * math.exp(-3.2 * n / length)
        value = samples[start + n] + int(loud * fade * (math.sin(turn * n) + 0.3 * math.sin(2 * turn * n)))
        samples[start + n] = max(-32_767, min(32_767, value))


def _wav(parts: Iterable[array[int]]) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for part in parts:
            file.writeframes(part.tobytes())
    return buffer.getvalue()


def _with_remark(wav: bytes, text: str) -> bytes:
    raw = text.encode()
    raw += b"\0" * (2 - len(raw) % 2)
    listed = b"INFO" + _REMARK + struct.pack("<I", len(raw)) + raw
    body = wav[8:] + b"LIST" + struct.pack("<I", len(listed)) + listed
    return b"RIFF" + struct.pack("<I", len(body)) + body
