"""config.toml: profiles and settings, and what is said of a file with mistakes in it."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fuzzing import thorough

from faldeck.config import profile, settings
from faldeck.config.settings import OFFICIAL, Config, ConfigError
from faldeck.config.toml_read import TableFile


def written(text: str) -> Path:
    """The config file, holding `text`."""
    path = settings.config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problems(text: str) -> list[str]:
    """What is wrong with a file, without its name."""
    path = written(text)
    return [problem.removeprefix(str(path)).removeprefix(", ") for problem in settings.load(strict=False).problems]


def test_without_a_file_there_is_the_official_service() -> None:
    assert settings.load() == Config()
    assert settings.load().active == OFFICIAL


def test_a_relay_has_no_official_host_that_it_does_not_name() -> None:
    written('[profiles.hk]\nqueue_url = "https://relay.example/"\nauth = "Bearer"\nkey_env = "HK_KEY"')
    hk = settings.load("hk").active

    assert (hk.queue_url, hk.auth, hk.key_env) == ("https://relay.example/", "Bearer", "HK_KEY")
    assert (hk.run_url, hk.rest_url, hk.api_url, hk.schema_url, hk.images_url) == (None,) * 5


def test_a_second_key_of_the_same_service_is_a_profile_of_its_own() -> None:
    written('[profiles.work]\nbase = "fal"')
    work = settings.load("work").active

    assert work.queue_url == OFFICIAL.queue_url
    assert work.rest_url == OFFICIAL.rest_url
    assert work.key_env is None  # $FAL_KEY is the key of the profile fal.


def test_an_images_page_may_be_all_that_a_profile_has() -> None:
    written('[profiles.pics]\nimages_url = "https://relay.example/v1/images/generations"\nimages_models = ["a/b"]')
    pics = settings.load("pics").active

    assert pics.queue_url == ""
    assert pics.own_models == ("a/b",)


def test_a_video_page_is_asked_for_the_models_that_are_named_for_it() -> None:
    page = 'videos_url = "https://relay.example/v1/video/generations"\n'
    written(
        f'[profiles.films]\n{page}[profiles.both]\nqueue_url = "https://relay.example"\n{page}videos_models = ["a/b"]'
    )
    films, both = settings.load("films").active, settings.load("both").active

    assert films.uses_videos_page("any/model") and not films.uses_images_page("any/model")
    assert both.uses_videos_page("fal-ai/a/b") and not both.uses_videos_page("a/c")
    assert films.home_url == films.videos_url and both.home_url == both.queue_url


def test_a_relays_own_list_holds_its_pictures_too() -> None:
    urls = 'queue_url = "https://relay.example"\nimages_url = "https://relay.example/v1/images/generations"'
    written(f'[profiles.uni]\n{urls}\nmodels = ["a/video"]\nimages_models = ["a/picture"]')

    assert settings.load("uni").active.own_models == ("a/video", "a/picture")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\n", "line 1: there is no setting called `a`."),
        ("\n\nconfirm_above_usd = 'much'", "line 3: `confirm_above_usd` must be a number, not 'much'."),
        ("download = 'sometimes'", "line 1: `download` must be auto or manual, not 'sometimes'."),
        ("debug = 1", "line 1: `debug` must be true or false, not '1'."),
        ("output_name = '{nothing}'", "line 1: `output_name`: '{nothing}' cannot name output files"),
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
        ("[profiles.b]\nbase = 'a'", "line 2: [profiles.b] `base` must be a profile that comes before it: fal."),
        ('[ profiles . "b" ]\nzoom = 1', "line 2: [profiles.b] there is no setting called `zoom`."),
    ],
)
def test_what_is_wrong_is_told_with_line_key_and_what_was_expected(text: str, problem: str) -> None:
    (told,) = problems(text)

    assert told.startswith(problem)


def test_what_is_right_is_used_all_the_same() -> None:
    written(
        "download = 'manual'\nzoom = 2\n[profiles.bad]\nauth = 'x'\n[profiles.good]\nqueue_url = 'https://x.example'"
    )
    loaded = settings.load(strict=False)

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


def test_a_file_that_cannot_be_read_at_all_is_named() -> None:
    written("").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        settings.load(strict=False)


BROKEN = """\
download = "manual"
output_name =
profile = "good"

[profiles.good]
queue_url = "https://good.example"

[profiles.half]
queue_url = "https://half.example"
auth = Bearer

