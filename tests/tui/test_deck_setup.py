"""The first start: without a key the deck asks how to go on, tries a key before it keeps it, and keeps it privately."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Emulator
from person import at_the_deck

from faldeck.config import RELAY, Profile, config_path, credentials, load
from faldeck.config.credentials import credentials_path


def relay(url: str) -> Profile:
    """A gateway that the person has named and has no key for."""
    return replace(RELAY, name="gate", queue_url=f"{url}/queue")


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
        person.burst("enter")
        await person.left("gate")
    found = credentials.find(profile)
    assert found is not None
    assert found.key == "abcd-1234:a-good-secret"
    assert stat.S_IMODE(credentials_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(credentials_path().parent.stat().st_mode) == 0o700
    assert emulator.requests()
    assert emulator.posts() == []


async def test_a_key_that_is_refused_is_not_kept(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Paste a key")
        await person.press("enter")
        await person.type("invalid")
        await person.press("enter")
        await person.sees("The service does not take this key")
        assert not credentials_path().exists()
        await person.replace("a-good-one")
        person.burst("enter")
        await person.left("gate")


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


async def test_a_relay_is_described_tried_and_kept(emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Use a relay")
        await person.press("down", "enter")
        await person.replace("harbour")
        await person.press("enter")
        await person.type(f"{emulator.url}/queue")
        await person.press("enter", "enter")
        await person.type("a-good-one")
        person.burst("enter")
        await person.left("harbour")
    profile = load("harbour").active
    assert (profile.queue_url, profile.auth, profile.rest_url) == (f"{emulator.url}/queue", "Bearer", None)
    assert "a-good-one" not in config_path().read_text()


@pytest.mark.parametrize("url", ["relay.example/v1", "http://relay.example/v1"])
async def test_a_relay_without_a_safe_address_is_refused(url: str, emulator: Emulator, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=relay(emulator.url)) as person:
        await person.sees("Use a relay")
        await person.press("down", "enter", "enter")
        await person.replace(url)
        await person.press("enter", "enter")
        await person.type("a-good-one")
        await person.press("enter")
        await person.sees("must begin with https://")
        assert not config_path().exists()
