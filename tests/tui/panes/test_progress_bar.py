"""The progress that models log, as a drawn bar."""

from __future__ import annotations

import pytest

from faldeck.tui.panes import progress_bar
from faldeck.tui.panes.progress_bar import Progress


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (" 45%|████▌     | 18/40 [00:12<00:15, 1.50it/s]", Progress(45, 15)),
        ("100%|██████████| 8/8 [00:04<00:00,  1.91it/s]", Progress(100, 0)),
        ("  3%|▎         | 30/1000 [00:10<1:02:03,  2.9it/s]", Progress(3, 3723)),
        ("step 18 of 40", Progress(45)),
        ("frame 12/48", Progress(25)),
        ("Uploading: 62.5 % done", Progress(62)),
    ],
)
def test_a_percentage_or_steps_in_a_log_line_are_progress(line: str, expected: Progress) -> None:
    assert progress_bar.read(line) == expected


@pytest.mark.parametrize(
    "line",
    ["", "Warm runner found", "cost up 250%", "step 9/8", "2026/06/12 started", "ratio 16/9", "0/0", "at 1.5/2.0"],
)
def test_other_log_lines_are_none(line: str) -> None:
    assert progress_bar.read(line) is None


@pytest.mark.parametrize("percent", [0, 1, 50, 99, 100])
def test_the_bar_has_its_width_whatever_the_progress(percent: int) -> None:
    filled, empty, numbers = progress_bar.spans(Progress(percent, 70), 12, str)

    assert len(filled[0] + empty[0]) == 12
    assert numbers[0].strip() == f"{percent} % · 70 s left"
