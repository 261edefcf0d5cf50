"""The command line as a whole: help, wrong words, and what is imported for what."""

import sqlite3
import subprocess
import sys

import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, Said

from fal_emulator.faults import FAULTS
from faldeck import __version__
from faldeck.cli.command_table import COMMANDS
from faldeck.config.settings import config_path
from faldeck.history import Lease, Store, history_path
from faldeck.job import now


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def imported(*words: str) -> set[str]:
    """The modules that a command imports, in a process of its own."""
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "sys.argv[0] = 'faldeck'\n"
        "from faldeck.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--version",),
        ("nonsense",),
        ("--nonsense",),
        *((command.name, "--help") for command in COMMANDS if not command.takes_flags),
        ("jobs", "--nonsense"),
        ("run",),
        ("status",),
    ],
    ids=" ".join,
)
def test_help_and_wrong_words_cost_no_heavy_import(words: tuple[str, ...]) -> None:
    assert not imported(*words) & {"textual", "httpx", "sqlite3", "rich", "starlette"}


@pytest.mark.parametrize(
    "words",
    [("jobs",), ("jobs", "--json"), ("export",), ("config", "show"), ("key", "show"), ("commands", "--json")],
    ids=" ".join,
)
def test_what_only_asks_the_disk_imports_no_network(person: Person, words: tuple[str, ...]) -> None:
    assert not imported(*words) & {"textual", "httpx", "rich", "starlette"}


def test_an_export_needs_no_event_loop(person: Person) -> None:
    assert "asyncio" not in imported("export")


def test_the_version_costs_no_import_at_all() -> None:
    assert imported("--version") == {"faldeck", "faldeck.__main__"}


HEAVY = {"textual", "httpx", "rich", "starlette", "asyncio"}
"""What each costs more than all that a listing needs."""


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("jobs", "--help"),
        ("jobs", "--limit", "20", "--json"),
        ("jobs", "--limit", "20"),
        ("jobs", "--search", "lake", "--json"),
        ("jobs", "--state", "failed", "--since", "7d", "--json"),
        ("completion", "bash"),
        ("completion", "bash", "--", "jo"),
        ("completion", "bash", "--", "status", ""),
    ],
    ids=" ".join,
)
def test_what_a_shell_asks_often_imports_nothing_heavy(person: Person, words: tuple[str, ...]) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)

    modules = imported(*words)

    assert not modules & HEAVY
    assert not modules & {"faldeck.schema.fields", "faldeck.engine.supervisor", "faldeck.app.catalogue"}


def test_a_list_of_jobs_needs_no_dataclass(person: Person) -> None:
    assert "dataclasses" not in imported("jobs", "--limit", "20", "--json")


def test_a_listing_creates_no_history(person: Person) -> None:
    said = person.types("jobs", "--json")

    assert (said.status, said.out) == (0, "")
    assert not history_path().parent.exists()


