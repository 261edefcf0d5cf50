"""Histories of any size with realistic jobs, written in bulk: prompts of 20 to 300 words in five scripts.

    python tests/bench/histories.py 1000000

A history is made once for each number of jobs, in the folder that FALDECK_BENCH_DATA names (else the
system's temporary one).
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate, islice
from pathlib import Path

from faldeck import money
from faldeck.history import Store, rows, search_text
from faldeck.history.search_index import SearchIndex
from faldeck.job import Cost, Job, State
from faldeck.job_ids import first_number, new_id

YEAR_MS = 365 * 86_400_000
END_MS = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
"""When the newest job was made."""

TOGETHER = 5_000
"""Jobs in one transaction."""


def _listed(words: str) -> list[str]:
    return words.split()


_ENGLISH = _listed("""
    a the of in on with and at under over fox lake mountain city street market portrait woman man child old young
    red blue green golden silver neon light shadow mist rain snow storm sunset dawn night morning forest river sea
    ocean beach desert castle tower bridge lighthouse boat ship train car bicycle horse dog cat bird owl wolf bear
    fish dragon robot astronaut planet star moon galaxy painting watercolour oil sketch photograph film grain bokeh
    macro wide angle cinematic dramatic soft hard warm cold detailed intricate minimal isometric futuristic ancient
    medieval modern glass wood metal stone paper silk leather flower rose tulip moss leaf tree garden window door
    room kitchen table chair lamp candle fire smoke water wave reflection mirror face eyes hands smile dress coat
    hat crown sword shield book map music dance running walking sitting flying falling looking reading sleeping
    holding style artstation octane render 8k hdr masterpiece trending illustration poster concept art
""")
_RUSSIAN = _listed("""
    лиса озеро гора город улица рынок портрет женщина мужчина старый молодой красный синий зелёный золотой свет тень
    туман дождь снег рассвет ночь утро лес река море берег замок башня мост маяк лодка корабль поезд собака кот
    птица сова волк медведь звезда луна картина акварель фотография стекло дерево камень цветок окно дверь комната
    огонь вода отражение лицо глаза руки в на под над и с из за
""")
_ARABIC = _listed("""
    ثعلب بحيرة جبل مدينة شارع سوق صورة امرأة رجل قديم شاب أحمر أزرق أخضر ذهبي ضوء ظل ضباب مطر ثلج فجر ليل صباح غابة
    نهر بحر شاطئ قلعة برج جسر منارة قارب سفينة قطار كلب قط طائر بومة ذئب دب نجم قمر لوحة زجاج خشب حجر زهرة نافذة باب
    غرفة نار ماء وجه عيون يد في على تحت فوق مع من
""")
_THAI = _listed("""
    จิ้งจอก หิมะ ทะเลสาบ ภูเขา เมือง ถนน ตลาด ผู้หญิง ชาย แก่
    แดง น้ำเงิน เขียว ทอง แสง เงา หมอก ฝน เช้า คืน ป่า แม่น้ำ
    ทะเล ปราสาท สะพาน เรือ รถไฟ หมา แมว นก หมี ดาว
""")
_CHINESE = "雪中的狐狸在很深夜里看着远方灯火慢地走山水城市街道老人女孩"
_CHINESE += "红蓝绿金光影雾雨晨森林河海岸古堡塔桥船火车狗猫鸟狼熊星月画"
_CHINESE += "水彩照片玻璃木石花窗门房间眼手笑飞龙机器未来传统风格细节电影"


class Prompts:
    """Prompts whose words are as frequent as in a language: few of them everywhere, most of them rarely."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._makers: Sequence[tuple[float, Callable[[int], str]]] = (
            (0.56, self._words(_ENGLISH, 20_000, "bcdfghklmnprstvwz", "aeiou")),
            (0.68, self._words(_RUSSIAN, 8_000, "бвгдзклмнпрст", "аеиоу")),
            (0.80, self._words(_ARABIC, 6_000, "بتجدرسعفقلمن", "اوي")),
            (0.91, self._characters),
            (1.0, self._thai),
        )

    def make(self) -> str:
        """One prompt."""
        kind, length = self._chance.random(), round(20 * 15 ** self._chance.random())
        return next(maker for share, maker in self._makers if kind < share)(length)

    def _words(self, known: Sequence[str], count: int, consonants: str, vowels: str) -> Callable[[int], str]:
        """A maker of texts from known words and invented ones, which stand for the rare ones."""
        chance = self._chance
        syllables = [consonant + vowel for consonant in consonants for vowel in vowels]
        rare = {"".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(count)}
        words = [*known, *sorted(rare)]
        weights = list(accumulate(1 / (place + 8) for place in range(len(words))))

        def make(length: int) -> str:
            chosen = chance.choices(words, cum_weights=weights, k=length)
            return ", ".join(" ".join(chosen[at : at + 9]) for at in range(0, length, 9))

        return make

    def _characters(self, length: int) -> str:
        chosen = "".join(self._chance.choices(_CHINESE, k=length * 2))
        return "，".join(chosen[at : at + 14] for at in range(0, len(chosen), 14))

    def _thai(self, length: int) -> str:
        chosen = self._chance.choices(_THAI, k=length)
        return " ".join("".join(chosen[at : at + 8]) for at in range(0, length, 8))


