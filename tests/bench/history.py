"""How quick a history of a million jobs is, beside one of a thousand, against what is asked of it.

    python tests/bench/history.py [1000000]

The histories are made where they are missing (see `histories`), and are left as they were.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread

from histories import END_MS, MODELS, history

from faldeck.app.marking import mark_stored
from faldeck.history import Lease, Store
from faldeck.job import Failure, Job, Output, State
from faldeck.job_ids import first_number, id_text
from faldeck.query import Query, parse

PAGE = 200
"""Jobs that the deck reads at once."""

TYPED = (
    *("fox snow", "a b", "s t", "portrait of", "old lighthouse", "neon street market", "8k hdr", "лиса озеро"),
    *("狐狸在雪", "จิ้งจอก", "ثعلب جبل", "model:flux fox", "state:failed red", "tag:client-a snow", "kind:video sea"),
    *("-fox snow", "has:note poster", "cost:>0.3 fox", "star:yes mountain", "zzyzx"),
)
PHRASES = ('"red fox"', '"old lighthouse"', "雪中的狐")
FILTERS: tuple[str, ...] = (
    "model:flux",
    "model:aurora-ai/nova/pro",
    "model:edit state:failed",
    "since:2026-10",
    "until:2026-03 fox",
)
FILTERS += (
    "since:2026-03 until:2026-03 model:flux",
    "-model:flux",
    "state:expired",
    "kind:audio -tag:draft",
    "tag:poster",
)
DELETED = 10_000


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, in milliseconds unless its name says otherwise."""

    name: str
    value: float
    limit: float | None = None
    detail: str = ""


class Took(float):
    """Milliseconds of the clock, and how many of them this thread had a processor: those hardly depend on the load."""

    cpu: float = 0.0


def milliseconds(work: Callable[[], object]) -> Took:
    """How long it takes."""
    began, cpu = time.perf_counter(), time.thread_time()
    work()
    took = Took((time.perf_counter() - began) * 1000)
    took.cpu = (time.thread_time() - cpu) * 1000
    return took


def p95(times: Sequence[Took]) -> Took:
    """The time that 95 of 100 stay below."""
    if len(times) < 2:
        return times[0]
    took = Took(quantiles(times, n=20)[-1])
    took.cpu = quantiles([one.cpu for one in times], n=20)[-1]
    return took


def spread(times: Sequence[Took]) -> str:
    """The middle and the longest."""
    return f"p50 {median(times):.1f} ({median(one.cpu for one in times):.1f}), max {max(times):.1f}"


def searched(store: Store, texts: Iterable[str]) -> list[Took]:
    """How long the first page takes after each key of the texts."""
    return [
        milliseconds(lambda typed=text[:length]: store.page(parse(typed).query, limit=PAGE))  # type: ignore[misc]
        for text in texts
        for length in range(1, len(text) + 1)
    ]


def reading(store: Store) -> Iterable[Figure]:
    """What is only read."""
    store.page(Query(), limit=PAGE)
    chance = random.Random(1)
    keys = searched(store, TYPED)
    yield Figure("first page after each key, p95", p95(keys), 50, spread(keys))
    slow = {text: max(searched(store, [text])) for text in TYPED}
    worst = max(slow, key=slow.__getitem__)
    yield Figure("  the slowest text", slow[worst], None, worst)
    letters = searched(store, [f"{one} {other}" for one in "aestz" for other in "bocm"])
    yield Figure("pairs of one-letter beginnings, p95", p95(letters), 50, spread(letters))
    phrases = searched(store, PHRASES)
    yield Figure("phrases and parts of unspaced texts, p95", p95(phrases), None, spread(phrases))
    some = [job for job in store.page(Query(), limit=50) if job.request_id]
    ids = [text[:length] for job in some for text in (str(job.request_id), job.id) for length in (4, 6, 9, 13)]
    times = [milliseconds(lambda text=text: store.page(parse(text).query, limit=PAGE)) for text in ids]  # type: ignore[misc]
    yield Figure("the beginning of an id, p95", p95(times), 10, spread(times))
    for text in FILTERS:
        times = [milliseconds(lambda text=text: store.page(parse(text).query, limit=PAGE)) for _ in range(5)]  # type: ignore[misc]
        yield Figure(f"  {text}", p95(times), 50)
    for text in ("", "fox", "state:completed model:flux", "sort:cost", "sort:-took", "fox sort:cost", "zebu sort:cost"):
        times = list(paged(store, parse(text).query, chance)) or [Took()]
        yield Figure(f"a page down in “{text}”, p95", p95(times), 16, spread(times))
    yield Figure(
        "count of live and all jobs", milliseconds(lambda: (store.count(Query.of("state:live")), store.count(Query())))
    )


def paged(store: Store, query: Query, chance: random.Random) -> Iterable[Took]:
    """How long pages take, 10 in a row from each of several places in the list."""
    first, last = store.page(query, limit=1), store.last_page(query, limit=1)
    if not first or not last:
        return
    for _ in range(4):
        at = first_number(END_MS - chance.randrange(365 * 86_400_000))
        place = id_text(at)
        if query.sort != "time":  # A place in such a list is a job's.
            near = store.page(Query(), limit=1, before=place)
            place = near[0].id if near else first[0].id
        for _ in range(10):
            page: list[Job] = []
            yield milliseconds(lambda: page.extend(store.page(query, limit=PAGE, before=place)))  # noqa: B023
            if not page:
                break
            place = page[-1].id


