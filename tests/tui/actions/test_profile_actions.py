"""Switching profiles and leaving the deck: drafts are saved, direct calls are asked about. Without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from support.deck_ui import RecordingUi, picked

from faldeck.config.settings import Config, ConfigError
from faldeck.tui.actions.profiles import ProfileActions


@dataclass
class FakeSession:
    """The session as profile actions see it."""

    config: Config = field(default_factory=lambda: Config(profile="lab"))
    names: tuple[str, ...] = ("lab", "hk")
    calls: int = 0
    other_history: bool = False
    is_broken: bool = False
    colour: str = "#112233"
    log: list[str] = field(default_factory=list)

    def usable_profiles(self) -> list[str]:
        return list(self.names)

    def direct_calls(self) -> list[object]:
        return [object()] * self.calls

    def can_switch_to(self, profile: str) -> bool:
        return not self.other_history

    async def switch_profile(self, profile: str) -> None:
        if self.is_broken:
            raise ConfigError("The config cannot be read.")
        self.log.append(f"become {profile}")


def actions(session: FakeSession, ui: RecordingUi) -> ProfileActions:
    async def save_draft() -> None:
        session.log.append("save")

    async def show_models() -> None:
        session.log.append("models")

    stand_in: Any = session
    return ProfileActions(
        stand_in,
        ui,
        save_draft=save_draft,
        show_profile=lambda name, colour: session.log.append(f"show {name} {colour}"),
        show_models=show_models,
        exit=lambda profile, status: session.log.append(f"exit {profile} {status}"),
    )


async def test_leaving_saves_the_draft_first() -> None:
    session, ui = FakeSession(), RecordingUi()
    await actions(session, ui).quit()
    assert session.log == ["save", "exit None 0"] and not ui.dialogs


@pytest.mark.parametrize(("answer", "log"), [(picked(False), []), (None, []), (picked(True), ["save", "exit None 0"])])
async def test_direct_calls_are_not_lost_unasked(answer: object, log: list[str]) -> None:
    session, ui = FakeSession(calls=2), RecordingUi([answer])
    await actions(session, ui).quit()
    assert session.log == log and len(ui.dialogs) == 1


async def test_the_next_profile_is_shown_after_the_draft_is_saved() -> None:
    session, ui = FakeSession(), RecordingUi()
    await actions(session, ui).switch_to_next()
    assert session.log == ["save", "become hk", "show hk #112233", "models"]


@pytest.mark.parametrize("names", [("lab",), ("hk",), ()])
async def test_without_another_profile_nothing_is_switched(names: tuple[str, ...]) -> None:
    session, ui = FakeSession(names=names), RecordingUi()
    await actions(session, ui).switch_to_next()
    assert not session.log and ui.notices == ["There is no other profile with a key. P adds one."]


async def test_a_profile_with_another_history_is_opened_by_a_new_deck() -> None:
    session, ui = FakeSession(other_history=True), RecordingUi()
    await actions(session, ui).switch("demo")
    assert session.log == ["save", "exit demo 0"]


async def test_a_switch_that_fails_is_reported_and_changes_nothing_on_the_screen() -> None:
    session, ui = FakeSession(is_broken=True), RecordingUi()
    await actions(session, ui).switch("hk")
    assert session.log == ["save"] and ui.notices == ["The config cannot be read."]