def test_a_status_imports_no_screen_and_asks_once(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    waiting = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async").out.strip()
    asked = len(emulator.requests(path="/status"))

    assert not imported("status", waiting, "--json") & {"textual", "rich", "starlette", "click"}
    assert len(emulator.requests(path="/status")) == asked + 1


def test_a_status_is_recorded(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    waiting = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async").out.strip()
    with sqlite3.connect(history_path()) as database:
        database.execute("UPDATE job SET queue_position = 99")

    told = person.types("status", waiting, "--json").document

    assert told["state"] == "queued"
    (recorded,) = person.types("jobs", "--json").documents
    assert recorded["queue_position"] == told["queue_position"] != 99


def test_the_status_of_a_job_that_another_process_follows_is_told_as_that_records_it(
    person: Person, emulator: Emulator
) -> None:
    emulator.hold_jobs()
    waiting = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async").out.strip()
    instant = round(now().timestamp() * 1000)
    store = Store(history_path())
    (held,) = store.leases.claim(Lease("another", instant + 60_000), None, ["lab"], instant)
    asked = len(emulator.requests(path="/status"))

    told = person.types("status", waiting, "--json").document

    assert told["state"] == "queued"
    assert len(emulator.requests(path="/status")) == asked
    assert store.leases.holds("another", held.id)
    store.close()


def test_a_status_leaves_the_job_free(person: Person, emulator: Emulator) -> None:
    emulator.hold_jobs()
    waiting = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--async").out.strip()

    person.types("status", waiting, "--json")

    instant = round(now().timestamp() * 1000)
    store = Store(history_path())
    assert store.leases.claim(Lease("another", instant + 60_000), None, ["lab"], instant)
    store.close()


def test_the_status_of_a_job_that_has_ended_asks_nobody(person: Person) -> None:
    ended = person.types("run", SKETCH, "-p", "a lake", *SMALL, "--json").document["id"]

    assert not imported("status", ended, "--json") & {*HEAVY, "http.client", "faldeck.config.settings"}


def test_what_asks_the_service_imports_no_screen(person: Person) -> None:
    assert not imported("run", SKETCH, "-p", "a lake", *SMALL) & {"textual", "starlette"}


def test_the_version_is_printed(person: Person) -> None:
    assert person.types("--version").out == f"faldeck {__version__}\n"


def test_the_help_names_every_command(person: Person) -> None:
    said = person.types("--help")

    assert said.status == 0
    assert all(f"\n  {command.name} " in said.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_command_has_a_help(person: Person, command: object) -> None:
    name = getattr(command, "name", "")
    said = person.types(name, "--help")

    assert said.status == 0
    assert said.out.startswith(f"usage: faldeck {name}")
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("job",), "there is no command 'job'; did you mean jobs?"),
        (("xyzzy",), "there is no command 'xyzzy'"),
        (("--demo", "--profile", "lab", "jobs"), "not allowed with"),
        (("jobs", "--limit", "many"), "must be a whole number, 0 or more, not 'many'"),
        (("jobs", "--since", "yore"), "takes a date such as 2026-11, 2026-11-03, 7d or yesterday, not 'yore'"),
        (("jobs", "--since", "999999w"), "takes a date such as 2026-11, 2026-11-03, 7d or yesterday, not '999999w'"),
        (("run", SKETCH, "--lifecycle", "soon"), "must be seconds or one of immediate, 1h, 1d, 7d, 30d, 1y, never"),
        (("run", SKETCH, "--start-timeout", "soon"), "must be a number of seconds, not 'soon'"),
        (("emulator", "--speed", "fast"), "must be a number above 0, not 'fast'"),
        (("emulator", "--speed", "0"), "argument --speed: must be a number above 0, not '0'"),
        (("emulator", "--port", "http"), "must be from 0 to 65535, not http"),
        (("run", "--demo", SKETCH), "--demo must come before the command: faldeck --demo run"),
        (("run", SKETCH, "-p", "x", "--profile", "lab"), "--profile must come before the command: faldeck --profile"),
        (("status", "ID", "--demo"), "--demo must come before the command: faldeck --demo status"),
        (("run", SKETCH, "-p", "x", "--async", "--download", "x/{name}"), "--async waits for no files: faldeck result"),
        (("run", SKETCH, "-p", "x", "--repeat", "2", "--async", "--download"), "--async waits for no files"),
        (("status", "ID", "--timeout", "9"), "--timeout needs --follow"),
        (("batch", "list", "--parallel", "2"), "--max-usd and --yes are for `batch resume`"),
        (("batch", "cancel", "ID", "--timeout", "2"), "--max-usd and --yes are for `batch resume`"),
        (("result", "--download", "ID"), "Which jobs? The word after --download is its TEMPLATE"),
        (("models", "--profile=lab"), "--profile must come before the command: faldeck --profile NAME models"),
        (("doctor", "extra"), "unrecognized arguments: extra"),
        (("jobs", "--limit", "-1"), "must be a whole number, 0 or more, not '-1'"),
        (("run", SKETCH, "--timeout", "-1"), "must be a number of seconds, not '-1'"),
        (("run", SKETCH, "--timeout", "nan"), "must be a number of seconds, not 'nan'"),
        (("run", SKETCH, "--repeat", "0"), "must be a whole number, 1 or more, not '0'"),
        (("run", SKETCH, "--max-usd", "inf"), "must be an amount in USD, not 'inf'"),
        (("emulator", "--port", "99999"), "must be from 0 to 65535, not 99999"),
        (("upload", "https://a.invalid/b.png"), "is a URL already; give it to the model as it is"),
        (("status",), "the following arguments are required: ID"),
        (("run",), "which model?"),
    ],
)
def test_wrong_words_are_told_in_a_sentence(person: Person, words: tuple[str, ...], reason: str) -> None:
    said = person.types(*words)

    assert said.status == 2
    assert said.out == "" and reason in said.err


@pytest.mark.parametrize("since", ["1600-01-01", "2600-01-01T00:00:00Z", "999w"])
def test_no_day_of_the_calendar_is_too_far_away_to_be_asked_for(person: Person, since: str) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)

    said = person.types("jobs", "--since", since, "--json")

    assert (said.status, said.err) == (0, "")
    assert len(said.documents) == (0 if since.startswith("26") else 1)


def test_the_help_of_the_emulator_names_what_can_go_wrong(person: Person) -> None:
    said = person.types("emulator", "--help").out

    assert all(f"\n  {fault} " in said for fault in FAULTS)
    assert "relay" in said and "images" in said


def test_an_unknown_profile_is_named_with_those_that_are_known(person: Person) -> None:
    said = person.types("--profile", "moon", "models")

    assert said.status == 2
    assert said.err == "faldeck: There is no profile called 'moon'. Known profiles: fal, lab.\n"


@pytest.mark.parametrize(
    "words",
    [("jobs",), ("jobs", "--json"), ("export",), ("batch", "list"), ("config", "show"), ("key", "show"), ("models",)],
    ids=" ".join,
)
def test_a_profile_that_is_misspelt_is_told_by_every_command(
    person: Person, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    told = "There is no profile called 'lav'. Known profiles: fal, lab. Did you mean lab?"

    for said in (person.types("--profile", "lav", *words), _with_profile("lav", person, monkeypatch, words)):
        assert said.status == 2
        assert said.err == f"faldeck: {told}\n"
        assert person.types("--profile", "lab", *words).status == 0


def _with_profile(name: str, person: Person, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> Said:
    with monkeypatch.context() as environment:
        environment.setenv("FALDECK_PROFILE", name)
        return person.types(*words)


def test_mistakes_in_the_config_hide_no_history_of_a_profile(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    config_path().write_text("zoom = 2\n[profiles.hk]\nqueue_url = 7\n")

    assert len(person.types("--profile", "hk", "jobs", "--json").documents) == 1


def test_where_the_config_is_can_be_asked_by_whoever_misspelt_a_profile_in_it(person: Person) -> None:
    assert person.types("--profile", "lav", "config", "path").out == f"{config_path()}\n"


def test_the_deck_needs_a_terminal(person: Person) -> None:
    said = person.runs()

    assert (said.status, said.out) == (2, "")
    assert said.err == "faldeck: The deck needs a terminal. For scripts there are commands.\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_no_error(person: Person, closed: str) -> None:
    words = (
        f"{sys.executable} -m faldeck --version {closed} && {sys.executable} -m faldeck jobs --json {closed}"
        f" && {sys.executable} -m faldeck run {SKETCH} -p a {closed}"
    )

    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
