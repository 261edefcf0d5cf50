"""The life of a request as a function of time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fal_emulator.plan import EndReason, QueueStatus, RequestPlan, RunnerLine, log, moment, timeline


def test_the_queue_counts_down_before_the_run() -> None:
    changes = timeline(RequestPlan(queued=9, running=5, ahead=2))

    assert [(change.at, change.status, change.ahead) for change in changes] == [
        (0, QueueStatus.IN_QUEUE, 2),
        (3, QueueStatus.IN_QUEUE, 1),
        (6, QueueStatus.IN_QUEUE, 0),
        (9, QueueStatus.IN_PROGRESS, 0),
        (14, QueueStatus.COMPLETED, 0),
    ]


def test_the_latest_change_that_has_happened_counts() -> None:
    changes = timeline(RequestPlan(queued=4, running=6))

    assert moment(changes, 3.9).status is QueueStatus.IN_QUEUE
    assert moment(changes, 4).status is QueueStatus.IN_PROGRESS
    assert moment(changes, 1e9).ending is EndReason.RAN


def test_a_clock_that_went_back_finds_the_request_at_its_beginning() -> None:
    assert moment(timeline(RequestPlan(queued=4, running=6)), -100).status is QueueStatus.IN_QUEUE


def test_a_lost_runner_sends_the_request_back_to_the_queue() -> None:
    words = [change.status for change in timeline(RequestPlan(queued=2, running=4, retries=1))]

    assert words == [
        QueueStatus.IN_QUEUE,
        QueueStatus.IN_PROGRESS,
        QueueStatus.IN_QUEUE,
        QueueStatus.IN_PROGRESS,
        QueueStatus.COMPLETED,
    ]


def test_a_request_cancelled_in_the_queue_never_runs() -> None:
    changes = timeline(RequestPlan(queued=4, running=6), cancelled=1)

    assert changes[-1].at == 1
    assert changes[-1].ending is EndReason.CANCELLED
    assert QueueStatus.IN_PROGRESS not in [change.status for change in changes]


def test_a_model_that_does_not_heed_a_cancel_completes() -> None:
    plan = RequestPlan(queued=4, running=6, heeds_cancel=False)

    assert timeline(plan, cancelled=5)[-1].ending is EndReason.RAN
    assert timeline(plan, cancelled=1)[-1].ending is EndReason.CANCELLED


def test_a_cancel_after_the_end_changes_nothing() -> None:
    plan = RequestPlan(queued=4, running=6)

    assert timeline(plan, cancelled=10) == timeline(plan)


def test_a_request_that_waits_too_long_is_given_up() -> None:
    end = timeline(RequestPlan(queued=30, running=6, start_timeout=2))[-1]

    assert (end.at, end.ending) == (2, EndReason.START_TIMEOUT)


def test_a_request_that_starts_in_time_may_run_as_long_as_it_takes() -> None:
    assert timeline(RequestPlan(queued=1, running=60, start_timeout=2))[-1].ending is EndReason.RAN


def test_a_run_that_is_broken_off_prints_only_the_lines_it_came_to() -> None:
    script = [RunnerLine(0.1, "begin"), RunnerLine(0.9, "end")]
    changes = timeline(RequestPlan(queued=0, running=10, retries=1))

    lines = [(at, line.message) for at, line in log(changes, script, running=10)]

    assert lines == [
        (1, "begin"),
        (5, "Runner lost, the request goes back to the queue"),
        (6, "begin"),
        (14, "end"),
    ]


def test_speed_divides_every_duration() -> None:
    plan = RequestPlan(queued=4, running=6, start_timeout=10).scaled(2)

    assert (plan.queued, plan.running, plan.start_timeout) == (2, 3, 5)


SECONDS = st.floats(min_value=0, max_value=1000, allow_nan=False)
PLANS = st.builds(
    RequestPlan,
    queued=SECONDS,
    running=SECONDS,
    ahead=st.integers(0, 5),
    retries=st.integers(0, 3),
    start_timeout=st.none() | SECONDS,
    heeds_cancel=st.booleans(),
)


@given(plan=PLANS, cancelled=st.none() | SECONDS)
def test_every_life_goes_forward_and_ends_once(plan: RequestPlan, cancelled: float | None) -> None:
    changes = timeline(plan, cancelled)

    assert all(earlier.at <= later.at for earlier, later in pairwise(changes))
    assert changes[0].status is QueueStatus.IN_QUEUE
    assert [change.status for change in changes].index(QueueStatus.COMPLETED) == len(changes) - 1
    assert changes[-1].ending is not None


@given(plan=PLANS, cancelled=SECONDS)
def test_a_cancel_never_rewrites_what_has_been_seen(plan: RequestPlan, cancelled: float) -> None:
    before, after = timeline(plan), timeline(plan, cancelled)

    assert [c for c in before if c.at < cancelled] == [c for c in after if c.at < cancelled]


@given(plan=PLANS)
def test_log_lines_come_in_order_and_before_the_end(plan: RequestPlan) -> None:
    changes = timeline(plan)
    lines = list(log(changes, [RunnerLine(0.2, "a"), RunnerLine(0.7, "b")], plan.running))

    assert lines == sorted(lines, key=lambda line: line[0])
    assert all(at <= changes[-1].at for at, _ in lines)
