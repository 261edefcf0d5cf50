"""The completion of a filter is made once for a text, however many lines the pane draws."""

from __future__ import annotations

from faldeck.query.completion import Known
from faldeck.tui.panes.filter_line import LastCompletion


def test_a_completion_is_made_once_for_a_text_and_again_when_something_changes() -> None:
    completions, nothing, models = LastCompletion(), Known(), Known(models=["fal-ai/flux/dev"])

    first = completions.at("sta", 3, nothing)

    assert first.options == ("state:", "star:")
    assert all(completions.at("sta", 3, nothing) is first for _ in range(30))
    assert completions.at("sta", 2, nothing).options == ("state:", "star:") and completions.at("", 0, nothing).end == 0
    assert completions.at("model:f", 7, nothing).options == ()
    assert completions.at("model:f", 7, models).options == ("fal-ai/flux/dev ",)
