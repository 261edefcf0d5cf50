"""What a shell completes of faldeck's words."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.emulator import Emulator
from support.shell import MISHAP, SKETCH, SMALL, Person, jobs

from faldeck.cli.command_table import COMMANDS
from faldeck.cli.commands.completion import SCRIPTS
from faldeck.config.settings import config_path


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def completed(person: Person, *words: str) -> list[str]:
    """What the last of the words may become."""
    said = person.types("completion", "bash", "--", *words)
    assert said.status == 0
    return said.out.splitlines()


def test_commands_and_options_are_completed(person: Person) -> None:
    assert completed(person, "") == [command.name for command in COMMANDS]
    assert completed(person, "jo") == ["jobs"]
    assert completed(person, "--demo", "stat") == ["status", "stats"]
    assert completed(person, "--profile", "l") == ["lab"]
    assert completed(person, "jobs", "--s") == ["--search", "--state", "--since", "--starred", "--sort"]
    assert completed(person, "jobs", "--state", "comp") == ["completed"]
    assert completed(person, "batch", "re") == ["resume", "retry"]
    assert completed(person, "nonsense", "") == completed(person, "jobs", "--search", "") == []


def test_models_fields_and_values_are_completed_from_the_disk(person: Person, emulator: Emulator) -> None:
    person.types("models")
    person.types("schema", SKETCH)
    person.types("schema", MISHAP)
    emulator.forget()

    assert set(completed(person, "run", "demo/sketch/")) >= {SKETCH, "demo/sketch/pro", "demo/sketch/trainer"}
    assert completed(person, "schema", "demo/sketch/f") == [SKETCH]
    assert completed(person, "jobs", "--model", "demo/sketch/f") == [SKETCH]
    assert completed(person, "run", SKETCH, "--num") == ["--num-images"]
    assert completed(person, "run", SKETCH, "--no-") == [
        "--no-sync-mode",
        "--no-enable-safety-checker",
        "--no-history",
        "--no-retry",
    ]
    assert completed(person, "run", SKETCH, "-p", "x", "--image-size", "landscape") == [
        "landscape_4_3",
        "landscape_16_9",
    ]
    assert "several_fields" in completed(person, "run", MISHAP, "--failure", "")
    assert completed(person, "run", SKETCH, "--priority", "") == ["normal", "low"]
    assert completed(person, "run", SKETCH, "--prompt", "") == []
    assert emulator.requests() == []


def test_ids_of_jobs_are_completed(person: Person) -> None:
    assert completed(person, "status", "") == []
    person.types("run", SKETCH, "-p", "a lake\x1b[31m", *SMALL)
    (job,) = jobs()

    assert completed(person, "status", "") == completed(person, "wait", "x", "") == [job.request_id]
    fish = person.types("completion", "fish", "--", "result", "").out
    assert fish == f"{job.request_id}\tcompleted a lake\n"


def test_tags_are_completed(person: Person) -> None:
    assert completed(person, "tag", "") == []
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()
    person.types("tag", "poster", job.id)

    assert completed(person, "tag", "po") == ["poster"]
    assert completed(person, "tag", "poster", "") == [job.request_id]


def test_what_stands_before_the_command_says_where_to_look(person: Person, tmp_path: Path) -> None:
    roles = config_path().read_text()
    config_path().write_text(f'{roles}\n[profiles.uni]\nqueue_url = "https://uni.invalid"\nmodels = ["kling/v2"]\n')
    person.types("models")
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    ours = jobs()[0].request_id

    assert completed(person, "--profile", "uni", "run", "k") == completed(person, "--profile=uni", "run", "k")
    assert completed(person, "--profile", "uni", "run", "k") == ["kling/v2"]
    assert SKETCH in completed(person, "run", "")
    assert completed(person, "--demo", "status", "") == []
    person.types("--demo", "run", SKETCH, "-p", "a lake", *SMALL)
    person.types("--demo", "models")
    (played,) = completed(person, "--demo", "status", "")
    assert completed(person, "status", "") == [ours] != [played]
    assert SKETCH in completed(person, "--demo", "run", "demo/sketch/f")
    said = person.types("completion", "bash", "--", "--profile", "nope", "run", "")
    assert said.out == ""


def test_batches_are_completed_by_their_own_ids(person: Person) -> None:
    assert completed(person, "batch", "resume", "") == []
    for _ in range(2):
        person.types("run", SKETCH, "-p", "a lake", *SMALL, "--repeat", "2")
    listed = [batch["id"] for batch in person.types("batch", "list", "--json").documents]

    assert completed(person, "batch", "resume", "") == completed(person, "batch", "cancel", "") == listed
    assert completed(person, "batch", "resume", listed[0][:-1]) == [listed[0]]


def test_the_fields_of_a_model_that_an_option_names_are_completed(person: Person) -> None:
    person.types("models")
    person.types("schema", SKETCH)

    for named in (["--model", SKETCH], ["-m", SKETCH], [f"--model={SKETCH}"], ["--model", SKETCH, "--model", "a/b"]):
        assert completed(person, "run", *named, "--im") == ["--image-size"]
        assert "landscape_4_3" in completed(person, "run", *named, "--image-size", "")
    assert completed(person, "run", "--model", "demo/sketch/f") == [SKETCH]
    assert completed(person, "run", "--model", SKETCH, "--model", "demo/sketch/f") == [SKETCH]
    assert completed(person, "run", "--json", "--model", SKETCH, "--num") == ["--num-images"]


def test_colons_mean_nothing_to_zsh(person: Person) -> None:
    out = person.types("completion", "zsh", "--", "jobs", "--since").out

    assert out.startswith("--since:only jobs made since") and out.count("\n") == 1


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_shell_reads_its_script(person: Person, shell: str) -> None:
    program = shutil.which(shell)
    script = person.types("completion", shell).out
    assert f"faldeck completion {shell} -- " in script
    if program is None:
        pytest.skip(f"{shell} is not installed")
    assert subprocess.run([program, "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(person: Person, tmp_path: Path) -> None:
    command = tmp_path / "faldeck"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m faldeck "$@"\n')
    command.chmod(0o755)
    words = 'COMP_WORDS=(faldeck jobs --state cancelle) COMP_CWORD=3; _faldeck; printf "%s\\n" "${COMPREPLY[@]}"'
    script = f'PATH="{tmp_path}:$PATH"\neval "$(faldeck completion bash)"\n{words}\n'

    done = subprocess.run(["bash"], input=script, env=os.environ, capture_output=True, text=True, check=True)

    assert done.stdout == "cancelled\n"
