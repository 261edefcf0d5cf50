"""`faldeck show --as`: a request as a program, shown by running the program."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

from fal_emulator.state import fingerprint
from faldeck.app.export_code import FORMS, Call
from faldeck.config.settings import OFFICIAL, Profile, config_path, load
from faldeck.fal.submit_options import SubmitOptions

HARD = """it's a "quoted" `lake` $HOME \\n ${x}\nEOF\n日本 \u202e '''  """
MACHINE = dict(os.environ)


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


@pytest.fixture
def shown(person: Person, emulator: Emulator) -> Callable[..., str]:
    """A function that makes a hard request and gives it in a form; the emulator has seen nothing else then."""

    def show(form: str, *words: str) -> str:
        options = ("--priority", "low", "--hint", "abc", "-H", "X-Fal-Tags: a='b'", "--start-timeout", "30")
        person.types("run", SKETCH, "-p", HARD, *SMALL, "--seed", "7", *(words or options))
        said = person.types("show", jobs()[0].id, "--as", form)
        assert said.status == 0 and "0f1e2d3c" not in said.out
        emulator.forget()
        return said.out

    return show


def run(*words: str, text: str = "", folder: Path | None = None) -> str:
    """What a program prints, with the key in its environment."""
    environment = {**MACHINE, "LAB_KEY": "0f1e2d3c:good"}
    done = subprocess.run(words, input=text, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(emulator: Emulator, request_id: str, prompt: str = HARD) -> Mapping[str, Any]:
    """The headers of the only request that was sent, which asks for what the first did."""
    (post,) = emulator.posts(SKETCH)
    headers: Mapping[str, Any] = post["headers"]
    key = {"Authorization": "Key 0f1e2d3c:good"}
    query = {"endpoint_id": SKETCH, "request_id": request_id, "expand": "payloads"}
    url = f"{emulator.url}/api/v1/models/requests/by-endpoint"
    while not (found := httpx.get(url, params=query, headers=key, verify=False).json()["items"]):
        pass
    assert found[0]["json_input"] == {"prompt": prompt, "image_size": {"width": 64, "height": 48}, "seed": 7}
    return headers


def same_options(headers: Mapping[str, Any]) -> bool:
    options = (headers["x-fal-queue-priority"], headers["x-fal-runner-hint"], headers["x-fal-tags"])
    return options == ("low", "abc", "a='b'") and float(headers["x-fal-request-timeout"]) == 30


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_shell_command_sends_the_same(shown: Callable[..., str], emulator: Emulator) -> None:
    answer = json.loads(run("sh", text=shown("curl")))

    assert same_options(check(emulator, answer["request_id"]))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_shell_command_can_be_longer_than_one_word_may_be(person: Person, emulator: Emulator) -> None:
    prompt = "x" * 200_000 + HARD
    profile = replace(load().active, queue_url=f"{emulator.url}/queue", key_env="LAB_KEY")
    arguments = {"prompt": prompt, "image_size": {"width": 64, "height": 48}, "seed": 7}

    script = FORMS["curl"](Call(profile=profile, endpoint_id=SKETCH, arguments=arguments, options=SubmitOptions()))

    check(emulator, json.loads(run("sh", text=script))["request_id"], prompt)


def test_the_python_script_makes_the_same(shown: Callable[..., str], emulator: Emulator) -> None:
    request_id, result = run(sys.executable, "-", text=shown("python")).splitlines()

    assert same_options(check(emulator, request_id))
    assert "'width': 64" in result


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_module_makes_the_same(
    shown: Callable[..., str], emulator: Emulator, request: pytest.FixtureRequest
) -> None:
    folder = Path(request.config.rootpath, ".pytest_cache", "d", "fal-ai-client")
    if not (folder / "node_modules" / "@fal-ai" / "client").is_dir():
        pytest.skip("the official JavaScript client is not installed; its own test does that")
    request_id, result = run("node", "--input-type=module", text=shown("js"), folder=folder).split(maxsplit=1)

    assert same_options(check(emulator, request_id))
    assert json.loads(result)["images"][0]["width"] == 64


def test_a_direct_call_stays_one(shown: Callable[..., str], emulator: Emulator) -> None:
    run(sys.executable, "-", text=shown("python", "--sync"))

    assert emulator.posts() == []
    assert len(emulator.requests(method="POST", path=f"/run/{SKETCH}")) == 1


def test_the_input_can_be_run_again(shown: Callable[..., str], person: Person, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text(shown("json"))

    said = person.types("run", SKETCH, "--input", str(tmp_path / "input.json"), "--dry-run")

    assert said.document["arguments"]["prompt"] == HARD


def test_without_a_form_the_facts_are_shown(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (job,) = jobs()

    said = person.types("show", str(job.request_id))

    facts = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert (facts["job"], facts["model"], facts["input"]) == (job.id, SKETCH, "a lake")
    assert facts["file"] == job.outputs[0].path
    assert person.types("show", job.id, "--json").document["id"] == job.id
    assert person.types("show", "nobody").status == 4


def test_the_job_that_made_the_input_is_named_and_those_that_used_the_output(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    (lake,) = jobs()
    person.types("run", "demo/sketch/edit", "-p", "at night", "--image-url", f"job:{lake.id}")
    night = jobs()[0]

    assert f"used in  sketch/edit · at night ({night.id})" in person.types("show", lake.id).out.splitlines()
    assert f"made from  sketch/fast · a lake ({lake.id})" in person.types("show", night.id).out.splitlines()
    assert f"used in  sketch/edit · at night ({night.id})" in person.types("status", lake.id).out.splitlines()
    assert f"made from  sketch/fast · a lake ({lake.id})" in person.types("status", night.id).out.splitlines()
    for command in ("show", "status"):
        documents = [person.types(command, job.id, "--json").document for job in (lake, night)]
        assert [(one["parent"], one.get("used_in")) for one in documents] == [(None, [night.id]), (lake.id, None)]


def test_a_relays_key_is_never_shown_to_fals_own_clients(person: Person) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL)
    config_path().write_text(
        '[profiles.lab]\nqueue_url = "https://relay.example/fal-ai"\nauth = "Bearer"\nkey_env = "LAB_KEY"\n'
    )

    said = person.types("show", jobs()[0].id, "--as", "python")

    assert said.status == 2
    assert "can only be shown as curl or json" in said.err
    command = person.types("show", jobs()[0].id, "--as", "curl").out
    assert f"https://relay.example/fal-ai/{SKETCH}" in command and '"Authorization: Bearer $LAB_KEY"' in command


@pytest.mark.parametrize(
    ("name", "key_env", "variable"),
    [
        ("hk", None, "HK_KEY"),
        ("my relay.2", None, "MY_RELAY_2_KEY"),
        ("2nd", None, "_2ND_KEY"),
        ("中转", None, "___KEY"),
        ("FAL", None, "_FAL_KEY"),
        ("hk", "OWN", "OWN"),
        ("fal", "FAL_KEY", "FAL_KEY"),
    ],
)
def test_the_key_of_fal_is_never_named_for_another_service(name: str, key_env: str | None, variable: str) -> None:
    profile = Profile(name=name, queue_url="https://relay.example", auth="Bearer", key_env=key_env)
    call = Call(profile=profile, endpoint_id="fal-ai/flux/dev", arguments={}, options=SubmitOptions())

    assert f'"Authorization: Bearer ${variable}"' in FORMS["curl"](call)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("named", [(), ("images_models",)], ids=["a page and no queue", "beside a queue"])
def test_a_request_to_an_images_page_is_shown_as_one(
    person: Person, emulator: Emulator, named: tuple[str, ...]
) -> None:
    queue = f'queue_url = "{emulator.url}/queue/fal-ai"\nimages_models = ["sketch/fast"]\n' if named else ""
    config_path().write_text(
        f'profile = "lab"\n[profiles.lab]\n{queue}images_url = "{emulator.url}/v1/images/generations"\n'
        f'key_env = "LAB_KEY"\nschema_url = "{emulator.url}/site/api/openapi/queue/openapi.json"\n'
    )
    emulator.faults("relay-images")
    person.types("run", "sketch/fast", "-p", "a lake", *SMALL, "--seed", "7", "-H", "X-Fal-Tags: a")
    emulator.forget()
    emulator.faults("relay-images")

    said = person.types("show", jobs()[0].id, "--as", "curl")
    answer = json.loads(run("sh", text=said.out))

    (post,) = emulator.requests(method="POST")
    assert (post["path"], post["headers"]["x-fal-tags"]) == ("/v1/images/generations", "a")
    assert emulator.keys == {fingerprint("Bearer 0f1e2d3c:good")}
    assert answer["data"][0]["url"]
    assert '"model": "sketch/fast"' in said.out and '"size": "64x48"' in said.out
    for form in ("python", "js"):
        refused = person.types("show", jobs()[0].id, "--as", form)
        assert (refused.status, refused.out) == (2, "") and "Only curl and json can be shown." in refused.err


def test_a_request_that_its_profile_cannot_make_any_more_is_refused(person: Person, emulator: Emulator) -> None:
    person.types("run", SKETCH, "-p", "a lake", *SMALL, "--sync")
    person.set_up(emulator.url, without="run_url")

    said = person.types("show", jobs()[0].id, "--as", "curl")

    assert (said.status, said.out) == (2, "")
    assert "run_url" in said.err


def test_fals_own_clients_need_no_other_host_for_fal() -> None:
    call = Call(
        profile=OFFICIAL,
        endpoint_id="fal-ai/flux/dev",
        arguments={"prompt": "x", "loras": [{"path": "a"}], "on": True, "none": None, "empty": []},
        options=SubmitOptions(webhook="https://a.invalid/hook", priority="low"),
    )

    script = FORMS["python"](call)
    compile(script, "script", "exec")
    assert "URL_FORMAT" not in script and "webhook_url='https://a.invalid/hook'" in script
    assert "requestMiddleware" not in FORMS["js"](call)
    assert "https://queue.fal.run/fal-ai/flux/dev?fal_webhook=https%3A%2F%2Fa.invalid%2Fhook" in FORMS["curl"](call)
