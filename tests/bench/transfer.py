"""How fast an import is, and how long other processes wait for a write beside it.

    python tests/bench/transfer.py rate --jobs 200000          # rows a second, CPU of each process, then the index
    python tests/bench/transfer.py waits --jobs 100000         # two decks, one import and one prune at once

The jobs are those of `histories`. `waits` has two processes save snapshots as a deck does,
20 times a second each, while a third imports and a fourth prunes; it prints how long a save took, and counts the rows.
`rate` also prints what bare inserts of the rows take, which is the least that an import can.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from histories import history

from faldeck.history import Store
from faldeck.history.export import exported
from faldeck.history.record import COLUMNS, PreparedRecord, Record
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import id_at, new_id
from faldeck.query import Query
from faldeck.schema.json_value import ascii_text

SAVES_A_SECOND = 20

BARE_JOBS, BARE_TOGETHER = 40_000, 700
"""Rows of the bare inserts, and those of one transaction."""


def export(jobs: int, path: Path) -> None:
    """Writes an export of that many jobs, the newest first."""
    with closing(Store(history(jobs))) as store, path.open("w", encoding="ascii") as file:
        before = None
        while page := store.page(Query(), limit=500, before=before):
            for job in page:
                record = Record(job, store.body(job.id), tuple(store.logs(job.id)))
                file.write(ascii_text(exported(record)) + "\n")
            before = page[-1].id


def command(home: Path, *words: str) -> subprocess.Popen[str]:
    """Starts a command of faldeck in a home of its own."""
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    words = (sys.executable, "-m", "faldeck", *words)
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)


def rate(jobs: int) -> None:
    """Imports into an empty history, once without the index and once with it."""
    from faldeck.app.importing import Importer

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export.jsonl"
        export(jobs, file)
        bare(file, Path(folder))
        with closing(Store(Path(folder) / "history.db")) as store:
            importer = Importer(store, profile="fal")
            before, start = time.process_time(), time.monotonic()
            importer.read_path(file)
            took, own = time.monotonic() - start, time.process_time() - before
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(f"{importer.outcome.counts}")
            print(f"{file.stat().st_size / 1e6:,.0f} MB in {took:.1f} s: {jobs / took:,.0f} rows a second")
            print(f"CPU a row: {own / jobs * 1e6:.0f} µs here (what writes), and")
            print(f"  {(children.ru_utime + children.ru_stime) / jobs * 1e6:.0f} µs in the processes that read")
            start = time.monotonic()
            importer.index()
            print(f"index: {time.monotonic() - start:.1f} s more")
            start = time.monotonic()
            again = Importer(store, profile="fal")
            again.read_path(file)
            print(f"the same once more: {again.outcome.counts} in {time.monotonic() - start:.1f} s")


def bare(file: Path, folder: Path) -> None:
    """How long SQLite alone takes for up to `BARE_JOBS` of the rows: no import can be faster than these inserts."""
    from faldeck.app.importing import prepare_lines

    with file.open("rb") as lines:
        found = prepare_lines(b"".join(islice(lines, BARE_JOBS)), with_words=False)
    prepared = [one for one in found if isinstance(one, PreparedRecord)]
    insert = f"INSERT OR ROLLBACK INTO job ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    with closing(Store(folder / "bare.db")) as store, store.imports.written_later():
        before = time.process_time()
        for start in range(0, len(prepared), BARE_TOGETHER):
            some = sorted(prepared[start : start + BARE_TOGETHER], key=lambda one: one.number)
            documents = [(one.number, one.arguments_json, one.result_json) for one in some]
            store._db.execute("BEGIN IMMEDIATE")
            store._db.executemany(insert, [one.columns for one in some])
            store._db.executemany("INSERT INTO body VALUES (?, ?, ?)", documents)
            store._db.execute("COMMIT")
            store.imports.write_log_to_file()
        print(f"bare inserts of {len(prepared):,} rows: {(time.process_time() - before) / len(prepared) * 1e6:.0f} µs")


def deck_job(endpoint_id: str, state: State, *, days: int = 0) -> Job:
    """A job as a deck adds it, or added it some days ago."""
    at = now() - timedelta(days=days)
    number = id_at(round(at.timestamp() * 1000), new_id()) if days else new_id()
    return Job(id=number, profile="fal", endpoint_id=endpoint_id, state=state, created_at=at, title="deck")


def save_like_a_deck(path: Path, seconds: float, waits: multiprocessing.Queue[tuple[list[float], int]]) -> None:
    """Adds jobs and saves their snapshots; tells how long each write took and how many jobs were added."""
    store = Store(path, busy_seconds=30)
    took: list[float] = []
    added = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = deck_job("a/b", State.QUEUED)
        for change in ("add", "run", "end"):
            start = time.monotonic()
            if change == "add":
                store.add(job, {"prompt": "deck"})
                added += 1
            else:
                job = job._replace(state=State.RUNNING if change == "run" else State.COMPLETED, completed_at=now())
                store.save(job, result={"seed": 1} if change == "end" else None)
            took.append(time.monotonic() - start)
            time.sleep(1 / SAVES_A_SECOND)
    store.close()
    waits.put((took, added))


def waits(jobs: int, seconds: float) -> None:
    """Has two decks, one import and one prune write at once."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        file = home / "export.jsonl"
        export(jobs, file)
        path = home / "data" / "faldeck" / "history.db"
        with closing(Store(path)) as store:
            for _ in range(10):
                store.imports.add_records(
                    Record(deck_job("old/old", State.FAILED, days=2), Body({})) for _ in range(500)
                )
        results: multiprocessing.Queue[tuple[list[float], int]] = multiprocessing.Queue()
        decks = [multiprocessing.Process(target=save_like_a_deck, args=(path, seconds, results)) for _ in range(2)]
        for deck in decks:
            deck.start()
        importing = command(home, "import", str(file), "--json")
        time.sleep(1)
        pruning = command(home, "history", "prune", "--state", "failed", "--older-than", "1d", "--yes", "--json")
        told = [results.get() for _ in decks]
        for deck in decks:
            deck.join()
        for name, process in (("import", importing), ("prune", pruning)):
            out, _ = process.communicate()
            print(name, process.returncode, " ".join(out.split()))
        took = sorted(wait for found, _ in told for wait in found)
        added = sum(number for _, number in told)
        print(f"{len(took):,} writes of the decks: median {median(took) * 1e3:.1f} ms,", end=" ")
        print(f"p95 {took[len(took) * 95 // 100] * 1e3:.0f} ms, longest {took[-1] * 1e3:.0f} ms,", end=" ")
        print(f"{sum(wait > 0.2 for wait in took)} above 200 ms")
        with closing(Store(path)) as store:
            kept, total = store.count(Query.of("model:a/b")), store.count(Query())
            old_left = store.count(Query.of("model:old/old"))
        print(f"jobs of the decks: {kept:,} of {added:,}; imported: {total - kept - old_left:,} of {jobs:,}", end="; ")
        print(f"old: {old_left}")
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measure", choices=["rate", "waits"])
    parser.add_argument("--jobs", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    if arguments.measure == "rate":
        rate(arguments.jobs)
    else:
        waits(arguments.jobs, arguments.seconds)
