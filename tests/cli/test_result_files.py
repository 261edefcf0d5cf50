"""`faldeck result --download`: files under the names that are asked for, their sidecars, and files that are gone."""

import json
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs, output_of

from faldeck.config.settings import config_path
from faldeck.history import sidecar


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def test_result_fetches_what_was_left_at_the_service(person: Person, emulator: Emulator) -> None:
    config_path().write_text('download = "manual"\n' + config_path().read_text())
    left = person.types("run", SKETCH, "-p", "a lake", *SMALL)
    assert left.out.startswith(f"{emulator.url}/cdn/")

    said = person.types("result", jobs()[0].id, "--download")

    assert said.status == 0
    assert Path(said.out.rstrip("\n")).read_bytes() == output_of(jobs()[0])


def test_a_result_is_saved_by_the_names_that_are_asked_for_though_it_was_saved_before(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--num-images", "2").out.split()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "fox-1.png").write_text("somebody else's")

    said = person.types("result", jobs()[0].id, "--download", "new/fox-{index}.{ext}")
    told = person.types("result", jobs()[0].id, "--download", "new/fox-{index}.{ext}", "--json").document

    named = [str(tmp_path / "new" / name) for name in ("fox-1-2.png", "fox-2.png")]
    assert (said.status, said.out.split()) == (0, named)
    assert [output["path"] for output in told["outputs"]] == named
    assert [Path(path).read_bytes() for path in named] == [Path(path).read_bytes() for path in first]
    assert (tmp_path / "new" / "fox-1.png").read_text() == "somebody else's"
    beside = [sidecar.path_beside(Path(path)) for path in named]
    assert sorted((tmp_path / "new").iterdir()) == sorted([tmp_path / "new" / "fox-1.png", *map(Path, named), *beside])
    assert [json.loads(path.read_text())["arguments"]["prompt"] for path in beside] == ["a lake"] * 2
    assert person.types("result", jobs()[0].id).out.split() == first


def test_a_file_that_was_saved_without_a_sidecar_gets_one_when_it_is_asked_for_again(person: Person) -> None:
    settings = config_path().read_text()
    config_path().write_text(f"sidecar = false\n{settings}")
    made = Path(person.types("run", SKETCH, "-p", "a lake", *SMALL).out.strip())
    person.types("result", jobs()[0].id, "--download")
    assert not sidecar.path_beside(made).exists()

    config_path().write_text(settings)
    person.types("result", jobs()[0].id)
    assert not sidecar.path_beside(made).exists()
    person.types("result", jobs()[0].id, "--download")
    assert json.loads(sidecar.path_beside(made).read_text())["id"] == jobs()[0].id


@pytest.mark.parametrize("template", [(), ("here/{index}.{ext}",)], ids=["as before", "by a name"])
def test_a_saved_file_that_is_gone_is_fetched_again(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = Path(person.types("run", SKETCH, "-p", "a lake", *SMALL).out.rstrip("\n"))
    content = made.read_bytes()
    made.unlink()

    said = person.types("result", jobs()[0].id, "--download", *template)

    assert said.status == 0
    assert Path(said.out.rstrip("\n")).read_bytes() == content == output_of(jobs()[0])
    assert said.out.rstrip("\n") == (str(tmp_path / "here" / "1.png") if template else str(made))


def test_a_result_that_cannot_be_saved_by_that_name_says_why(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (tmp_path / "new").write_text("no folder")

    said = person.types("result", jobs()[0].id, "--download", "new/{index}.{ext}")

    assert said.status == 1
    assert str(tmp_path / "new") in said.err and "Traceback" not in said.err
