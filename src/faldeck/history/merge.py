"""Merges one job of two histories: finds which of the two knows more, and combines both. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from faldeck.history.record import Record
from faldeck.job import Body, Cost, FileState, Job, Output, State

_STAGES: Mapping[State, int] = {
    State.SUBMITTING: 0,
    State.UNCONFIRMED: 1,
    State.DISMISSED: 2,
    State.QUEUED: 3,
    State.RUNNING: 4,
    State.EXPIRED: 5,
    State.CANCELLED: 6,
    State.FAILED: 7,
    State.COMPLETED: 8,
}
"""The order of the states: if another history has a later state, the request did get that far."""


def merged(ours: Record, theirs: Record) -> Record:
    """Returns the merged job: the life of the one that is further, the marks and the files of both.

    If both are equally far, the life of `ours`. A saved file wins over one that is still at its URL. Equal to `ours`
    if `theirs` adds nothing.
    """
    is_further = _STAGES[theirs.job.state] > _STAGES[ours.job.state]
    ahead, behind = (theirs, ours) if is_further else (ours, theirs)
    job = ahead.job._replace(
        id=ours.job.id,
        request_id=ahead.job.request_id or behind.job.request_id,
        created_at=ours.job.created_at,
        submitted_at=ahead.job.submitted_at or behind.job.submitted_at,
        started_at=ahead.job.started_at or behind.job.started_at,
        completed_at=ahead.job.completed_at or (None if ahead.job.state.is_followed else behind.job.completed_at),
        cost=_cost(ahead.job.cost, behind.job.cost),
        outputs=_outputs(ahead.job, behind.job),
        uploads=ours.job.uploads,
        options=ours.job.options or theirs.job.options,
        group=ours.job.group or theirs.job.group,
        parent=ours.job.parent or theirs.job.parent,
        cancel_requested=ours.job.cancel_requested,
        starred=ours.job.starred or theirs.job.starred,
        tags=(*ours.job.tags, *(tag for tag in theirs.job.tags if tag.casefold() not in _folded(ours.job))),
        note=ours.job.note or theirs.job.note,
    )
    knows_input = ours.job.input_known or not theirs.job.input_known
    job = job._replace(
        input_known=ours.job.input_known or theirs.job.input_known,
        title=ours.job.title if knows_input else theirs.job.title,
    )
    arguments = ours.body.arguments if knows_input else theirs.body.arguments
    result = ahead.body.result if ahead.body.result is not None else behind.body.result
    return Record(job, Body(arguments, result), ours.logs or theirs.logs)


def _folded(job: Job) -> set[str]:
    return {tag.casefold() for tag in job.tags}


def _cost(ahead: Cost | None, behind: Cost | None) -> Cost | None:
    """A billed cost wins over an estimate."""
    if ahead is None or behind is None:
        return ahead or behind
    return behind if ahead.is_estimate and not behind.is_estimate else ahead


def _outputs(ahead: Job, behind: Job) -> tuple[Output, ...]:
    if not ahead.outputs:
        return behind.outputs
    saved = {one.url or one.at: one for one in behind.outputs if one.state is FileState.SAVED}
    return tuple(one if one.state is FileState.SAVED else saved.get(one.url or one.at, one) for one in ahead.outputs)
