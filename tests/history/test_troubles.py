"""A history that cannot be used is told once for each reason, whatever the words are."""

import sqlite3
from pathlib import Path

import pytest

from faldeck.history import History, HistoryError, Query


async def failed(history: History, *, writes: bool = False) -> HistoryError:
    """The error of one question, or of one change."""
    with pytest.raises(HistoryError) as caught:
        if writes:
            await history.write(lambda store: store.version())
        else:
            await history.read(lambda store: store.page(Query(), limit=1))
    return caught.value


async def test_each_reason_is_news_once_until_the_history_works_again(tmp_path: Path) -> None:
    (tmp_path / "place").touch()
    history = History(tmp_path / "place" / "history.db")
    told = [history.is_news(await failed(history, writes=writes)) for writes in (False, True, False)]
    assert told == [True, False, False]

    (tmp_path / "place").unlink()
    await history.read(lambda store: store.version())
    await history.write(lambda store: store.version())

    def lose(store: object) -> None:
        error = sqlite3.OperationalError("disk I/O error, in other words each time")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    told = []
    for _ in range(2):
        with pytest.raises(HistoryError) as caught:
            await history.read(lose)
        told.append(history.is_news(caught.value))
    assert told == [True, False]

    await history.read(lambda store: store.version())
    with pytest.raises(HistoryError) as caught:
        await history.read(lose)
    assert history.is_news(caught.value)
    history.close()
