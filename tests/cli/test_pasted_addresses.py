"""What a browser shows, copied into a command in place of a model or a request."""

import httpx
import pytest
from support.emulator import Emulator
from support.shell import SKETCH, SMALL, Person, jobs

PAGES = [
    f"https://fal.ai/models/{SKETCH}",
    f"fal.ai/models/{SKETCH}/playground?share=1",
    f"https://fal.ai/models/{SKETCH}/llms.txt",
    f"queue.fal.run/{SKETCH}",
    "{url}/queue/" + SKETCH,
    f"models/{SKETCH}/",
    f"  /{SKETCH}/\n",
]
REQUESTS = [
    "https://queue.fal.run/demo/sketch/requests/{id}",
    "{url}/queue/demo/sketch/requests/{id}/status?logs=1",
    "queue.fal.run/demo/sketch/requests/{id}/status",
    f"https://fal.ai/models/{SKETCH}/requests/{{id}}",
    f"fal.ai/models/{SKETCH}/playground?request_id={{id}}",
    " demo/sketch/requests/{id}/ ",
]


@pytest.fixture
def person(emulator: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(emulator.url, capsys, monkeypatch)


def made_elsewhere(emulator: Emulator) -> str:
    """The id of a request that the history does not know."""
    body, key = {"prompt": "x", "image_size": {"width": 64, "height": 48}}, {"Authorization": "Key 0f1e2d3c:good"}
    answer = httpx.post(f"{emulator.url}/queue/{SKETCH}", json=body, headers=key)
    return str(answer.json()["request_id"])


@pytest.mark.parametrize("page", PAGES)
def test_a_model_is_known_by_what_a_browser_shows(person: Person, emulator: Emulator, page: str) -> None:
    page = page.format(url=emulator.url)

    for words in (("run", page, "-p", "x", "--async"), ("run", "--model", page, "-p", "x", "--async")):
        assert person.types(*words).status == 0
    assert [job.endpoint_id for job in jobs()] == [SKETCH, SKETCH]
    assert len(emulator.requests(method="POST", path=f"/queue/{SKETCH}")) == 2
    assert "--num-images" in person.types("run", page, "--help").out
    assert "--num-images" in person.types("schema", page).out
    assert person.types("price", page, "--json").document["endpoint_id"] == SKETCH
    assert person.types("models", page.strip(), "--json").documents[0]["endpoint_id"] == SKETCH
    assert len(person.types("jobs", "--model", page, "--json").documents) == 2


@pytest.mark.parametrize("address", REQUESTS)
def test_a_search_for_a_requests_address_finds_its_job(person: Person, emulator: Emulator, address: str) -> None:
    request_id = person.types("run", SKETCH, "-p", "x", *SMALL, "--json").document["request_id"]
    person.types("run", SKETCH, "-p", "requests queue demo sketch", *SMALL)
    address = address.format(id=request_id, url=emulator.url)

    found = person.types("jobs", "--search", address, "--json").documents

    assert [job["request_id"] for job in found] == [request_id]


@pytest.mark.parametrize("address", REQUESTS)
@pytest.mark.parametrize("has_jobs", [False, True])
def test_a_search_for_a_request_that_is_not_here_says_which_command_adopts_it(
    person: Person, emulator: Emulator, address: str, has_jobs: bool
) -> None:
    request_id = made_elsewhere(emulator)
    if has_jobs:
        person.types("run", SKETCH, "-p", "x", *SMALL)

    said = person.types("jobs", "--search", address.format(id=request_id, url=emulator.url))

    words = said.err.partition("`faldeck ")[2].partition("`")[0].split()
    assert person.types(*words).status == 0
    assert request_id in {job.request_id for job in jobs()}


@pytest.mark.parametrize("address", REQUESTS)
def test_a_request_is_known_by_what_a_browser_shows(person: Person, emulator: Emulator, address: str) -> None:
    request_id = person.types("run", SKETCH, "-p", "x", *SMALL, "--json").document["request_id"]
    address = address.format(id=request_id, url=emulator.url)

    for command in ("status", "result", "show", "wait"):
        assert person.types(command, address, "--json").document["request_id"] == request_id
    assert person.types("logs", address).status == 0
    assert "too late" in person.types("cancel", address).err
    assert len(jobs()) == 1


@pytest.mark.parametrize("address", REQUESTS)
@pytest.mark.parametrize("command", ["status", "adopt"])
def test_a_request_made_elsewhere_needs_its_address_alone(
    person: Person, emulator: Emulator, address: str, command: str
) -> None:
    request_id = made_elsewhere(emulator)

    said = person.types(command, address.format(id=request_id, url=emulator.url), "--json")

    assert said.document["request_id"] == request_id
    assert [job.request_id for job in jobs()] == [request_id]


def test_an_address_of_the_dashboard_needs_the_model_beside_it(person: Person, emulator: Emulator) -> None:
    request_id = made_elsewhere(emulator)
    address = f"https://fal.ai/dashboard/requests/{request_id}"

    for command in ("status", "adopt"):
        said = person.types(command, address)
        assert said.status in (2, 4) and "model" in said.err and jobs() == []
    assert (
        person.types("adopt", f"https://fal.ai/models/{SKETCH}", address, "--json").document["request_id"] == request_id
    )


@pytest.mark.parametrize("text", ["https://example.com/demo/sketch/fast", "https://fal.ai/pricing", "https://fal.ai"])
def test_other_addresses_are_no_models(person: Person, emulator: Emulator, text: str) -> None:
    said = person.types("run", text, "-p", "x")

    assert said.status == 2 and "is not an endpoint id such as" in said.err
    assert emulator.posts() == []


def test_a_page_of_the_documentation_is_answered_with_the_model_of_its_name(person: Person, emulator: Emulator) -> None:
    page = "https://docs.fal.ai/model-api-reference/image-generation-api/sketch-fast"
    assert SKETCH in person.types("models", page).out

    said = person.types("run", page, "-p", "x")

    assert said.status == 2 and f"did you mean {SKETCH}?" in said.err
    assert emulator.posts() == []


@pytest.mark.parametrize("command", ["schema", "price"])
def test_a_misspelt_model_is_answered_with_the_nearest_one(person: Person, command: str) -> None:
    assert person.types("models").status == 0

    said = person.types(command, "demo/sketch/fsat")

    assert said.status == 4 and f"Did you mean {SKETCH}?" in said.err
    assert "Did you mean" not in person.types(command, "me/private-model").err


@pytest.mark.parametrize("address", REQUESTS)
def test_the_files_of_a_request_are_opened_by_its_address(person: Person, emulator: Emulator, address: str) -> None:
    request_id = person.types("run", SKETCH, "-p", "x", *SMALL, "--json").document["request_id"]

    said = person.types("open", address.format(id=request_id, url=emulator.url), "--json")

    assert said.document["place"] == jobs()[0].outputs[0].path


def test_the_result_of_a_request_made_elsewhere_is_had_by_its_address(person: Person, emulator: Emulator) -> None:
    request_id = made_elsewhere(emulator)
    address = f"https://fal.ai/models/{SKETCH}/requests/{request_id}"
    person.types("wait", address, "--json")

    assert person.types("result", address, "--json").document["request_id"] == request_id
