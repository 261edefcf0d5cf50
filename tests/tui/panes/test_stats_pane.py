"""The Stats screen of the deck: periods and groupings by key, exact sums, something to do where there is nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.history import Store
from faldeck.job import Cost, Job, State
from faldeck.job_ids import first_number, id_text

pytestmark = pytest.mark.usefixtures("public")

TODAY = datetime.now().astimezone().replace(hour=12)


_made = iter(range(10**6))


def spent(store: Store, at: datetime, usd: str, endpoint_id: str = "fal-ai/flux/dev") -> None:
    job = Job(
        id=id_text(first_number(round(at.timestamp() * 1000)) + next(_made)),
        profile="demo",
        endpoint_id=endpoint_id,
        state=State.COMPLETED,
        created_at=at,
        completed_at=at + timedelta(seconds=3),
        cost=Cost(total_usd=Decimal(usd), is_estimate=False),
    )
    store.add(job, {"prompt": "a fox"})


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_sums_are_shown_by_period_and_grouping(emulator: Emulator, tmp_path: Path, size: tuple[int, int]) -> None:
    async with at_the_deck(emulator.url, tmp_path, size=size) as person:
        for usd in ("0.1", "0.2", "12.34"):
            spent(person.store, TODAY, usd)
        spent(person.store, TODAY.replace(year=TODAY.year - 1, month=6, day=15), "0.5", "fal-ai/veo")
        await person.press("escape", "dollar_sign")
        await person.sees(f"{TODAY:%B} {TODAY.year}", "3 jobs", "100 % ok", "$12.64 spent", "most $12.64 on")
        await person.sees(f"{TODAY:%Y-%m-%d}", "by day", "Esc Close")

        await person.press("y", "b", "b")
        await person.sees("by model", "fal-ai/flux/dev", "━━━", "$12.64 spent")
        await person.press("left")
        await person.sees(f"Stats  {TODAY.year - 1}", "fal-ai/veo", "$0.50 spent", "1 job ")
        await person.press("b", "b")
        await person.sees("by tag", "None of these jobs has a tag.")
        await person.press("t", "d", "b")
        await person.sees(f"{TODAY:%A}, {TODAY:%Y-%m-%d}", "$12.64 spent")
        assert "most" not in person.screen  # One day has no chart.

        spent(person.store, TODAY, "1.01")
        await person.sees("$13.65 spent")  # What another program adds is seen.

        await person.press("right", "w", "right")
        await person.sees("There are no jobs in this week.", "← shows the one before")
        await person.press("question_mark")
        await person.sees("The keys of Stats", "The period before")
        await person.press("escape", "escape")
        await person.sees("1 Models")


async def test_the_palette_knows_the_sums(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path) as person:
        await person.press("escape", "ctrl+p")
        await person.type("what the jobs cost")
        await person.press("enter")
        await person.sees("Stats", "There are no jobs in this month.")
