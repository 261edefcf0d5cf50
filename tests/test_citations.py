"""Every paragraph of the protocol that the source cites is one that `fal/PROTOCOL.md` has."""

import re
from pathlib import Path

import pytest

import faldeck

HOUSE = Path(faldeck.__file__).parent
TESTS = Path(__file__).parent
PROTOCOL = HOUSE / "fal" / "PROTOCOL.md"
PARAGRAPHS = frozenset(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", PROTOCOL.read_text("utf-8"), re.MULTILINE))

_CITATION = re.compile(r"protocol\s+((?:§\d+(?:\.\d+)?(?:,? (?:and|to|or) |, )?)+)")


def cited(path: Path) -> list[str]:
    """The numbers of the paragraphs that a source file cites: `protocol §2.3, §2.4` gives two."""
    text = re.sub(r"\n\s*#?\s*", " ", path.read_text("utf-8"))
    return [number for group in _CITATION.findall(text) for number in re.findall(r"\d+(?:\.\d+)?", group)]


SOURCES = sorted(path for root in (HOUSE.parent, TESTS) for path in root.rglob("*.py") if path != Path(__file__))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(TESTS.parent).as_posix())
def test_cited_paragraphs_of_the_protocol_exist(path: Path) -> None:
    assert set(cited(path)) <= PARAGRAPHS


def test_the_source_cites_the_protocol() -> None:
    assert sum(len(cited(path)) for path in SOURCES) > 150
