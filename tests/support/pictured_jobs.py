"""The jobs in the README's pictures, written down in brief: a fox in the snow, a harbour at blue hour."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faldeck import money
from faldeck.engine.leases import LeaseHolder
from faldeck.history import Lease, LogLine, Store
from faldeck.history.record import Record
from faldeck.job import Body, Cost, Failure, FileState, Job, Output, State
from faldeck.job_ids import id_text
from faldeck.schema.json_value import JsonValue

NOW = datetime(2026, 6, 12, 14, 32, 8, tzinfo=UTC)
"""What the clock says in the pictures."""

ELSEWHERE = Lease(LeaseHolder(seconds=60).name, 2**53)
"""The live jobs are followed by another engine of this process, so that they stay as they are."""

HOME = "/home/ada/Pictures/faldeck"
FILES = "https://cdn.example/files"


@dataclass(frozen=True)
class Entry:
    """One job of the history, told in brief."""

    ago: timedelta
    """How long before `NOW` it was submitted."""
    endpoint_id: str
    title: str
    state: State = State.COMPLETED
    took: float = 2.1
    """Seconds from the submit to the end."""
    files: tuple[tuple[str, int, int, int], ...] = ()
    """Extension, bytes, width and height of each file."""
    usd: float | None = None
    result: Mapping[str, JsonValue] = field(default_factory=dict)
    arguments: Mapping[str, JsonValue] = field(default_factory=dict)
    error: Failure | None = None
    progress: str = ""
    position: int | None = None
    starred: bool = False


def ago(*, days: int = 0, hours: int = 0, minutes: int = 0, seconds: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


FOX = "A red fox asleep in fresh snow, first light through the birches"
WAVES = "Ocean waves under a golden sunset, the camera low over the water"
POSTCARD = "A harbour town at blue hour, lamps on the quay, boats coming home"
CAPTION = "A wide picture, mostly red, orange and violet, with calm shapes behind each other."
GREETING = "Greetings from the lake. The water is cold and the evenings are long."

ENTRIES = (
    Entry(
        ago(seconds=6.4),
        "demo/reel/v2/image-to-video",
        "The camera slowly moves in on the sleeping fox",
        State.QUEUED,
        position=2,
    ),
    Entry(
        ago(seconds=41),
        "demo/reel/v2/text-to-video",
        WAVES,
        State.RUNNING,
        progress=" 45%|████▌     | 18/40 [00:12<00:15, 1.50it/s]",
    ),
    Entry(
        ago(minutes=3, seconds=20),
        "demo/sketch/pro",
        FOX,
        took=9.4,
        files=(("png", 1_241_880, 1024, 576), ("png", 1_198_204, 1024, 576)),
        usd=0.05,
        result={"seed": 20260612},
        arguments={"prompt": FOX, "num_images": 2, "seed": 20260612},
        starred=True,
    ),
    Entry(
        ago(minutes=9),
        "workflows/demo/postcard",
        POSTCARD,
        took=6.2,
        files=(("png", 934_112, 1024, 683), ("wav", 288_044, 0, 0)),
        usd=0.05,
        result={"back": {"greeting": GREETING}, "seed": 7},
        arguments={"prompt": POSTCARD, "greeting": GREETING, "seed": 7},
    ),
    Entry(
        ago(minutes=14),
        "demo/sketch/edit",
        "Make it night, and mirror the lake",
        State.FAILED,
        took=1.3,
        error=Failure(message="image_url: the file could not be downloaded", type="file_download_error", status=422),
    ),
    Entry(
        ago(minutes=26),
        "demo/clarity/upscale",
        "harbour-at-dusk.png",
        took=11.8,
        files=(("png", 8_412_774, 4096, 3072),),
        usd=0.26,
        result={"caption": CAPTION, "seed": 812, "timings": {"inference": 8.26}},
    ),
    Entry(ago(hours=1, minutes=2), "demo/scribe/chat", "Write about the sea at night, in four lines", took=1.1),
    Entry(
        ago(hours=1, minutes=40),
        "demo/voice/text-to-speech",
        "Good morning from the deck. Today will be clear and cold.",
        took=2.4,
        files=(("wav", 201_644, 0, 0),),
        usd=0.0029,
    ),
    Entry(
        ago(hours=3, minutes=5),
        "demo/sketch/trainer",
        "harbour-archive.zip",
        State.CANCELLED,
        took=74,
    ),
    Entry(
        ago(hours=4, minutes=18),
        "demo/sketch/fast",
        "A quiet harbour at dusk, lamps reflected in still water",
        files=(("png", 702_310, 1024, 768),),
        usd=0.003,
    ),
    Entry(
        ago(days=1, hours=2),
        "demo/tune/text-to-music",
        "Slow and thoughtful, a piano in an empty hall",
        took=7.7,
        files=(("wav", 705_644, 0, 0),),
        usd=0.02,
    ),
    Entry(
        ago(days=1, hours=3),
        "demo/poster/vector",
        "Mountains behind a lake, three flat colours, travel poster",
        took=3.0,
        files=(("svg", 18_204, 768, 1024),),
        usd=0.04,
    ),
    Entry(
        ago(days=2),
        "demo/terra/text-to-3d",
        "An island with one tall rock",
        took=14.5,
        files=(("glb", 412_908, 0, 0),),
        usd=0.1,
    ),
    Entry(
        ago(days=3),
        "demo/cutout/remove-background",
        "heron.png",
        took=1.6,
        files=(("png", 388_120, 1024, 768),),
        usd=0.005,
    ),
)
"""The newest first."""

TYPES = {"png": "image/png", "svg": "image/svg+xml", "wav": "audio/wav", "glb": "model/gltf-binary"}


def write_down(path: Path) -> None:
    """Makes a history of these jobs."""
    store = Store(path)
    for number, entry in enumerate(reversed(ENTRIES), 1):
        job = _job(entry, number)
        arguments = entry.arguments or {"prompt": entry.title}
        store.add(job, arguments, lease=ELSEWHERE)
        store.save(job, logs=[LogLine(job.created_at.isoformat(), "INFO", "Warm runner found")], result=entry.result)
        store.mark(job.id, starred=entry.starred)
    store.close()


def _job(entry: Entry, number: int) -> Job:
    submitted = NOW - entry.ago
    request_id = f"{number:08x}-5d0e-4c61-9b1a-{number * 7919:012x}"
    job = Job(
        id=id_text(round(submitted.timestamp() * 1000) << 22 | number),
        profile="demo",
        endpoint_id=entry.endpoint_id,
        state=entry.state,
        created_at=submitted,
        submitted_at=submitted,
        title=entry.title,
        request_id=request_id,
        progress=entry.progress,
        queue_position=entry.position,
        error=entry.error,
    )
    if entry.state.is_followed:
        return job
    model = entry.endpoint_id.replace("/", "-")
    outputs = [
        Output(
            at=f"images[{index}]",
            url=f"{FILES}/{request_id[:8]}-{index + 1}.{extension}",
            content_type=TYPES[extension],
            size_bytes=size,
            width=width or None,
            height=height or None,
            path=f"{HOME}/{submitted:%Y-%m-%d}/{model}/{request_id}-{index + 1}.{extension}",
            state=FileState.SAVED,
        )
        for index, (extension, size, width, height) in enumerate(entry.files)
    ]
    return job._replace(
        completed_at=submitted + timedelta(seconds=entry.took),
        inference_seconds=round(entry.took * 0.7, 1) if entry.files else None,
        outputs=tuple(outputs),
        cost=Cost(total_usd=money.decimal_of(entry.usd), is_estimate=False) if entry.usd else None,
    )


def write_down_a_year(path: Path) -> None:
    """A history of five months of work, the same in every run: a person who draws on weekdays, and films at times."""
    chance = random.Random(7)
    models = {
        "demo/sketch/fast": (0.003, 2.1, 400_000),
        "demo/sketch/pro": (0.025, 6.4, 1_900_000),
        "demo/sketch/edit": (0.04, 9.8, 1_400_000),
        "demo/film/clip": (0.35, 74.0, 8_800_000),
        "demo/scribe/chat": (0.002, 1.2, 0),
    }
    records: list[Record] = []
    for day in range(161):
        morning = NOW.replace(hour=9, minute=0) - timedelta(days=day)
        for _ in range(chance.randrange(1, 5) if morning.weekday() > 4 else chance.randrange(4, 16)):
            endpoint_id = chance.choices(list(models), weights=(9, 5, 3, 1, 2))[0]
            usd, took, size = models[endpoint_id]
            has_failed = chance.random() < 0.06
            entry = Entry(
                ago=NOW - morning - timedelta(minutes=chance.randrange(300)),
                endpoint_id=endpoint_id,
                title="A harbour at blue hour",
                state=State.FAILED if has_failed else State.COMPLETED,
                took=took * chance.lognormvariate(0, 0.4),
                files=(("png", round(size * chance.lognormvariate(0, 0.3)), 1024, 768),)
                if size and not has_failed
                else (),
                usd=None if has_failed else usd * chance.randrange(1, 5),
            )
            records.append(Record(_job(entry, len(records) + 1), Body({})))
    store = Store(path)
    store.imports.add_records(records)
    store.close()
