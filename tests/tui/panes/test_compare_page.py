"""Jobs beside each other as rows: how many stand in a row, what is marked, what a narrow screen leaves whole."""

from __future__ import annotations

from decimal import Decimal

import pytest

from faldeck.app import job_documents
from faldeck.job import Body, Cost, Job, Output, State, now
from faldeck.job_ids import new_id
from faldeck.schema.json_value import JsonValue
from faldeck.tui.panes import compare_page
from faldeck.tui.panes.compare_page import ShownOutputs, compare_rows
from faldeck.tui.panes.lines import width_of
from faldeck.tui.panes.page_text import text_of

COST = Cost(total_usd=Decimal("0.025"), is_estimate=False)


def shown(*arguments: dict[str, JsonValue], width: int = 78, chosen: int = 0) -> list[str]:
    """The page of jobs with these arguments, without pictures."""
    at = now()
    jobs = [
        Job(
            id=new_id(),
            profile="fal",
            endpoint_id="fal-ai/flux/dev",
            state=State.COMPLETED,
            created_at=at,
            completed_at=at,
            cost=COST,
            starred=number == 1,
        )
        for number in range(len(arguments))
    ]
    compared = job_documents.compare(jobs, [Body(one) for one in arguments])
    rows, _ = compare_rows(compared, ShownOutputs(), {}, width, 0, chosen)
    assert all(width_of(text_of(row)) <= width for row in rows)
    return [text_of(row).rstrip() for row in rows]


@pytest.mark.parametrize(
    ("jobs", "width", "across"), [(2, 78, 2), (3, 78, 3), (4, 78, 2), (4, 118, 4), (2, 40, 1), (3, 50, 2), (4, 10, 1)]
)
def test_jobs_stand_beside_each_other_as_far_as_there_is_room(jobs: int, width: int, across: int) -> None:
    assert compare_page.jobs_across(jobs, width) == across


def test_an_argument_that_differs_from_the_first_jobs_is_marked_without_colours() -> None:
    page = shown({"seed": 1, "prompt": "x"}, {"seed": 2, "prompt": "x"}, {"seed": 1, "prompt": "x"}, chosen=2)

    assert page[0].split() == ["1", "flux/dev", "2", "flux/dev", "★", "▸3", "flux/dev"]
    assert page[page.index("seed") + 1].split() == ["1", "≠", "2", "=", "1"]
    assert "prompt" not in page and page[-1] == "1 argument is the same."


def test_long_values_are_wrapped_beside_each_other() -> None:
    page = shown({"prompt": "a fox in the snow at night " * 3}, {"prompt": "日本の狐" * 12})

    start = page.index("prompt") + 1
    assert page[start].startswith("  a fox in the snow") and "≠ 日本の狐" in page[start]
    assert page[start + 1].startswith("  ") and "日本" in page[start + 1]


def test_what_only_some_have_is_told() -> None:
    page = shown({"prompt": "x"}, {"prompt": "x", "loras": [{"path": "y"}]})

    assert page[page.index("loras") + 1].split("  ")[1].strip() == "(not set)"
    assert page[page.index("loras") + 1].endswith('≠ [{"path": "y"}]')


def test_jobs_without_a_difference_say_so() -> None:
    assert shown({"seed": 1}, {"seed": 1})[-1] == "The arguments do not differ: 1 argument is the same."


def test_a_narrow_page_has_each_job_below_the_other_with_its_own_arguments() -> None:
    page = shown({"seed": 1}, {"seed": 2}, width=30)

    assert [line for line in page if line.strip()][:4] == [
        "▸1 flux/dev",
        "  ✓ completed in 0.0s · $0.025",
        "  no files",
        "seed",
    ]
    assert page.count("seed") == 2 and "≠ 2" in page


def test_every_output_of_a_job_can_be_shown_and_its_place_is_told() -> None:
    def made(*names: str) -> Job:
        outputs = [
            Output(at=name, url=None, content_type="image/png", width=64, height=48, size_bytes=2_000) for name in names
        ]
        return Job(
            id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now(), outputs=(*outputs,)
        )

    one, three, none = made("image"), made("a", "b", "c"), made()
    compared = job_documents.compare([one, three, none], [Body({})] * 3)
    outputs = ShownOutputs()

    def line() -> list[str]:
        rows, _ = compare_rows(compared, outputs, {}, 120, 0, 0)
        return [part.strip() for part in text_of(rows[2]).split("  ") if part.strip()]

    assert line() == ["64×48 png · 2.0 kB", "1 of 3 · 64×48 png · 2.0 kB", "no files"]
    assert outputs.step([one, three, none], -1) == [three]
    assert line()[1].startswith("3 of 3") and outputs.output(three) == three.outputs[2]
    assert outputs.step([three], 1) == [three] and outputs.place(three) == 0