[profiles.lost
queue_url = "https://lost.example"
key_env = "LOST_KEY"

[profiles.last]
models = [
    "a/b",  # the only one
]
images_url = "https://last.example/v1/images/generations"
"""


def test_lines_that_are_no_toml_cost_themselves_alone() -> None:
    assert problems(BROKEN) == [
        "line 2: `output_name` is not valid TOML: invalid value.",
        "line 10: [profiles.half] `auth` is not valid TOML: invalid value.",
        "line 12: this is not valid TOML: expected ']' at the end of a table declaration.",
    ]
    loaded = settings.load(strict=False)
    assert (loaded.download, loaded.profile) == ("manual", "good")
    assert loaded.get_profile("last").own_models == ("a/b",)


def test_a_profile_with_a_line_that_cannot_be_read_is_not_used_at_all() -> None:
    written(BROKEN)

    assert sorted(settings.load(strict=False).profiles) == ["fal", "good", "last"]
    with pytest.raises(ConfigError, match="line 10"):
        settings.load("half")


GOOD = '[profiles.good]\nqueue_url = "https://good.example"\n'


@pytest.mark.parametrize(
    "mistake",
    ["zoom = 2", "confirm_above_usd = 'much'", "download = 'sometimes'", "output_dir = 7", "[profiles.bad]\nauth = 1"],
)
def test_what_is_wrong_costs_itself_alone_also_where_money_is_spent(mistake: str) -> None:
    written(f'profile = "good"\n{mistake}\n{GOOD}')

    loaded = settings.load()

    assert (loaded.profile, len(loaded.problems)) == ("good", 1)
    assert loaded.active.queue_url == "https://good.example"


@pytest.mark.parametrize(
    "mistake",
    ['profil = "good"', "profile = 7", 'profile = "good', 'profile: "good"', 'profiles = "good"', 'Profile = "good"'],
)
def test_nothing_is_paid_elsewhere_where_the_active_profile_cannot_be_read(mistake: str) -> None:
    written(f"{mistake}\n{GOOD}")

    with pytest.raises(ConfigError):
        settings.load()
    if "profiles" not in mistake:
        assert settings.load("good").active.queue_url == "https://good.example"


@pytest.mark.parametrize(
    ("line", "is_used"),
    [
        ("zoom = 2", True),
        ("timeout = 30", True),
        ("queue_urll = 'https://x.example'", False),
        ("atuh = 'Bearer'", False),
    ],
)
def test_an_unknown_key_costs_a_profile_only_where_it_may_be_one_that_matters(line: str, is_used: bool) -> None:
    written(f"{GOOD}{line}\n")

    loaded = settings.load()

    assert ("good" in loaded.profiles) == is_used
    assert len(loaded.problems) == 1
    if not is_used:
        with pytest.raises(ConfigError, match="there is no setting called"):
            settings.load("good")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("debug = true\ndebug = false", "line 2: `debug` is not valid TOML: it is here a second time."),
        ("[profiles.a]\n[profiles.a]", "line 2: [profiles] this is not valid TOML: it is here a second time."),
        ("a = [\n1,\n", "line 1: `a` is not valid TOML"),
        ("profiles.hk.auth = 'Key'", "line 1: [profiles.hk] needs a `queue_url`"),
        ("[profiles]\nhk = { queue_url = 'http://x.example' }", "line 2: [profiles.hk] `queue_url` must begin with"),
        ("[profiles.hk]\nmodels = [\n  'a/b',\n]\nauth = 1", "line 5: [profiles.hk] `auth` must be text, not '1'."),
        ("profile = 'gone'", "line 1: `profile` names 'gone', which cannot be used: 'fal' is."),
        ("[profiles.a]\nqueue_url = 'https://x.example'\ncolour = 'mud'", "line 3: [profiles.a] `colour` must be"),
    ],
)
def test_every_way_of_writing_toml_is_told_by_its_line(text: str, problem: str) -> None:
    told = problems(text)

    assert told[0].startswith(problem)


@thorough(300)
@given(st.text(alphabet="ab.=[]\"'#{}\n 1,", max_size=60))
def test_no_text_is_too_broken_to_begin_with(text: str) -> None:
    table = TableFile(Path("config.toml"), text)
    try:
        whole: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert (table.table, bool(table.problems)) == (table.table, True)
    else:
        assert (table.table, table.problems) == (whole, [])


def test_every_profile_has_a_colour_of_its_own_unless_it_names_one() -> None:
    relays = "".join(f"[profiles.{name}]\nqueue_url = 'https://{name}.example'\n" for name in "abcd")
    written(f"{relays}colour = 'rose'\n[profiles.e]\nbase = 'd'\n[profiles.f]\nbase = 'fal'\ncolour = '#102030'")
    loaded = settings.load()
    colours = [loaded.colour(name) for name in ("fal", "demo", "a", "b", "c", "e")]

    assert len(set(colours)) == len(colours)
    assert loaded.colour("d") == profile.COLOURS["rose"]
    assert loaded.colour("f") == "#102030"


def test_the_command_line_wins_over_the_environment_which_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written("profile = 'a'")
    assert settings.load().profile == "a"
    monkeypatch.setenv("FALDECK_PROFILE", "b")
    assert settings.load(environ=os.environ).profile == "b"
    assert settings.load("c").profile == "c"


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    written('\ufeffdownload = "manual"\n')

    assert settings.load().download == "manual"


def test_an_alias_that_hides_a_model_or_leads_nowhere_is_told_with_its_line_and_costs_itself_alone() -> None:
    text = """[profiles.uni]
queue_url = "https://uni.example/fal-ai"
models = ["whisper"]
[aliases]
flux = "fal-ai/flux/dev"
page = " https://fal.ai/models/fal-ai/flux/dev/playground "
"fal-ai/flux/dev" = "acme/other/model"
whisper = "fal-ai/whisper"
fast = "schnell"
"two words" = "fal-ai/flux/dev"
many = ["fal-ai/flux/dev"]
"""
    said = problems(text)

    assert settings.load(strict=False).aliases == {
        "flux": "fal-ai/flux/dev",
        "page": "https://fal.ai/models/fal-ai/flux/dev/playground",
    }
    assert [one.partition(":")[0] for one in said] == [f"line {line}" for line in (11, 7, 8, 9, 10)]
    assert "hide" in said[1] and "hide" in said[2] and "leads nowhere" in said[3] and "one word" in said[4]
