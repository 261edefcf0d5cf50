"""The limits of a media file (`x-fal`, protocol §6.5): as words, and checked against the facts of a file. Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from faldeck.schema import plain_text
from faldeck.schema.media import MediaFacts

Number: TypeAlias = int | float
Bounds: TypeAlias = Mapping[str, Number]
"""The limits by the service's own keys: `max_file_size` (bytes), `min_width`, `max_duration` (seconds) …"""

_SPANS: tuple[tuple[str, str, str], ...] = (
    ("width", " px", "wide"),
    ("height", " px", "high"),
    ("area", " px²", ""),
    ("aspect_ratio", "", "width / height"),
    ("duration", " s", "long"),
    ("fps", " fps", ""),
    ("frames", " frames", ""),
)
"""For each limit: its key without `min_` or `max_`, its unit, and a word for what is measured."""


def phrase(bounds: Bounds) -> str:
    """The limits as a short phrase: `at most 10 MB, at least 300 px wide`; empty if there are none."""
    parts = []
    if size := bounds.get("max_file_size"):
        parts.append(f"at most {_bytes(size)}")
    if pixels := bounds.get("max_pixels"):
        parts.append(f"at most {plain_text.number(pixels)} pixels")
    spans = (_span(bounds, key, unit, what) for key, unit, what in _SPANS)
    return ", ".join([*parts, *filter(None, spans)])


def objections(bounds: Bounds, facts: MediaFacts) -> Iterator[str]:
    """The limits that a file breaks, as phrases: `must be at least 300 px wide, not 64`.

    Limits for facts that are unknown are not checked.
    """
    size = bounds.get("max_file_size")
    if size and facts.size_bytes > size:
        most, found = _bytes(size), _bytes(facts.size_bytes)
        yield f"must be at most {most}, not {found if found != most else f'{facts.size_bytes:,} bytes'}"
    measured = _measured(facts)
    pixels, area = bounds.get("max_pixels"), measured.get("area")
    if pixels and area and area > pixels:
        yield f"must be at most {plain_text.number(pixels)} pixels, not {plain_text.number(area)}"
    for key, unit, what in _SPANS:
        value = measured.get(key)
        if value is not None and not _is_within(bounds, key, value):
            yield f"must be {_span(bounds, key, unit, what)}, not {plain_text.number(round(value, 2))}"


def _measured(facts: MediaFacts) -> dict[str, Number]:
    """The known facts of a file, by the keys of `_SPANS`."""
    known: dict[str, Number] = {} if facts.seconds is None else {"duration": facts.seconds}
    if facts.width and facts.height:
        known |= {"width": facts.width, "height": facts.height}
        known |= {"area": facts.width * facts.height, "aspect_ratio": facts.width / facts.height}
    if facts.frames:
        known |= {"frames": facts.frames} | ({"fps": facts.frames / facts.seconds} if facts.seconds else {})
    return known


def _is_within(bounds: Bounds, key: str, value: Number) -> bool:
    return bounds.get(f"min_{key}", value) <= value <= bounds.get(f"max_{key}", value)


def _span(bounds: Bounds, key: str, unit: str, what: str) -> str:
    least, most = bounds.get(f"min_{key}"), bounds.get(f"max_{key}")
    if least is not None and most is not None:
        span = f"{plain_text.number(least)} to {plain_text.number(most)}"
    elif least is not None:
        span = f"at least {plain_text.number(least)}"
    elif most is not None:
        span = f"at most {plain_text.number(most)}"
    else:
        return ""
    return f"{span}{unit} {what}".rstrip()


def _bytes(size: Number) -> str:
    """A size as the service writes it: 10485760 is 10 MB."""
    for unit, name in ((2**30, "GB"), (2**20, "MB"), (2**10, "kB")):
        if size >= unit:
            return f"{round(size / unit, 1):g} {name}"
    return f"{size:,} bytes"
