"""Job ids sort by time, for as long as anybody will ask, and no two are the same."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faldeck.history import Store
from faldeck.job_ids import first_number, id_number, id_text, new_id, successor
from faldeck.query import Key, Query, Term

LARGEST = 2**63 - 1


def test_ids_sort_by_time_through_the_centuries(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for year in (1970, 2026, 2034, 2035, 2036, 2039, 2040, 2100, 2300):
        for month in (1, 9):
            at = int(datetime(year, month, 8, tzinfo=UTC).timestamp() * 1e9)
            monkeypatch.setattr("faldeck.job_ids.time.time_ns", lambda at=at: at)
            made += [new_id(), new_id()]

    assert made == sorted(made) and len(set(made)) == len(made)
    assert all(id_text(id_number(one)) == one for one in made)


def test_ids_made_in_one_millisecond_are_all_different_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in (time.time_ns(), int(4e18)):
        monkeypatch.setattr("faldeck.job_ids.time.time_ns", lambda moment=moment: moment)
        made = [new_id() for _ in range(20_000)]
        assert made == sorted(made) and len(set(made)) == len(made)


def test_a_clock_that_is_out_of_range_makes_ids_that_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in (-(10**18), 0, 2**63):
        monkeypatch.setattr("faldeck.job_ids.time.time_ns", lambda moment=moment: moment)
        assert 0 <= id_number(new_id()) <= LARGEST


def test_ids_of_today_are_as_they_were() -> None:
    assert first_number(1_800_000_000_000) == 1_800_000_000_000 << 22


def test_the_successor_of_a_job_is_the_same_for_all_and_lies_where_it_ended() -> None:
    job, ended = new_id(), 1_800_000_000_000
    assert successor(job, ended) == successor(job, ended) != successor(new_id(), ended)
    assert id_number(successor(job, ended)) >> 22 == ended


@pytest.mark.parametrize("year", [2039, 2040, 9998])
def test_a_history_is_asked_for_what_comes_after_any_year(tmp_path: Path, year: int) -> None:
    store = Store(tmp_path / "history.db")
    since = datetime(year, 12, 31, tzinfo=UTC)
    assert store.page(Query((Term(Key.SINCE, since.isoformat()),)), limit=5) == []
    assert store.spent_usd(since) == 0
    store.seek_again(["fal"], since)
    store.close()
