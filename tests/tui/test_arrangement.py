"""Where the panes stand in windows of every size."""

from __future__ import annotations

import pytest
from textual.geometry import Size

from faldeck.tui.arrangement import Shares, arranged


@pytest.mark.parametrize("size", [Size(110, 20), Size(120, 37), Size(159, 60), Size(160, 45), Size(200, 57)], ids=str)
@pytest.mark.parametrize("shares", [Shares(), Shares(0, 0, 0), Shares(1, 1, 1)], ids=["usual", "least", "most"])
def test_the_panes_fill_the_window_and_overlap_nowhere(size: Size, shares: Shares) -> None:
    regions = list(arranged(size, shares).values())

    assert sum(region.area for region in regions) == size.area
    assert all(region.width > 0 and region.height > 0 for region in regions)
    assert all(not one.overlaps(other) for one in regions for other in regions if one is not other)


def test_widths_follow_the_window() -> None:
    small, large = arranged(Size(120, 40), Shares()), arranged(Size(200, 40), Shares())

    assert all(large[name].width > small[name].width for name in small)


def test_the_result_of_a_very_wide_window_has_its_full_height_and_stands_beside_the_form() -> None:
    regions = arranged(Size(200, 57), Shares())

    assert regions["result"].height == 57
    assert regions["result"].x == regions["form"].right == regions["jobs"].right
