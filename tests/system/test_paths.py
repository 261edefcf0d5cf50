"""Where our folders are."""

import sys
from pathlib import Path

import platformdirs
import pytest

from faldeck.history import history_path
from faldeck.system import paths

SURROUNDINGS = [
    {},
    {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/e", "XDG_STATE_HOME": "/f"},
    {"XDG_CONFIG_HOME": "not/whole", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": " /e ", "XDG_STATE_HOME": "~/f"},
    {"HOME": "not/whole"},
    {"HOME": ""},
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=str)
def test_folders_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str]) -> None:
    for name in SURROUNDINGS[1]:
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    system = platformdirs.PlatformDirs(paths.APP, appauthor=False)

    assert paths.config_dir() == Path(system.user_config_dir)
    assert paths.data_dir() == Path(system.user_data_dir)
    assert paths.cache_dir() == Path(system.user_cache_dir)
    assert paths.state_dir() == Path(system.user_state_dir)
    assert paths.log_dir() == Path(system.user_log_dir)


@pytest.mark.parametrize("named", ["", "/p", "not/whole"])
@pytest.mark.parametrize("file", ["", 'XDG_PICTURES_DIR="$HOME/Bilder"\n'])
def test_pictures_are_where_the_system_has_them(
    isolation: Path, monkeypatch: pytest.MonkeyPatch, named: str, file: str
) -> None:
    monkeypatch.setenv("XDG_PICTURES_DIR", named)
    if file:
        (isolation / "config").mkdir()
        (isolation / "config" / "user-dirs.dirs").write_text(file)

    assert paths.pictures_dir() == Path(platformdirs.user_pictures_dir())


@pytest.mark.skipif(sys.platform != "linux", reason="on other systems the folders exist already")
def test_no_folder_is_made_by_being_named(isolation: Path) -> None:
    assert not history_path(is_demo=True).parent.exists()


def test_the_demo_has_a_history_of_its_own() -> None:
    assert history_path(is_demo=True).parent == history_path().parent / paths.DEMO
