"""Profiles written into config.toml: what the person wrote there stays as it is, comments and all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fuzzing import thorough

from faldeck.config import toml_edit
from faldeck.config.settings import Config, ConfigError, config_path, load
from faldeck.config.toml_edit import InvalidProfile

FILE = """\
# My settings.
download = "manual"  # I fetch what I like
profile = "hk"

# The cheap one.
[profiles.hk]
queue_url = "https://hk.example/"  # without /v1
auth = "Bearer"
# The short list.
models = [
    "fal-ai/flux-1/dev",  # good
    "fal-ai/flux-1/schnell",
]

[profiles.work]  # the firm's
base = "fal"
"""
HK: dict[str, Any] = {
    "queue_url": "https://hk.example/",
    "auth": "Bearer",
    "models": ["fal-ai/flux-1/dev", "fal-ai/flux-1/schnell"],
}


@pytest.fixture(autouse=True)
def file() -> Path:
    """The config file, as the person left it."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILE)
    return path


def test_one_setting_changes_one_line(file: Path) -> None:
    toml_edit.save_profile("hk", {**HK, "auth": "Key"})

    assert file.read_text() == FILE.replace('auth = "Bearer"', 'auth = "Key"')


def test_the_comment_behind_a_changed_setting_stays(file: Path) -> None:
    toml_edit.save_profile("hk", {**HK, "queue_url": "https://new.example"})

    assert 'queue_url = "https://new.example"  # without /v1\n' in file.read_text()


def test_a_list_of_many_lines_is_changed_as_a_whole(file: Path) -> None:
    toml_edit.save_profile("hk", {**HK, "models": ["a/b"]})

    assert load().active.models == ("a/b",)
    assert "# The short list.\nmodels = [\n" in file.read_text()
    assert file.read_text().endswith(FILE[FILE.index("\n[profiles.work]") :])


def test_a_setting_is_added_below_the_others_of_its_table_and_taken_away_again(file: Path) -> None:
    toml_edit.save_profile("hk", {**HK, "key_env": "HK_KEY"})
    assert ']\nkey_env = "HK_KEY"\n\n[profiles.work]' in file.read_text()

    toml_edit.save_profile("hk", HK)
    assert file.read_text() == FILE


def test_a_new_profile_stands_at_the_end(file: Path) -> None:
    toml_edit.save_profile("uni", {"queue_url": "https://uni.example/fal-ai", "images_models": ["a/b"]})

    assert file.read_text().startswith(FILE)
    assert load("uni").active.images_models == ("a/b",)


def test_the_first_profile_makes_the_file(file: Path) -> None:
    file.unlink()
    toml_edit.save_profile("hk", HK)

    assert file.read_text().startswith("[profiles.hk]\nqueue_url")
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_profile_to_begin_with_is_one_line(file: Path) -> None:
    toml_edit.set_default_profile("work")
    assert file.read_text() == FILE.replace('profile = "hk"', 'profile = "work"')

    file.write_text("[profiles.a]\nbase = 'fal'\n")
    toml_edit.set_default_profile("a")
    assert file.read_text() == "profile = \"a\"\n\n[profiles.a]\nbase = 'fal'\n"


def test_a_removed_profile_goes_with_its_comment_and_comes_back_as_it_was(file: Path) -> None:
    removed = toml_edit.remove_profile("hk")
    kept = FILE[: FILE.index("# The cheap one")] + FILE[FILE.index("[profiles.work]") :]
    assert file.read_text() == kept.replace('profile = "hk"\n', "")

    toml_edit.undo_removal(removed)
    assert file.read_text() == FILE


def test_a_removed_profile_is_not_begun_with(file: Path) -> None:
    removed = toml_edit.remove_profile("hk")
    assert load().profile == "fal"
    assert 'profile = "hk"' not in file.read_text()

    toml_edit.undo_removal(removed)
    assert load().profile == "hk"


