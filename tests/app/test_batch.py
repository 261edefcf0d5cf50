"""What a batch knows of its requests, from the history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faldeck.app.batch import DELETED, UNSENT, Batch
from faldeck.cli.batch_runner import RERUN, RESUME, RETRY
from faldeck.engine.supervisor import Draft
from faldeck.history import Lease, Store
from faldeck.job import Failure, Job, State, now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


@pytest.fixture
def batch() -> Batch:
    return Batch.create([Draft(profile="fal", endpoint_id="fal-ai/flux/dev", arguments={})], None)


def job_of(draft: Draft, state: State) -> Job:
    return Job(
        id=draft.id,
        profile=draft.profile,
        endpoint_id=draft.endpoint_id,
        state=state,
        created_at=now(),
        completed_at=now(),
        error=Failure(message="too dark") if state is State.FAILED else None,
    )


@pytest.mark.parametrize("is_purged", [False, True])
def test_a_request_whose_job_was_deleted_is_not_sent_again(store: Store, batch: Batch, is_purged: bool) -> None:
    (item,) = batch.items(store)
    assert item.state == UNSENT
    store.add(job_of(item.next_draft(), State.COMPLETED), {})
    store.trash.delete([item.id], Lease("deck", 2**50), 1)
    if is_purged:
        store.trash.purge([item.id])

    (item,) = batch.items(store)

    assert item.state == DELETED
    assert not any(scope.sends(item) or scope.awaits(item) for scope in (RERUN, RESUME, RETRY))


def test_nor_is_one_whose_second_try_was_deleted(store: Store, batch: Batch) -> None:
    store.add(job_of(batch.drafts[0], State.FAILED), {})
    (item,) = batch.items(store)
    again = job_of(item.next_draft(), State.COMPLETED)
    store.add(again, {})
    store.trash.delete([again.id], Lease("deck", 2**50), 1)
    store.trash.purge([again.id])

    (item,) = batch.items(store)

    assert item.state == DELETED
    assert not any(scope.sends(item) or scope.awaits(item) for scope in (RERUN, RESUME, RETRY))
