"""The first start: without a key the deck asks how to go on, tries a key before it keeps it, and keeps it privately."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from support.deck_profiles import works_with
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.config import credentials, toml_edit
from faldeck.config.credentials import credentials_path
from faldeck.config.settings import Profile, config_path, load

pytestmark = pytest.mark.usefixtures("public")


def relay(url: str) -> Profile:
    """A gateway that the person has named in the config and has no key for."""
    toml_edit.save_profile("gate", {"queue_url": f"{url}/queue"})
    return load("gate").active


async def test_without_a_key_the_deck_asks_how_to_go_on(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("There is no key for the profile “gate”", "Paste a key", "Use a relay", "Try the demo")
        await person.press("escape")
        assert person.app._exit
        assert person.app.return_value is None


async def test_a_pasted_key_is_tried_and_kept_where_only_its_owner_reads_it(emulator: Emulator, tmp_path: Path) -> None:
    profile = relay(emulator.url)
    async with at_the_deck(emulator.url, tmp_path, profile=profile) as person:
        await person.sees("Paste a key")
        await person.press("enter")
        await person.sees("Your key")
        await person.paste("abcd-1234:a-good-secret")
        assert "a-good-secret" not in person.screen
        await person.press("enter")
        await person.sees("3 Jobs")
        await works_with(person, "gate")
    found = credentials.find(profile)
    assert found is not None
    assert found.key == "abcd-1234:a-good-secret"
    assert stat.S_IMODE(credentials_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(credentials_path().parent.stat().st_mode) == 0o700
    assert emulator.requests()
    assert emulator.posts() == []


async def test_a_key_that_is_typed_is_in_no_screenshot_and_on_no_clipboard(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Paste a key")
        await person.press("enter")
        await person.sees("saved in a file")
        await person.paste("abcd-1234:a-good-secret")
        picture = person.app.export_screenshot()
        await person.press("shift+home", "ctrl+x")
        await person.paste("abcd-1234:a-good-secret")
        await person.press("shift+home", "ctrl+c")

        assert "•••" in picture
        assert "a-good-secret" not in picture and "abcd-1234" not in picture
        assert person.app.clipboard == ""


async def test_a_key_that_is_refused_is_not_kept(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Paste a key")
        await person.press("enter")
        await person.type("invalid")
        await person.press("enter")
        await person.sees("Not saved:", "refuses this key")
        assert not credentials_path().exists()
        await person.replace("a-good-one")
        await person.press("enter")
        await person.sees("3 Jobs")
    assert credentials.find(load("gate").active)


async def test_another_profile_that_has_a_key_is_offered(emulator: Emulator, tmp_path: Path) -> None:
    gate = relay(emulator.url)
    toml_edit.save_profile("other", {"queue_url": f"{emulator.url}/queue"})
    credentials.save("other", "a-good-one")
    async with at_the_deck(emulator.url, tmp_path, profile=gate, profiles=load().profiles) as person:
        await person.sees("Go on with other")
        await person.press("down", "enter")
        await person.sees("3 Jobs")
        await works_with(person, "other")


async def test_no_key_at_all_is_asked_for_again(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Paste a key")
        await person.press("enter", "enter")
        await person.sees("A key is needed")


async def test_the_demo_is_one_key_away(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Try the demo")
        person.burst("down", "down", "enter")
        await person.left("demo")


async def test_a_relay_is_described_tried_kept_and_begun_with_from_then_on(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Use a relay")
        await person.press("down", "enter")
        await person.sees("Relay with Bearer", "Relay with Key", "OpenAI Images", "Custom")
        await person.press("down", "enter")
        await person.type("harbour")
        await person.press("enter")
        await person.type(f"{emulator.url}/queue")
        await person.press("enter")
        await person.type("a-good-one")
        await person.press("enter")
        await person.sees("3 Jobs")
        await works_with(person, "harbour")
    profile = load().active
    assert (profile.name, profile.queue_url, profile.auth) == ("harbour", f"{emulator.url}/queue", "Bearer")
    assert profile.rest_url is None
    assert "a-good-one" not in config_path().read_text()
    assert emulator.posts() == []
