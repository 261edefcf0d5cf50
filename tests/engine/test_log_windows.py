"""However a service cuts its log into answers, each line is kept once and in order (protocol §2.3, §2.4)."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from faldeck.engine.transitions import new_lines
from faldeck.fal.values import Log
from faldeck.history import LogLine

messages = st.sampled_from(["", "step 1", "step 2", "  indented", "\x1b[31mred"])


@st.composite
def windows(draw: st.DrawFn) -> tuple[list[Log], list[list[Log]]]:
    """A log whose lines have times, and answers that together show all of it, each with any part of what was before."""
    log = [Log(f"2026-01-01T00:00:{number:02}", "INFO", draw(messages)) for number in range(draw(st.integers(0, 12)))]
    ends = [*sorted(draw(st.lists(st.integers(0, len(log)), max_size=8))), len(log)]
    starts = [draw(st.integers(0, end)) for end in (0, *ends[:-1])]
    return log, [log[start:end] for start, end in zip(starts, ends, strict=True)]


@given(windows())
def test_answers_that_overlap_make_one_log(shown: tuple[list[Log], list[list[Log]]]) -> None:
    log, answers = shown
    seen: Counter[LogLine] = Counter()
    kept = [line.timestamp for answer in answers for line in new_lines(answer, seen)]

    assert kept == [line.timestamp for line in log]


@given(st.lists(messages), st.lists(st.integers(0, 20)))
def test_lines_that_are_alike_are_told_apart_by_their_number(log: list[str], lengths: list[int]) -> None:
    """Answers that hold the whole log so far, of a service that gives no times."""
    lines = [Log("", "", message) for message in log]
    seen: Counter[LogLine] = Counter()
    kept = [line for length in (*sorted(lengths), len(lines)) for line in new_lines(lines[:length], seen)]

    assert len(kept) == len(lines)
    assert Counter(kept) == Counter(new_lines(lines, Counter()))


@given(windows())
def test_a_follower_that_takes_over_adds_only_what_is_new(shown: tuple[list[Log], list[list[Log]]]) -> None:
    log, answers = shown
    kept: list[LogLine] = []
    for answer in answers:
        kept += new_lines(answer, Counter(kept))  # What is on disk is all that an heir knows.

    assert [line.timestamp for line in kept] == [line.timestamp for line in log]
