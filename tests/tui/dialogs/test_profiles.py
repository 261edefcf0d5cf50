"""The profiles in the deck: each is added, edited, tried and removed there, and a job keeps to its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deck_profiles import HK_KEY, LAB_KEY, named, opened, submitted, works_with
from support.emulator import Emulator
from support.person import at_the_deck

from faldeck.config import credentials, toml_edit
from faldeck.config.settings import Profile, config_path, load

pytestmark = pytest.mark.usefixtures("public")


@pytest.fixture
def lab(emulator: Emulator) -> Profile:
    """The profile that the deck is opened with."""
    return named("lab", emulator.url, LAB_KEY, run_url=f"{emulator.url}/run", rest_url=f"{emulator.url}/rest")


async def test_every_profile_is_listed_with_what_it_is_and_where_its_key_is_from(
    emulator: Emulator, lab: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "0f1e2d3c:canary")
    named("hk", emulator.url, auth="Bearer")
    toml_edit.save_profile("pics", {"images_url": "https://pics.example/v1/images/generations"})
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await opened(person)
        assert "queue.fal.run" in person.line(" fal ", "key from $FAL_KEY")
        assert "●" in person.line(" lab ", "Key", "key saved")
        assert person.line(" hk ", "Bearer", "no key yet")
        assert person.line(" pics ", "pics.example, Images, Bearer", "no key yet")
        assert person.line(" demo ", "costs nothing")
        assert "canary" not in person.screen


@pytest.mark.parametrize(
    ("template", "typed", "said"),
    [
        (0, ["work"], {"base": "fal"}),
        (1, ["hk", "{url}/queue"], {"queue_url": "{url}/queue", "auth": "Bearer"}),
        (2, ["uni", "{url}/queue/fal-ai", "a/b c/d"], {"queue_url": "{url}/queue/fal-ai", "models": ["a/b", "c/d"]}),
        (3, ["pics", "{url}/v1/images/generations", "a/b"], {"images_models": ["a/b"]}),
        (4, ["own", "fal", "{url}/queue"], {"base": "fal", "queue_url": "{url}/queue"}),
    ],
    ids=["fal", "bearer", "key", "images", "custom"],
)
async def test_a_profile_is_added_from_each_template(
    emulator: Emulator, lab: Profile, tmp_path: Path, template: int, typed: list[str], said: dict[str, object]
) -> None:
    before = config_path().read_text()
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await opened(person)
        await person.press("a")
        await person.sees("What kind of profile?")
        await person.press(*["down"] * template, "enter")
        await person.sees("A new profile")
        for text in typed:
            await person.type(text.format(url=emulator.url))
            await person.press("enter")
        await person.press("ctrl+j")
        await person.sees(f"{typed[0]} is added")
    settings = toml_edit.profile_settings(typed[0])
    for key, value in said.items():
        assert settings[key] == (value.format(url=emulator.url) if isinstance(value, str) else value)
    assert config_path().read_text().startswith(before)
    assert emulator.posts() == []


@pytest.mark.parametrize("url", ["relay.example/v1", "http://relay.example/v1", ""])
async def test_a_relay_without_a_safe_address_is_refused_at_its_line(
    url: str, emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    before = config_path().read_text()
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await opened(person)
        await person.press("a", "down", "enter")
        await person.type("relay")
        await person.press("enter")
        await person.type(url)
        await person.press("ctrl+j")
        await person.sees("must begin with https://" if url else "needs a `queue_url`")
        assert person.app.focused is not None and person.app.focused.id == "queue_url"
    assert config_path().read_text() == before


async def test_a_setting_is_changed_and_the_comments_stay(emulator: Emulator, lab: Profile, tmp_path: Path) -> None:
    config_path().write_text(f"# mine\n{config_path().read_text()}# the end\n")
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await opened(person)
        await person.press("e")
        await person.sees("Profile lab")
        while person.app.focused is None or person.app.focused.id != "colour":
            await person.press("tab")
        await person.type("violet")
        await person.press("ctrl+j")
        await person.sees("lab is changed")
        await person.press("escape")
        await person.sees("3 Jobs")
    assert load().get_profile("lab").colour == "violet"
    text = config_path().read_text()
    assert text.startswith("# mine\n") and text.endswith('colour = "violet"\n# the end\n')


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("good-enough", "does not refuse the key"), ("invalid", "refuses this key"), ("locked", "Exhausted")],
)
async def test_a_key_is_tried_for_free_and_the_verdict_is_plain(
    emulator: Emulator, lab: Profile, tmp_path: Path, key: str, verdict: str
) -> None:
    relay = named("gate", emulator.url, key)
    toml_edit.save_profile("gate", {"queue_url": relay.queue_url})
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await opened(person)
        await person.press("down", "t")
        await person.sees(verdict)
    assert emulator.posts() == []


async def test_a_service_that_cannot_be_reached_is_told_and_may_be_kept_all_the_same(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await opened(person)
        await person.press("a", "down", "enter")
        for text in ("far", "https://127.0.0.1:1/queue", "some-key"):
            await person.type(text)
            await person.press("enter")
        await person.sees("The key could not be checked", "^J once more")
        assert credentials.saved("far") is None
        await person.press("ctrl+j")
        await person.sees("far is added")
    assert credentials.saved("far") is not None


async def test_a_profile_is_removed_with_its_key_and_put_back(emulator: Emulator, lab: Profile, tmp_path: Path) -> None:
    named("hk", emulator.url, HK_KEY)
    before = config_path().read_text()
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await opened(person)
        await person.press("d")
        await person.sees("lab is in use")
        await person.press("down", "d")
        await person.sees("hk is removed")
        assert not person.line(" hk ", "Key")
        assert credentials.saved("hk") is None
        assert "profiles.hk" not in config_path().read_text()
        await person.press("u")
        await person.sees("hk is restored")
    assert config_path().read_text() == before
    assert credentials.saved("hk") is not None


async def test_a_profile_with_open_jobs_goes_only_after_a_question(
    emulator: Emulator, start_emulator: Callable[..., Emulator], lab: Profile, tmp_path: Path
) -> None:
    slow = start_emulator()
    slow.hold_jobs()
    hk = named("hk", slow.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=hk, profiles=load().profiles) as person:
        await submitted(person)
        await person.press("escape", "w")
        await works_with(person, "lab")
        await opened(person)
        await person.press("down", "d")
        await person.sees("no longer follow 1 open jobs of hk")
        await person.press("enter")
        await person.sees_no("no longer follow")
        await person.press("d")
        await person.sees("no longer follow")
        await person.press("down", "enter")
        await person.sees("hk is removed")


async def test_in_the_demo_a_profile_goes_only_after_a_question_for_its_jobs_are_not_known_there(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, profiles=load().profiles) as person:
        await opened(person)
        await person.press("home", "down", "d")
        await person.sees("no longer follow open jobs of lab. Remove it?")
        await person.press("enter")
        await person.sees_no("no longer follow")
    assert "profiles.lab" in config_path().read_text()


async def test_every_line_and_the_keys_of_the_longest_profile_form_can_be_seen_on_a_small_screen(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=lab, size=(80, 24)) as person:
        await opened(person)
        await person.press("a", *["down"] * 4, "enter")
        await person.sees("A new profile", "^J saves it", "what you call it")
        while person.app.focused is None or person.app.focused.id != "key":
            await person.press("down")
        await person.sees(" key ", "saved in a file", "A new profile", "^J saves it")


async def test_the_header_shows_the_profile_in_its_colour(emulator: Emulator, lab: Profile, tmp_path: Path) -> None:
    named("hk", emulator.url, HK_KEY, colour="#102030")
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await works_with(person, "lab")
        before = person.app.export_screenshot()
        await person.press("escape", "w")
        await works_with(person, "hk")
        after = person.app.export_screenshot()
    assert "#102030" in after
    assert "#102030" not in before


async def test_the_models_are_there_while_those_of_another_profile_are_read(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    named("hk", emulator.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await works_with(person, "lab")
        engine = person.app.engine
        before = await engine.load()
        change = asyncio.create_task(engine.switch_profile("hk"))
        await asyncio.sleep(0)
        assert engine.catalogue is before
        await change
        assert engine.catalogue is not before


async def test_the_profile_to_begin_with_is_written_down(emulator: Emulator, lab: Profile, tmp_path: Path) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await opened(person)
        await person.press("b")
        await person.sees("use lab from now on")
    assert load().profile == "lab"


async def test_without_another_profile_the_key_that_switches_says_what_to_do(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    async with at_the_deck(emulator.url, tmp_path, profile=lab) as person:
        await person.until(lambda: person.models.row_count())
        await person.press("escape", "w")
        await person.sees("There is no other profile with a key. P adds one.")


async def test_keys_that_others_could_read_are_told_and_nothing_is_switched(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    named("hk", emulator.url, HK_KEY)
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load().profiles) as person:
        await person.until(lambda: person.models.row_count())
        credentials.credentials_path().chmod(0o644)
        await person.press("escape", "w")
        await person.sees("chmod")
        await works_with(person, "lab")


async def test_a_profile_with_a_hostile_name_is_drawn_harmlessly(
    emulator: Emulator, lab: Profile, tmp_path: Path
) -> None:
    with config_path().open("a") as file:
        file.write('[profiles."\\u001b]0;owned\\u0007[red]\\u009b31m"]\nqueue_url = "https://x.example/\\u202e"\n')
    async with at_the_deck(emulator.url, tmp_path, profile=lab, profiles=load(strict=False).profiles) as person:
        await opened(person)
        await person.press("down", "t")
        await person.sees("has no key to test")
        assert all(letter.isprintable() for letter in person.screen.replace("\n", ""))
