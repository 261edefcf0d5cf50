"""How a request is to be run: what the form of the options says is what the job asks for, and the other way round."""

from __future__ import annotations

import pytest

from faldeck.app.options_form import from_form, options_model, to_form
from faldeck.fal.submit_options import OPTIONS, SubmitOptions
from faldeck.job import Mode


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
    assert from_form(values) == asked
    assert from_form(to_form(asked)) == asked


@pytest.mark.parametrize("values", [{"lifecycle": "2w"}, {"lifecycle": "0"}, {"webhook": "http://a.b"}, {"mode": "x"}])
def test_what_no_service_takes_is_refused_at_its_field(values: dict[str, object]) -> None:
    assert options_model(list(Mode)).input.check(values, ())


def test_the_usual_way_is_the_services_own() -> None:
    assert from_form({"mode": "images"}, "images") == {}
    assert from_form({"mode": "queue"}, "images") == {"mode": "queue"}
    assert options_model(["images", "queue"]).input.check({"mode": "sync"}, ())


def test_a_webhook_is_https_anywhere_and_http_on_this_machine_alone_in_the_form_as_in_a_request() -> None:
    form = options_model(list(Mode)).input
    for webhook in ("https://a.b", "http://127.0.0.1:8000/x", "http://localhost:8000/x", "http://[::1]:8000/x"):
        assert not list(form.check({"webhook": webhook}, ()))
        assert SubmitOptions(webhook=webhook).webhook == webhook


def test_every_option_says_in_a_sentence_what_it_does() -> None:
    assert all(option.help[0].isupper() and option.help.endswith(".") for option in OPTIONS)
