"""faldeck stats: what was spent, on what, and how it went."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from support.shell import Person

from faldeck.app.stats import Grouping
from faldeck.cli.commands.stats import GROUPINGS
from faldeck.cli.json_schemas import SCHEMAS
from faldeck.history import Store, history_path
from faldeck.job import Cost, Job, State
from faldeck.job_ids import first_number, id_text


@pytest.fixture
def person(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person("http://127.0.0.1:9", capsys, monkeypatch)


@pytest.fixture
def spent() -> None:
    """A history with jobs of two months: 3 × $0.1 and $12.5."""
    store = Store(history_path())
    for number, (day, endpoint_id, state, usd) in enumerate(
        [
            ("2026-02-28", "fal-ai/flux/dev", State.COMPLETED, "0.1"),
            ("2026-03-01", "fal-ai/flux/dev", State.COMPLETED, "0.1"),
            ("2026-03-01", "fal-ai/flux/dev", State.FAILED, None),
            ("2026-03-04", "=1+1", State.COMPLETED, "0.1"),
            ("2026-03-31", "fal-ai/veo", State.COMPLETED, "12.5"),
        ]
    ):
        at = datetime.fromisoformat(f"{day}T12:00").astimezone()
        job = Job(
            id=id_text(first_number(round(at.timestamp() * 1000)) + number),
            profile="fal",
            endpoint_id=endpoint_id,
            state=state,
            created_at=at,
            completed_at=at + timedelta(seconds=3),
            cost=Cost(total_usd=Decimal(usd), is_estimate=False) if usd else None,
        )
        store.add(job, {})
    store.close()


def test_the_help_names_every_grouping() -> None:
    assert tuple(grouping.value for grouping in Grouping) == GROUPINGS


@pytest.mark.usefixtures("spent")
def test_the_sums_are_a_table_with_all_in_the_last_line(person: Person) -> None:
    said = person.types("stats")

    assert said.status == 0
    assert [line.split() for line in said.out.splitlines()] == [
        ["month", "jobs", "ok", "spent", "median", "p95", "size"],
        ["2026-02", "1", "100", "%", "$0.10", "3.0s", "3.0s"],
        ["2026-03", "4", "75", "%", "$12.70", "3.0s", "3.0s"],
        ["all", "5", "80", "%", "$12.80", "3.0s", "3.0s"],
    ]


@pytest.mark.usefixtures("spent")
def test_a_filter_narrows_what_is_summed(person: Person) -> None:
    said = person.types("stats", "--by", "day", "--since", "2026-03-01", "--until", "2026-03-04", "model:flux")

    assert said.out.splitlines()[1].split()[:2] == ["2026-03-01", "2"]
    assert len(said.out.splitlines()) == 2


@pytest.mark.usefixtures("spent")
def test_json_is_one_object_with_exact_money(person: Person) -> None:
    said = person.types("stats", "--by", "model", "--json")

    jsonschema.Draft202012Validator(SCHEMAS["stats"]).validate(said.document)
    assert [(one["key"], one["jobs"], one["spent_usd"]) for one in said.document["groups"]] == [
        ("fal-ai/veo", 1, 12.5),
        ("fal-ai/flux/dev", 3, 0.2),
        ("=1+1", 1, 0.1),
    ]
    assert '"spent_usd": 12.8' in said.out


@pytest.mark.usefixtures("spent")
def test_csv_has_a_header_and_nothing_that_a_spreadsheet_calculates(person: Person) -> None:
    header, *rows = csv.reader(person.types("stats", "--by", "model", "--csv").out.splitlines())

    assert header[:6] == ["model", "jobs", "completed", "failed", "success_rate", "spent_usd"]
    assert [row[0] for row in rows] == ["fal-ai/veo", "fal-ai/flux/dev", "'=1+1"]
    assert rows[1][5] == "0.2"


def test_nothing_to_sum_up_is_said_and_makes_no_history(person: Person) -> None:
    said = person.types("stats")

    assert (said.status, said.out) == (0, "")
    assert "There are no such jobs." in said.err
    assert not Path(history_path()).exists()
    assert person.types("stats", "--json").document["groups"] == []


@pytest.mark.usefixtures("spent")
def test_no_tag_is_told_from_no_job(person: Person) -> None:
    assert "5 jobs match, and none has a tag" in person.types("stats", "--by", "tag").err
