"""What a model itself answers to a direct call is no judgement on the key, whatever its status."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.emulator import Emulator
from support.raw_service import RawAnswer, RawService
from support.shell import Person, jobs

from faldeck.job import State

WORDS = "Your organization must be verified to use this model."


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def direct(status: int, headers: Mapping[str, str], mode: str, person: Person) -> int:
    """Makes a direct call that is answered so; returns the command's exit status."""

    def says(method: str, path: str) -> RawAnswer:
        return (status, headers, {"detail": WORDS}) if method == "POST" else (404, {}, {"detail": "Not Found"})

    with RawService(says, closes=True).serving() as service:
        person.set_up(service.url)
        said = person.types("run", "acme/lake", "--unlisted", mode, "-p", "a lake")
    assert WORDS in said.err
    assert service.count("POST") == 1
    return said.status


@pytest.mark.parametrize(
    ("status", "headers", "mode"),
    [
        (403, {"x-fal-billable-units": "0"}, "--sync"),
        (401, {"x-fal-served-from": "5f2a"}, "--sync"),
        (404, {"x-fal-billable-units": "0"}, "--stream"),
        (403, {"x-fal-served-from": "5f2a"}, "--stream"),
    ],
)
def test_a_models_own_refusal_is_a_failure(person: Person, status: int, headers: dict[str, str], mode: str) -> None:
    assert direct(status, {"x-fal-request-id": "r-9", **headers}, mode, person) == 1
    assert jobs()[0].state is State.FAILED


@pytest.mark.parametrize(("status", "exit_status"), [(401, 3), (403, 3), (404, 4)])
def test_a_refusal_of_the_service_is_told_as_one(person: Person, status: int, exit_status: int) -> None:
    assert direct(status, {}, "--sync", person) == exit_status
