"""How far many jobs are, in words."""

import pytest

from faldeck.cli.progress import ProgressCount


@pytest.mark.parametrize(
    ("tally", "under_way", "seconds", "words"),
    [
        (ProgressCount(100), 0, 0.0, "0 of 100 ended"),
        (ProgressCount(100), 20, 3.0, "0 of 100 ended, 20 under way"),
        (ProgressCount(100, 20), 20, 5.0, "20 of 100 ended, 20 under way, 4.0 a second, 0:20 left"),
        (ProgressCount(4000, 2, 1), 1, 60.0, "2 of 4,000 ended, 1 failed, 1 under way, 2.0 a minute, 1d 9h left"),
        (ProgressCount(3, 3), 0, 3.0, "3 of 3 ended, 1.0 a second"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tally_tells_how_quickly_and_how_long(
    tally: ProgressCount, under_way: int, seconds: float, words: str
) -> None:
    assert tally.words(under_way, seconds) == words


def test_what_ends_badly_is_counted_apart() -> None:
    tally = ProgressCount(3)
    for is_good in (True, False, True):
        tally.count(is_good=is_good)

    assert (tally.ended, tally.failed) == (3, 1)
