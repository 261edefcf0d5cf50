"""config.toml: profiles and settings, and what is said of a file with mistakes in it."""

import os
from pathlib import Path

import pytest

from faldeck import config
from faldeck.config import OFFICIAL, Config, ConfigError, Profile


def written(text: str) -> Path:
    """The config file, holding `text`."""
    path = config.config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problems(text: str) -> list[str]:
    """What is wrong with a file, without its name."""
    path = written(text)
    return [problem.removeprefix(str(path)).removeprefix(", ") for problem in config.load(strict=False).problems]


def test_without_a_file_there_is_the_official_service() -> None:
    assert config.load() == Config()
    assert config.load().active == OFFICIAL


def test_a_relay_has_no_official_host_that_it_does_not_name() -> None:
    written('[profiles.hk]\nqueue_url = "https://relay.example/"\nauth = "Bearer"\nkey_env = "HK_KEY"')
    hk = config.load("hk").active

    assert (hk.queue_url, hk.auth, hk.key_env) == ("https://relay.example/", "Bearer", "HK_KEY")
    assert (hk.run_url, hk.rest_url, hk.api_url, hk.schema_url, hk.images_url) == (None,) * 5


def test_a_second_key_of_the_same_service_is_a_profile_of_its_own() -> None:
    written('[profiles.work]\nbase = "fal"')
    work = config.load("work").active

    assert work.queue_url == OFFICIAL.queue_url
    assert work.rest_url == OFFICIAL.rest_url
    assert work.key_env is None  # $FAL_KEY is the key of the profile fal.


def test_an_images_page_may_be_all_that_a_profile_has() -> None:
    written('[profiles.pics]\nimages_url = "https://relay.example/v1/images/generations"\nimages_models = ["a/b"]')
    pics = config.load("pics").active

    assert pics.queue_url == ""
    assert pics.own_models == ("a/b",)


def test_a_relays_own_list_holds_its_pictures_too() -> None:
    urls = 'queue_url = "https://relay.example"\nimages_url = "https://relay.example/v1/images/generations"'
    written(f'[profiles.uni]\n{urls}\nmodels = ["a/video"]\nimages_models = ["a/picture"]')

    assert config.load("uni").active.own_models == ("a/video", "a/picture")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\n", "line 1: there is no setting called `a`."),
        ("\n\nconfirm_above_usd = 'much'", "line 3: `confirm_above_usd` must be a number, not 'much'."),
        ("download = 'sometimes'", "line 1: `download` must be auto or manual, not 'sometimes'."),
        ("debug = 1", "line 1: `debug` must be true or false, not '1'."),
        ("output_name = '{nothing}'", "line 1: `output_name`: '{nothing}' is no name for outputs"),
        ("profiles = 1", "line 1: `profiles` must be tables like [profiles.NAME]."),
        ("[profiles]\nhk = 1", "line 2: [profiles] [profiles.hk] must be a table."),
        ("[profiles.hk]\nauth = 'Key'", "line 1: [profiles.hk] needs a `queue_url`"),
        ("\n[profiles.hk]\n\nqueue_url = 'http://relay.example'", "line 4: [profiles.hk] `queue_url` must begin with"),
        ("[profiles.hk]\nqueue_url = 'relay.example'", "line 2: [profiles.hk] `queue_url` must begin with"),
        ("[profiles.hk]\nqueue_url = 'https://x.example'\nauth = 'Basic'", "line 3: [profiles.hk] `auth` is the word"),
        (
            "[profiles.hk]\nqueue_url = 'https://x.example'\nmodels = [1]",
            "line 3: [profiles.hk] `models` must be a list",
        ),
        ("[profiles.b]\nbase = 'a'", "line 2: [profiles.b] `base` must be a profile that stands above: fal."),
        ('[ profiles . "b" ]\nzoom = 1', "line 2: [profiles.b] there is no setting called `zoom`."),
    ],
)
def test_what_is_wrong_is_told_with_line_key_and_what_was_expected(text: str, problem: str) -> None:
    (told,) = problems(text)

    assert told.startswith(problem)
    with pytest.raises(ConfigError, match=r"config\.toml, line"):
        config.load()


def test_what_is_right_is_used_all_the_same() -> None:
    written(
        "download = 'manual'\nzoom = 2\n[profiles.bad]\nauth = 'x'\n[profiles.good]\nqueue_url = 'https://x.example'"
    )
    loaded = config.load(strict=False)

    assert loaded.download == "manual"
    assert sorted(loaded.profiles) == ["fal", "good"]
    assert len(loaded.problems) == 3


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/queue", "http://localhost:1", "http://[::1]:8", "https://x.example"]
)
def test_a_key_may_go_to_https_and_to_this_machine(url: str) -> None:
    assert problems(f"[profiles.lab]\nqueue_url = '{url}'") == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.evil.example", "http://localhost.evil.example", "https://", "ftp://x", "http://[::1"]
)
def test_a_key_may_go_nowhere_else(url: str) -> None:
    (told,) = problems(f"[profiles.lab]\nqueue_url = '{url}'")

    assert "must begin with https://" in told


@pytest.mark.parametrize("text", [b"a = ", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_at_all_is_named(text: bytes) -> None:
    written("").write_bytes(text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        config.load(strict=False)


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written("profile = 'a'")
    assert config.load().profile == "a"
    monkeypatch.setenv("FALDECK_PROFILE", "b")
    assert config.load(environ=os.environ).profile == "b"
    assert config.load("c").profile == "c"


@pytest.mark.parametrize(
    "profile",
    [
        Profile(name="hk", queue_url="https://relay.example", auth="Bearer"),
        Profile(name="uni", queue_url="https://x.example/fal-ai", images_models=("a/b",), key_env="UNI_KEY"),
        Profile(name="pics", queue_url="", images_url="https://x.example/v1/images/generations", images_auth="Key"),
    ],
    ids=["relay", "list", "images"],
)
def test_a_profile_that_was_added_is_read_back_and_the_rest_of_the_file_stays(profile: Profile) -> None:
    path = written("# mine\ndownload = 'manual'\n")
    config.add(profile)

    assert path.read_text().startswith("# mine\ndownload = 'manual'\n")
    assert config.load(profile.name).active == profile


@pytest.mark.parametrize(
    ("name", "url", "auth"),
    [
        ("", "https://x.example", "Key"),
        ("fal", "https://x.example", "Key"),
        ("a b", "https://x.example", "Key"),
        ("hk", "http://x.example", "Key"),
        ("hk", "https://x.example", "Basic"),
        ("hk", "", "Key"),
    ],
)
def test_a_relay_that_cannot_be_used_is_refused(name: str, url: str, auth: str) -> None:
    with pytest.raises(ConfigError):
        config.relay(name, url, auth)