_STATES = ((0.90, State.COMPLETED), (0.965, State.FAILED), (0.985, State.CANCELLED), (0.995, State.EXPIRED))
_KINDS = (
    (0.75, "image", "image/png", "png"),
    (0.90, "video", "video/mp4", "mp4"),
    (0.95, "audio", "audio/mpeg", "mp3"),
    (1.0, "", "", ""),
)
_MAKERS = ("fal-ai", "aurora-ai", "birch", "cobalt", "delta-labs")
_FAMILIES = ("flux", "kite", "lumen", "mosaic", "nova", "orbit", "prism", "quill", "river", "sketch")
_TASKS = ("dev", "pro", "pro/edit", "fast/image-to-video")
MODELS = [f"{maker}/{family}/{task}" for task in _TASKS for family in _FAMILIES for maker in _MAKERS]
TAGS = ("draft", "client-a", "client-b", "poster", "holiday", "reject", "print", "later")


class Jobs:
    """The rows of jobs, their documents and their tags, oldest first."""

    def __init__(self, count: int) -> None:
        self._count, self._chance = count, random.Random(count)
        self._prompts = Prompts(self._chance)
        self._usual = rows.values(
            Job(id=new_id(), profile="fal", endpoint_id="", state=State.COMPLETED, created_at=datetime.now(UTC))
        )

    @property
    def columns(self) -> list[str]:
        """The names of the columns of a job."""
        return list(self._usual)

    def __iter__(self) -> Iterator[tuple[dict[str, object], str, str | None]]:
        """Each job's columns, arguments and result."""
        chance = self._chance
        step = YEAR_MS // self._count
        for number in range(self._count):
            created = END_MS - YEAR_MS + number * step + chance.randrange(max(1, step // 2))
            yield self._one(number, created)

    def _one(self, number: int, created: int) -> tuple[dict[str, object], str, str | None]:
        chance = self._chance
        drawn = chance.random()
        state = next((state for share, state in _STATES if drawn < share), State.UNCONFIRMED)
        drawn = chance.random()
        kind, content_type, suffix = next(made[1:] for made in _KINDS if drawn < made[0])
        endpoint_id = MODELS[int(len(MODELS) * chance.random() ** 2.5)]
        prompt = self._prompts.make()
        seed = chance.getrandbits(31)
        request_id = f"{chance.getrandbits(128):032x}"
        request_id = f"{request_id[:8]}-{request_id[8:12]}-7{request_id[13:16]}-a{request_id[17:20]}-{request_id[20:]}"
        took = round(1500 * 80 ** chance.random())
        arguments = rows.dumps(
            {
                "prompt": prompt,
                "negative_prompt": "blurry, low quality, deformed, watermark, text" if number % 3 else "",
                "image_size": {"width": 1024, "height": 768},
                "num_inference_steps": 28,
                "guidance_scale": 3.5,
                "seed": seed,
                "num_images": 1,
                "enable_safety_checker": True,
                "output_format": "png",
                "acceleration": "regular",
                "image_url": f"https://v3.fal.media/files/monkey/{request_id[:12]}_{number % 997}.png",
                "loras": [{"path": f"https://huggingface.co/some/style/{number % 60}.safetensors", "scale": 0.8}],
            }
        )
        name = f"{request_id[24:34]}_{number}.{suffix}"
        url = f"https://v3.fal.media/files/{MODELS[number % 40].split('/')[1]}/{name}"
        files: list[dict[str, object]] = []
        if kind and state is State.COMPLETED:
            files = [{"url": url, "content_type": content_type, "file_name": name, "file_size": 1_234_567 + number}]
        result: dict[str, object] = {
            "images" if kind == "image" else kind or "output": files or "A short answer of a language model. " * 8,
            "seed": seed + 1,
            "timings": {"inference": took / 1000, "queue": 0.12, "upload": 0.31},
            "has_nsfw_concepts": [False],
            "prompt": prompt[:600],
            "request": {"id": request_id, "worker": f"worker-{number % 88}", "region": "eu-north-1", "attempt": 1},
        }
        if state is not State.COMPLETED:
            result = {"detail": [{"loc": ["body", "prompt"], "msg": "The prompt was refused.", "type": "refused"}]}
        outputs = [
            {
                "at": "images[0]",
                "url": url,
                "content_type": content_type,
                "file_name": name,
                "size_bytes": 1_234_567 + number,
                "declared_bytes": None,
                "width": 1024,
                "height": 768,
                "path": f"/home/person/faldeck/2026-03/{name}",
                "state": "saved",
                "problem": None,
            }
        ]
        error = {"message": "The prompt was refused.", "type": "content_policy_violation", "status": 422, "fields": []}
        columns = {
            **self._usual,
            "id": first_number(created) + chance.getrandbits(22),
            "profile": "fal" if number % 10 else "relay",
            "endpoint_id": endpoint_id,
            "created_ms": created,
            "state": state.value,
            "is_open": number >= self._count - 20,
            "title": prompt[:240],
            "request_id": request_id,
            "submitted_ms": created + 50,
            "completed_ms": created + took,
            "day": rows.day(datetime.fromtimestamp(created / 1000, UTC)),
            "took_ms": took if state is State.COMPLETED else None,
            "took_rounded": rows.rounded_ms(took) if state is State.COMPLETED else None,
            "size_bytes": 1_234_567 + number if files else 0,
            "kinds": f",{kind}," if files else ",text," if state is State.COMPLETED else None,
            "status_url": f"https://queue.fal.run/{endpoint_id}/requests/{request_id}/status",
            "response_url": f"https://queue.fal.run/{endpoint_id}/requests/{request_id}",
            "cancel_url": f"https://queue.fal.run/{endpoint_id}/requests/{request_id}/cancel",
            **self._cost(number),
            "error_json": rows.dumps(error) if state is State.FAILED else None,
            "outputs_json": rows.dumps(outputs) if files else None,
            "starred": number % 97 == 5,
            "tags_json": rows.dumps([chance.choice(TAGS)]) if number % 31 == 3 else None,
            "note": f"for the {chance.choice(TAGS)} of {prompt[:30]}" if number % 47 == 9 else "",
        }
        return columns, arguments, rows.dumps(result) if state is not State.UNCONFIRMED else None

    def _cost(self, number: int) -> dict[str, object]:
        if number % 9 == 0:
            return {}
        cost = Cost(units=Decimal(1), unit="image", total_usd=Decimal(self._chance.randrange(2, 400)) / 1000)
        return {"cost_json": rows.dumps(rows.cost_table(cost)), "cost_nanos": money.nanos(cost.total_usd)}


def history(count: int) -> Path:
    """The history of that many jobs, made where it is missing. It takes about 10 minutes for a million."""
    folder = Path(os.environ.get("FALDECK_BENCH_DATA") or Path(tempfile.gettempdir()) / "faldeck-bench")
    path = folder / f"jobs-{count}" / "history.db"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name("unfinished.db")
    unfinished.unlink(missing_ok=True)
    Store(unfinished).close()
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
        _fill(database, count)
        used = "INSERT INTO model (endpoint_id, used_ms) SELECT endpoint_id, max(created_ms) FROM job GROUP BY 1"
        database.execute(used)
    for rest in ("-wal", "-shm"):
        unfinished.with_name(unfinished.name + rest).unlink(missing_ok=True)
    unfinished.rename(path)
    return path


def _fill(database: sqlite3.Connection, count: int) -> None:
    """Writes the jobs, as many together as is quick."""
    made = Jobs(count)
    names = made.columns
    job = f"INSERT INTO job ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -400000")
    database.row_factory = sqlite3.Row
    index = SearchIndex(database)
    each, began = iter(made), time.monotonic()
    for done in range(0, count, TOGETHER):
        some = list(islice(each, TOGETHER))
        database.execute("BEGIN")
        database.executemany(job, (columns for columns, _, _ in some))
        database.executemany("INSERT INTO body VALUES (?, ?, ?)", ((one["id"], *texts) for one, *texts in some))
        found_by = (search_text.words({**one, "arguments_json": args, "result_json": told}) for one, args, told in some)
        numbers = [int(str(one["id"])) for one, _, _ in some]
        index.add((number, " ".join(words)) for number, words in zip(numbers, found_by, strict=True))
        for number, (columns, _, _) in zip(numbers, some, strict=True):
            for tag in json.loads(str(columns["tags_json"] or "[]")):
                database.execute("INSERT INTO tag (tag, job_id) VALUES (?, ?)", (tag, number))
        database.execute("COMMIT")
        if sys.stderr.isatty() or done % 100_000 == 0:
            print(
                f"\r{done + len(some):,} of {count:,} jobs, {time.monotonic() - began:.0f} s", end="", file=sys.stderr
            )


if __name__ == "__main__":
    print(history(int(sys.argv[1])))