def new_job(number: int) -> Job:
    """A job that is newer than all."""
    at = END_MS + 60_000 + number * 20
    return Job(
        id=id_text(first_number(at) + number),
        profile="fal",
        endpoint_id=MODELS[number % 9],
        state=State.RUNNING,
        created_at=datetime.fromtimestamp(at / 1000, UTC),
        title="a fox of the bench",
        request_id=f"bench-{number}",
    )


def writing(store: Store, path: Path) -> Iterable[Figure]:
    """What writes; everything is taken back."""
    lease = Lease("bench", 2**53)
    made = [new_job(number) for number in range(300)]
    prompt = {"prompt": "a fox of the bench in the snow " * 8}
    adding = [milliseconds(lambda job=job: store.add(job, prompt)) for job in made]  # type: ignore[misc]
    yield Figure("a new job, p95", p95(adding), None, spread(adding))
    saving = [milliseconds(lambda job=job: store.save(job._replace(progress="step 3 of 28"))) for job in made]  # type: ignore[misc]
    yield Figure("a snapshot's save, p95", p95(saving), 2, spread(saving))
    output = Output(at="images[0]", url="https://x/a.png", content_type="image/png", file_name="bench.png")
    done = [job._replace(state=State.COMPLETED, outputs=(output,)) for job in made]
    result = {"images": [{"url": "https://x/a.png"}], "seed": 1, "prompt": prompt["prompt"]}
    ending = [milliseconds(lambda job=job: store.save(job, result=result)) for job in done]  # type: ignore[misc]
    yield Figure("the save of a result, p95", p95(ending), None, spread(ending))
    failing = [milliseconds(lambda job=job: store.save(job._replace(error=Failure(message="no")))) for job in done[:50]]  # type: ignore[misc]
    yield Figure("the save of an error, p95", p95(failing), None, spread(failing))
    with closing(Store(path)) as other:
        stopping, late = Event(), list[Took]()

        def insert() -> None:
            for number in range(1_000, 1_000_000):
                if stopping.wait(0.02):
                    return
                late.append(milliseconds(lambda number=number: other.add(new_job(number), prompt)))  # type: ignore[misc]

        thread = Thread(target=insert)
        thread.start()
        keys = searched(store, TYPED[:8])
        stopping.set()
        thread.join()
    yield Figure("a key while 50 jobs a second arrive, p95", p95(keys), 50, f"{len(late)} arrived; {spread(keys)}")
    yield Figure("  such a new job, p95", p95(late), None, spread(late))
    newest = [job.id for job in islice(pages(store, Query()), DELETED)]
    yield Figure(
        f"delete {len(newest):,}", milliseconds(lambda: store.trash.delete(newest, lease, 1, live=True)), 2_000
    )
    times = searched(store, ["fox"])
    yield Figure("  a key behind them, p95", p95(times), 50, spread(times))
    yield Figure("  undo", milliseconds(lambda: store.trash.restore(newest)), 2_000)
    yield Figure(
        f"star {len(newest):,}",
        milliseconds(lambda: mark_stored(store, newest, lambda marks, some: marks.star(some, True))),
        2_000,
    )
    yield Figure(
        "  take the stars",
        milliseconds(lambda: mark_stored(store, newest, lambda marks, some: marks.star(some, False))),
        2_000,
    )
    yield Figure(
        f"tag {len(newest):,}",
        milliseconds(lambda: mark_stored(store, newest, lambda marks, some: marks.tag(some, ["benchtag"]))),
        2_000,
    )
    yield Figure(
        "  take the tag",
        milliseconds(lambda: mark_stored(store, newest, lambda marks, some: marks.untag(some, ["benchtag"]))),
    )
    ours = [job.id for job in store.page(Query.of('"of the bench"'), limit=-1)]
    store.trash.delete(ours, lease, 1, live=True)
    yield Figure(f"purge {len(ours):,}", milliseconds(lambda: store.trash.purge(ours)))


def pages(store: Store, query: Query) -> Iterable[Job]:
    """All jobs of a list."""
    page = store.page(query, limit=PAGE)
    while page:
        yield from page
        page = store.page(query, limit=PAGE, before=page[-1].id)


def size(store: Store, path: Path) -> Figure:
    """How large the file is, over the documents in it."""
    database = store._db
    raw = database.execute(
        "SELECT sum(length(CAST(arguments_json AS BLOB)) + coalesce(length(CAST(result_json AS BLOB)), 0)) FROM body"
    ).fetchone()[0]
    return Figure(
        "file over raw documents, times", path.stat().st_size / raw, 2.2, f"{path.stat().st_size / 1e6:,.0f} MB"
    )


def measured(count: int) -> list[Figure]:
    """All figures of a history of that many jobs."""
    path = history(count)
    opening = milliseconds(lambda: Store(path).close())
    with closing(Store(path)) as store:
        return [Figure("open and close", opening), *reading(store), *writing(store, path), size(store, path)]


def main() -> None:
    """Prints the figures side by side."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    load = os.getloadavg()
    print(f"load before: {load[0]:.1f}, {os.cpu_count()} processors")
    print(f"{'':44} {'1,000':>9} {count:9,} {'its CPU':>9}")
    small = {figure.name: figure for figure in measured(1_000)}
    for figure in measured(count):
        beside = small.get(figure.name)
        limit = "" if figure.limit is None else f"≤ {figure.limit:g}"
        verdict = "" if figure.limit is None else "ok" if figure.value <= figure.limit else "MISSED"
        cpu = f"{figure.value.cpu:9.2f}" if isinstance(figure.value, Took) else " " * 9
        values = f"{beside.value if beside else 0:9.2f} {figure.value:9.2f} {cpu}"
        print(f"{figure.name:44} {values}  {limit:8} {verdict:6} {figure.detail}")
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
