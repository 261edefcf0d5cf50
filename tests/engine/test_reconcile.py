"""The account's list of requests finds lost answers, forgotten results and other requests (rules 2, 5 and 9)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.emulator import Emulator
from support.engine_process import FAST, LAKE, SKETCH, Line, content, is_, lab, running

from faldeck.fal.errors import Forbidden
from faldeck.job import Job, State, now
from faldeck.job_ids import new_id


def lake(where: str) -> dict[str, object]:
    """A request that no other test makes."""
    return {**LAKE, "prompt": f"a lake in {where}"}


async def test_a_lost_answer_is_found_and_the_job_goes_on(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Iceland")))

    assert job.state is State.COMPLETED
    assert [post["fault"] for post in emulator.posts()] == ["drop-after"]


async def test_a_list_that_lags_behind_is_looked_at_again(emulator: Emulator, tmp_path: Path) -> None:
    line = _LaggingList(2)
    emulator.faults("drop-after@submit=1x")
    async with running(lab(emulator.url), tmp_path, line=line) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Finland")))

    assert job.state is State.COMPLETED


async def test_a_lost_answer_is_looked_for_at_the_next_start(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x,locked@catalogue")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Norway")))
        assert (job.state, job.is_open) == (State.UNCONFIRMED, False)
    emulator.faults("")

    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        await engine.supervisor.resume()
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_two_that_are_alike_are_left_to_the_person(emulator: Emulator, tmp_path: Path) -> None:
    for _ in range(2):
        _made_elsewhere(emulator, "Siberia")
    emulator.faults("drop-after@submit=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Siberia")))

    assert (job.state, job.request_id) == (State.UNCONFIRMED, None)
    assert "3 requests of the account are alike" in job.notice


async def test_as_many_lost_submits_as_there_are_equal_requests_take_one_each(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults("drop-after@submit=3x")
    async with running(lab(emulator.url), tmp_path) as engine:
        jobs = [await engine.submit(SKETCH, lake("Bolivia")) for _ in range(3)]
        ended = [await engine.until(job) for job in jobs]

    assert [job.state for job in ended] == [State.COMPLETED] * 3
    assert len({job.request_id for job in ended}) == 3
    assert len(emulator.posts()) == 3


async def test_fewer_equal_requests_than_lost_submits_are_left_to_the_person_by_name(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults("drop-before@submit=1x,drop-after@submit=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        jobs = [await engine.submit(SKETCH, lake("Ecuador")) for _ in range(2)]
        ended = [await engine.until(job) for job in jobs]
        made = [past.request_id async for past in engine.services.gateway("lab").past_requests(SKETCH, payloads=True)]

    assert [job.state for job in ended] == [State.UNCONFIRMED] * 2
    assert all(any(request_id in job.notice for request_id in made) for job in ended)
    assert all("1 requests of the account are alike, for 2 lost here" in job.notice for job in ended)
    assert len(emulator.posts()) == 2


async def test_a_job_that_is_looked_for_holds_up_no_other(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x,drop-before@catalogue")
    async with running(lab(emulator.url), tmp_path) as engine:
        lost = await engine.until(await engine.submit(SKETCH, lake("Peru")), is_(State.UNCONFIRMED))
        other = await engine.until(await engine.submit(SKETCH, lake("Chile")))

        assert other.state is State.COMPLETED
        assert (await engine.row(lost)).looking_up


async def test_a_person_can_have_it_looked_for_again(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x,locked@catalogue")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Kenya")))
        emulator.faults("")
        await engine.supervisor.look_up_again(job)
        job = await engine.until(job)

    assert job.state is State.COMPLETED
    assert len(emulator.posts()) == 1


async def test_a_person_can_send_it_again_which_is_a_new_job(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-before@submit=1x")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Ghana"), priority="low"))
        again = await engine.until(await engine.supervisor.send_again(job))

        assert again.id != job.id
        assert again.state is State.COMPLETED
        assert dict(again.options) == {"priority": "low"}
        assert (await engine.body(again)).arguments == lake("Ghana")
        assert (await engine.row(job)).state is State.DISMISSED
        assert (await engine.supervisor.send_again(job)).id == job.id
    assert len(emulator.posts()) == 2


async def test_a_dismissed_job_is_looked_for_no_more(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x,drop-before@catalogue")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Malta")), is_(State.UNCONFIRMED))
        await engine.supervisor.dismiss(job)
        emulator.faults("")
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        await engine.until(await engine.submit(SKETCH, lake("Crete")))
        assert (await engine.row(job)).state is State.DISMISSED


async def test_a_forgotten_result_comes_from_the_list_with_its_files(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("expired@result")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Wales")))
        body = await engine.body(job)

    assert job.state is State.COMPLETED
    assert isinstance(body.result, dict) and body.result["prompt"] == "a lake in Wales"
    assert content(job)[0].startswith(b"\x89PNG")


async def test_a_forgotten_failure_comes_from_the_list_with_its_reason(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("expired@result")
    async with running(lab(emulator.url), tmp_path) as engine:
        job = await engine.until(await engine.submit("demo/mishap/any", {"failure": "content_policy_violation"}))

    assert job.state is State.FAILED
    assert job.error is not None and job.error.type == "content_policy_violation"


async def test_a_request_that_nobody_knows_is_expired(emulator: Emulator, tmp_path: Path) -> None:
    long_ago = now() - timedelta(days=2)
    async with running(lab(emulator.url), tmp_path, resume=True) as engine:
        request = engine.services.gateway("lab").handle(SKETCH, "6b1f6a52-1d0e-4c39-9a55-0d6a8f6e2c11")
        job = Job(
            id=new_id(),
            profile="lab",
            endpoint_id=SKETCH,
            state=State.RUNNING,
            created_at=long_ago,
            submitted_at=long_ago,
            request_id=request.request_id,
        )
        await engine.history.write(lambda store: store.add(job, LAKE))
        await engine.supervisor.claim(job)
        job = await engine.until(job)

    assert job.state is State.EXPIRED


async def test_the_accounts_strangers_are_offered_and_adopted_with_their_inputs(
    emulator: Emulator, tmp_path: Path
) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        await engine.until(await engine.submit(SKETCH, lake("Japan")))
        since = now()
        ours = await engine.until(await engine.submit(SKETCH, lake("Korea")))
        made = _made_elsewhere(emulator, "China")

        unknown_requests = [
            past async for past in engine.supervisor.unknown_requests("lab", since - timedelta(seconds=1))
        ]
        assert made in {past.request_id for past in unknown_requests}
        assert ours.request_id not in {past.request_id for past in unknown_requests}
        (past,) = (past for past in unknown_requests if past.request_id == made)
        job = await engine.until(await engine.supervisor.adopt("lab", SKETCH, made, past=past))

        assert (job.state, job.title) == (State.COMPLETED, "a lake in China")
        assert (await engine.body(job)).arguments == lake("China")
        assert made not in {past.request_id async for past in engine.supervisor.unknown_requests("lab", since)}


async def test_a_key_without_the_right_is_told_so(emulator: Emulator, tmp_path: Path) -> None:
    async with running(lab(emulator.url), tmp_path) as engine:
        await engine.until(await engine.submit(SKETCH, lake("Cuba")))
        emulator.faults("locked@catalogue")
        with pytest.raises(Forbidden):
            [past async for past in engine.supervisor.unknown_requests("lab", now())]


async def test_a_service_without_a_list_leaves_it_to_the_person(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults("drop-after@submit=1x")
    async with running(replace(lab(emulator.url), api_url=None), tmp_path, pace=FAST) as engine:
        job = await engine.until(await engine.submit(SKETCH, lake("Tonga")))

    assert (job.state, job.is_open) == (State.UNCONFIRMED, False)
    assert "no request list" in job.notice


def _made_elsewhere(emulator: Emulator, where: str) -> str:
    url = f"{emulator.url}/queue/{SKETCH}"
    answer = httpx.post(url, json=lake(where), headers={"Authorization": "Key any"}, verify=False)
    return str(answer.json()["request_id"])


class _LaggingList(Line):
    """A service whose list shows nothing for the first questions."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self._left = questions

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "by-endpoint" in request.url.path and self._left:
            self._left -= 1
            return httpx.Response(200, json={"items": [], "next_cursor": None, "has_more": False})
        return await super().handle_async_request(request)
