"""Keys: where they are looked for, how they are kept, and that they are shown nowhere."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from faldeck.config import credentials
from faldeck.config.settings import OFFICIAL, RELAY, Config, ConfigError

KEY = "0f1e2d3c-canary:5ecre7ca9a7y"
RELAYED = replace(RELAY, name="hk", key_env="HK_KEY")
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


def mode(path: Path) -> int:
    """The permission bits of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def found(profile: str = "fal", **environ: str) -> tuple[str, str] | None:
    """The key of a profile and where it came from."""
    credential = credentials.find(OFFICIAL if profile == "fal" else RELAYED, environ)
    return (credential.key, credential.origin) if credential else None


def test_without_a_key_anywhere_there_is_none() -> None:
    assert found() is None
    assert found(FAL_KEY="  ", FAL_KEY_ID="a") is None


def test_the_environment_comes_first() -> None:
    path = credentials.save("fal", "saved")

    assert found(FAL_KEY=f" {KEY}\n", FAL_KEY_ID="a", FAL_KEY_SECRET="b") == (KEY, "$FAL_KEY")
    assert found(FAL_KEY_ID="a", FAL_KEY_SECRET="b") == ("a:b", "$FAL_KEY_ID and $FAL_KEY_SECRET")
    assert found() == ("saved", str(path))


def test_a_profile_is_never_given_the_key_of_another() -> None:
    credentials.save("fal", "saved")

    assert found("hk", FAL_KEY=KEY, FAL_KEY_ID="a", FAL_KEY_SECRET="b") is None
    assert found("hk", HK_KEY="mine") == ("mine", "$HK_KEY")


def test_a_second_profile_of_the_same_service_does_not_take_its_environment() -> None:
    assert credentials.find(replace(OFFICIAL, name="work", key_env=None), {"FAL_KEY": KEY}) is None


@posix
def test_saved_keys_are_private_even_where_the_folder_was_not() -> None:
    folder = credentials.credentials_path().parent
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    path = credentials.save("fal", KEY)

    assert (mode(path), mode(folder)) == (0o600, 0o700)
    assert os.listdir(folder) == ["credentials.toml"]


@posix
@pytest.mark.parametrize("others", [0o640, 0o604, 0o620, 0o666])
def test_keys_that_others_can_read_are_refused_with_the_command_that_mends_it(others: int) -> None:
    path = credentials.save("fal", KEY)
    path.chmod(others)
    for use in (lambda: found(), lambda: credentials.save("hk", "x"), lambda: credentials.remove("fal")):
        with pytest.raises(ConfigError, match=f"chmod 600 {path}") as caught:
            use()
        assert KEY not in str(caught.value)
    path.chmod(0o600)
    assert found() == (KEY, str(path))


@posix
def test_keys_in_a_folder_that_others_can_change_are_refused() -> None:
    folder = credentials.save("fal", KEY).parent
    folder.chmod(0o777)

    with pytest.raises(ConfigError, match=f"chmod 700 {folder}"):
        found()


def test_keys_are_kept_side_by_side_and_forgotten_one_by_one() -> None:
    credentials.save("fal", KEY)
    credentials.save("hk", "other-key")

    assert credentials.remove("fal")
    assert not credentials.remove("fal")
    assert (found(), found("hk")) == (None, ("other-key", str(credentials.credentials_path())))


@pytest.mark.parametrize(
    "content", [b"keys = ", b"\xff", b"[keys]\nfal = 1\n", b"a=" + b"[" * 10**5, b"a=" + b"9" * 5_000]
)
def test_a_broken_file_of_keys_is_named_and_not_shown(content: bytes) -> None:
    path = credentials.save("fal", KEY)
    path.write_bytes(content)
    try:
        assert found() is None
    except ConfigError as error:
        assert str(path) in str(error)


def test_a_disk_that_is_full_leaves_the_old_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    path = credentials.save("fal", KEY)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        credentials.save("fal", "newer-key")
    assert found() == (KEY, str(path))
    assert os.listdir(path.parent) == ["credentials.toml"]


def test_a_key_is_in_no_text_about_it() -> None:
    credential = credentials.find(OFFICIAL, {"FAL_KEY": KEY})

    assert credential is not None
    assert KEY not in f"{credential!r}"
    assert credential.masked == "0f1e…:••••"
    assert credentials.Credential("short", "x").masked == "••••"


def test_an_env_file_is_read_only_where_the_config_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text(f"FAL_KEY={KEY}\n")

    assert credentials.find(OFFICIAL, credentials.environment(Config())) is None
    credential = credentials.find(OFFICIAL, credentials.environment(Config(env_file=Path(".env"))))
    assert credential is not None and credential.key == KEY
    monkeypatch.setenv("FAL_KEY", "stronger-key")
    credential = credentials.find(OFFICIAL, credentials.environment(Config(env_file=Path(".env"))))
    assert credential is not None and credential.key == "stronger-key"


def test_an_env_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"The env_file .*nowhere cannot be read: No such file"):
        credentials.environment(Config(env_file=tmp_path / "nowhere"))


def test_a_folder_without_the_env_file_of_others_has_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    credentials.save("fal", KEY)
    environ = credentials.environment(Config(env_file=Path(".env")))

    credential = credentials.find(OFFICIAL, environ)
    assert credential is not None and credential.key == KEY


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("export A=x", "x"),
        ("  A = x  ", "x"),
        ("A='x # y'", "x # y"),
        ('A="x y" # why', "x y"),
        ("A=x # why", "x"),
        ("A=x#y", "x#y"),
        ("A=", ""),
        ("A=a:b=c", "a:b=c"),
        ("A='x", "'x"),
    ],
)
def test_a_line_of_an_env_file_sets_a_variable(tmp_path: Path, line: str, value: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# a comment\n\nnonsense\n{line}\n9=x\n")

    assert credentials.read_env_file(path) == {"A": value}
