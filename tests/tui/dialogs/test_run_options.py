"""How a request is to be run: what the form of the options says is what the job asks for, and the other way round."""

from __future__ import annotations

import pytest

from faldeck.job import Mode
from faldeck.tui.dialogs.options import filled, options, options_model


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, {}),
        ({"mode": "queue", "priority": "normal", "access": "allow", "no_retry": False}, {}),
        ({"mode": "stream", "runner_hint": "abc"}, {"mode": "stream", "runner_hint": "abc"}),
        ({"lifecycle": "1h"}, {"lifecycle": 3_600}),
        ({"lifecycle": "90"}, {"lifecycle": 90}),
        ({"lifecycle": "never"}, {}),
        ({"access": "hide"}, {"access": "hide"}),
    ],
)
def test_only_what_is_unusual_is_asked_for(values: dict[str, object], asked: dict[str, object]) -> None:
    assert options(values) == asked
    assert options(filled(asked)) == asked


@pytest.mark.parametrize("values", [{"lifecycle": "2w"}, {"lifecycle": "0"}, {"webhook": "http://a.b"}, {"mode": "x"}])
def test_what_no_service_takes_is_refused_at_its_field(values: dict[str, object]) -> None:
    assert options_model(list(Mode)).input.check(values, ())


def test_the_usual_way_is_the_services_own() -> None:
    assert options({"mode": "images"}, "images") == {}
    assert options({"mode": "queue"}, "images") == {"mode": "queue"}
    assert options_model(["images", "queue"]).input.check({"mode": "sync"}, ())