def test_nothing_is_put_back_over_a_file_that_was_changed_since(file: Path) -> None:
    removed = toml_edit.remove_profile("hk")
    toml_edit.save_profile("new", {"base": "fal"})

    with pytest.raises(ConfigError, match="has been changed since"):
        toml_edit.undo_removal(removed)
    assert "profiles.new" in file.read_text()


@pytest.mark.parametrize(
    ("text", "line"),
    [("profiles.hk.auth = 'Key'\nprofiles.hk.queue_url = 'https://a.example'", 1), ("[profiles]\nhk = {}\n", 2)],
)
def test_a_table_that_is_written_in_a_rare_way_is_left_to_an_editor(file: Path, text: str, line: int) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"line {line}: .* use an editor"):
        toml_edit.save_profile("hk", {**HK, "auth": "Bearer"})

    assert file.read_text() == text


def test_a_file_that_is_no_toml_is_not_touched(file: Path) -> None:
    file.write_text("a = \n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        toml_edit.save_profile("hk", HK)

    assert file.read_text() == "a = \n"


def test_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    file.rename(tmp_path / "dotfiles.toml")
    file.symlink_to(tmp_path / "dotfiles.toml")
    toml_edit.save_profile("new", {"base": "fal"})

    assert file.is_symlink()
    assert "profiles.new" in (tmp_path / "dotfiles.toml").read_text()


@pytest.mark.parametrize(
    ("name", "settings", "key"),
    [
        ("", HK, "name"),
        ("a b", HK, "name"),
        ("demo", HK, "name"),
        ("hk", {**HK, "queue_url": "http://hk.example"}, "queue_url"),
        ("hk", {**HK, "auth": "Basic"}, "auth"),
        ("hk", {}, "queue_url"),
        ("hk", {"base": "nobody"}, "base"),
        ("hk", {**HK, "colour": "mud"}, "colour"),
    ],
)
def test_what_a_profile_cannot_be_is_told_with_its_key(name: str, settings: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidProfile) as unfit:
        toml_edit.check_profile(name, settings, Config())

    assert unfit.value.key == key


VALUES = st.dictionaries(
    st.sampled_from(["auth", "key_env", "queue_url", "models"]),
    st.one_of(st.text(max_size=12), st.lists(st.text(max_size=6), max_size=3)),
)


@thorough(200)
@given(VALUES, VALUES)
def test_any_settings_are_read_back_and_all_others_stay(first: dict[str, Any], second: dict[str, Any]) -> None:
    text = FILE
    for settings in (first, second):
        text = toml_edit.with_settings(text, ("profiles", "hk"), settings)
        lines = text.splitlines()
        assert lines[:2] == FILE.splitlines()[:2]
        assert text.endswith(FILE[FILE.index("[profiles.work]") :])
    assert toml_edit.without_section(text, ("profiles", "hk")).count("[profiles.") == 1


def test_a_section_of_the_job_list_is_saved_changed_and_removed_without_touching_the_rest(file: Path) -> None:
    before = file.read_text()

    toml_edit.save_section("foxes", "fox kind:image")
    toml_edit.save_section("dear this week", "cost:>0.5 since:7d")
    toml_edit.save_section("foxes", 'tag:"fox" -state:failed')

    assert load().sections == {"foxes": 'tag:"fox" -state:failed', "dear this week": "cost:>0.5 since:7d"}
    assert file.read_text().startswith(before)

    toml_edit.save_section("foxes", None)
    toml_edit.save_section("dear this week", None)
    assert load().sections == {} and load().problems == ()


def test_a_section_that_is_no_text_is_left_out_and_reported_with_its_line(file: Path) -> None:
    file.write_text('[sections]\nfoxes = "fox"\nmany = 3\n')

    config = load()

    assert config.sections == {"foxes": "fox"}
    assert "line 3" in config.problems[0] and "`many` must be text" in config.problems[0]
