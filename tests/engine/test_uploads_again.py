"""Whether a file is sent again: the same bytes once, other bytes, another life or another profile anew."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.engine_process import lab, running
from support.upload_jobs import CUTOUT, PICTURE, SENT, sent_url, submit, without_pauses, write_picture

from faldeck.engine import upload
from faldeck.engine.local_files import NoFile
from faldeck.engine.upload import SPARE_SECONDS, Uploader
from faldeck.fal.submit_options import Access
from faldeck.job import State


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pauses(monkeypatch)


async def test_the_same_bytes_under_another_extension_or_type_are_another_upload(
    emulator: Emulator, picture: Path, tmp_path: Path
) -> None:
    """A service goes by the name that a link ends in."""
    weights, sound, copy = tmp_path / "lora.safetensors", tmp_path / "voice.bin", tmp_path / "again.png"
    for path in (weights, sound, copy):
        path.write_bytes(PICTURE)
    async with running(lab(emulator.url), tmp_path) as engine:
        for path in (picture, weights, sound, copy):
            await engine.until(await submit(engine, path))

    sent = emulator.requests(path=SENT)
    assert len(sent) == 3


async def test_the_same_bytes_are_sent_once_by_whatever_name(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(PICTURE)
    async with running(lab(emulator.url), tmp_path) as engine:
        first = await engine.until(await submit(engine, picture))
        second = await engine.until(await submit(engine, copy))
        urls = {await sent_url(engine, first), await sent_url(engine, second)}

    assert (first.state, second.state) == (State.COMPLETED, State.COMPLETED)
    assert len(urls) == 1
    assert len(emulator.requests(path=SENT)) == 1


async def test_jobs_that_begin_together_share_one_upload(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        jobs = [await submit(engine, picture) for _ in range(5)]
        ended = [await engine.until(job) for job in jobs]

    assert {job.state for job in ended} == {State.COMPLETED}
    assert len(emulator.requests(path=SENT)) == 1
    assert len(emulator.posts(CUTOUT)) == 5


async def test_another_process_knows_of_an_upload(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    for _ in range(2):
        async with running(lab(emulator.url), tmp_path) as engine:
            await engine.until(await submit(engine, picture))

    assert len(emulator.requests(path=SENT)) == 1


async def test_a_file_that_has_changed_is_sent_again(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        first = await engine.until(await submit(engine, picture))
        picture.write_bytes(PICTURE[::-1])  # noqa: ASYNC240
        second = await engine.until(await submit(engine, picture))
        assert await sent_url(engine, first) != await sent_url(engine, second)

    assert len(emulator.requests(path=SENT)) == 2


async def test_a_file_that_the_service_has_lost_is_sent_again(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        first = await engine.until(await submit(engine, picture))
        emulator.faults("expired@file=1x")
        second = await engine.until(await submit(engine, picture))
        assert await sent_url(engine, first) != await sent_url(engine, second)

    assert second.state is State.COMPLETED


async def test_rerunning_sends_the_url_and_no_file(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await submit(engine, picture))
        picture.unlink()  # noqa: ASYNC240
        body = await engine.body(job)
        again = await engine.until(await engine.submit(CUTOUT, body.arguments))
        assert (await engine.body(again)).arguments == body.arguments

    assert again.state is State.COMPLETED
    assert len(emulator.requests(path=SENT)) == 1


# An upload's life


@pytest.mark.parametrize(
    ("lifecycle", "times"), [(SPARE_SECONDS - 1, 2), (SPARE_SECONDS + 600, 1), (None, 1)], ids=["short", "long", "any"]
)
async def test_an_upload_is_used_again_while_enough_of_its_life_is_left(
    emulator: Emulator, tmp_path: Path, picture: Path, lifecycle: int | None, times: int
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        urls = {await own.url(picture, lifecycle=lifecycle) for _ in range(2)}

    assert len(urls) == len(emulator.requests(path=SENT)) == times


async def test_an_upload_with_other_readers_or_another_life_is_another_upload(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        for _ in range(2):
            urls = {
                await own.url(picture),
                await own.url(picture, lifecycle=86_400),
                await own.url(picture, access=Access("forbid")),
            }
            assert len(urls) == 3

    assert len(emulator.requests(path=SENT)) == 3


async def test_a_file_of_a_new_size_is_sent_while_it_is_still_being_read_for_its_hash(
    emulator: Emulator, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_been_sent = asyncio.Event()
    hash_of = upload._hash

    async def late(path: Path) -> str:
        await has_been_sent.wait()
        return await hash_of(path)

    def count(sent: int, total: int) -> None:
        if sent == total:
            has_been_sent.set()

    monkeypatch.setattr(upload, "_hash", late)
    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        url = await own.url(picture, progress=count)
        assert await own.url(picture) == url


async def test_other_bytes_of_the_same_size_are_another_upload(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(PICTURE[::-1])
    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        first, second = await asyncio.gather(own.url(picture), own.url(other))
        assert first != second
        assert [await own.url(picture), await own.url(other)] == [first, second]

    assert len(emulator.requests(path=SENT)) == 2


async def test_an_upload_whose_size_was_not_noted_is_still_known(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        url = await own.url(picture)
        with closing(sqlite3.connect(tmp_path / "history.db")) as database, database:
            database.execute("UPDATE upload SET size_bytes = NULL")
        assert await own.url(picture) == url


async def test_another_profile_has_uploads_of_its_own(emulator: Emulator, tmp_path: Path, picture: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        gateway = engine.services.gateway("lab")
        await Uploader(engine.history, gateway, "one").url(picture)
        await Uploader(engine.history, gateway, "two").url(picture)

    assert len(emulator.requests(path=SENT)) == 2


async def test_a_file_that_changes_on_the_way_is_not_remembered(
    emulator: Emulator, tmp_path: Path, picture: Path
) -> None:
    def change(sent: int, total: int) -> None:
        if sent == total:
            picture.write_bytes(PICTURE[::-1])

    async with running(lab(emulator.url), tmp_path) as engine:
        own = Uploader(engine.history, engine.services.gateway("lab"), "lab")
        with pytest.raises(NoFile, match=r"photo\.png has changed while it was being sent"):
            await own.url(picture, progress=change)
        await own.url(picture)

    assert len(emulator.requests(path=SENT)) == 2
