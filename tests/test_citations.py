"""What the source cites is there: the paragraphs of `fal/PROTOCOL.md`, and the rules of `faldeck/__init__`."""

import re
from pathlib import Path

import pytest

import faldeck

PACKAGE = Path(faldeck.__file__).parent
TESTS = Path(__file__).parent
PARAGRAPHS = frozenset(
    re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", (PACKAGE / "fal" / "PROTOCOL.md").read_text("utf-8"), re.MULTILINE)
)
RULES = frozenset(re.findall(r"^ +(\d+)\. ", faldeck.__doc__ or "", re.MULTILINE))

_JOINT = r"(?:,? (?:and|to|or) |, )"
_PARAGRAPHS = re.compile(rf"protocol\s+((?:§\d+(?:\.\d+)?{_JOINT}?)+)")
_RULES = re.compile(rf"\b[Rr]ules? ((?:\d+{_JOINT}?)+)")


def cited(pattern: re.Pattern[str], path: Path) -> list[str]:
    """The numbers that a source file cites: `rules 3, 4 and 5` gives three, `protocol §2.3, §2.4` two."""
    text = re.sub(r"\n\s*#?\s*", " ", path.read_text("utf-8"))
    return [number for group in pattern.findall(text) for number in re.findall(r"\d+(?:\.\d+)?", group)]


SOURCES = sorted(path for root in (PACKAGE.parent, TESTS) for path in root.rglob("*.py") if path != Path(__file__))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(TESTS.parent).as_posix())
def test_cited_paragraphs_and_rules_exist(path: Path) -> None:
    assert set(cited(_PARAGRAPHS, path)) <= PARAGRAPHS
    assert set(cited(_RULES, path)) <= RULES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(TESTS.parent).as_posix())
def test_no_document_is_cited_that_is_not_in_the_tree(path: Path) -> None:
    assert set(re.findall(r"\b(\w+) §", path.read_text("utf-8"))) <= {"protocol", "and", "or", "in"}


def test_the_source_cites_the_protocol_and_the_rules() -> None:
    assert {str(number) for number in range(1, 11)} == RULES
    assert sum(len(cited(_PARAGRAPHS, path)) for path in SOURCES) > 150
    assert {rule for path in SOURCES for rule in cited(_RULES, path)} >= RULES - {"10"}


def test_the_files_that_the_architecture_names_exist() -> None:
    named = re.findall(r"`([\w/]+(?:/|\.py|\.md))`", faldeck.__doc__ or "")
    assert len(named) > 15
    assert [name for name in named if not any((root / name).exists() for root in (PACKAGE, TESTS.parent))] == []
