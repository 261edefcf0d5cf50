"""The line that counts jobs as they end."""

import pytest

from faldeck.cli.progress import ProgressCount


@pytest.mark.parametrize(
    ("count", "active", "seconds", "text"),
    [
        (ProgressCount(100), 0, 0.0, "0 of 100 ended"),
        (ProgressCount(100), 20, 3.0, "0 of 100 ended, 20 under way"),
        (ProgressCount(100, 20), 20, 5.0, "20 of 100 ended, 20 under way, 4.0 a second, 0:20 left"),
        (ProgressCount(4000, 2, 1), 1, 60.0, "2 of 4,000 ended, 1 failed, 1 under way, 2.0 a minute, 1d 9h left"),
        (ProgressCount(3, 3), 0, 3.0, "3 of 3 ended, 1.0 a second"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_count_says_how_fast_jobs_end_and_how_long_the_rest_takes(
    count: ProgressCount, active: int, seconds: float, text: str
) -> None:
    assert count.text(active, seconds) == text


def test_failed_jobs_are_counted_separately() -> None:
    count = ProgressCount(3)
    for is_good in (True, False, True):
        count.add(is_good=is_good)

    assert (count.ended, count.failed) == (3, 1)
