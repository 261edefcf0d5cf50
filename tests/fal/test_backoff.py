"""The schedule of delays."""

from random import Random

from faldeck.fal.errors import Backoff


def test_delays_grow_to_the_cap() -> None:
    even = Backoff(first=1, factor=2, cap=8, jitter=0)
    assert [even.delay(failures, Random(1)) for failures in range(1, 7)] == [1, 2, 4, 8, 8, 8]


def test_many_do_not_ask_at_once() -> None:
    random = Random(7)
    delays = [Backoff(first=8, jitter=0.25).delay(1, random) for _ in range(100)]
    assert len(set(delays)) == 100
    assert min(delays) >= 6
    assert max(delays) <= 10


def test_the_same_random_numbers_give_the_same_schedule() -> None:
    assert Backoff().delay(3, Random(5)) == Backoff().delay(3, Random(5))


def test_a_service_that_asks_for_time_gets_it() -> None:
    assert Backoff().delay(1, Random(1), retry_after=20) >= 20


def test_a_wish_below_the_schedule_does_not_hurry_us() -> None:
    assert Backoff(jitter=0).delay(5, Random(1), retry_after=0.001) == 8


def test_a_wish_without_bound_is_not_believed() -> None:
    assert Backoff(longest=60).delay(1, Random(1), retry_after=1e12) < 120


def test_a_long_outage_overflows_nothing() -> None:
    assert Backoff(cap=30, jitter=0).delay(10**9, Random(1)) == 30
