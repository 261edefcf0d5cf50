"""The emulator as a relay: what it names otherwise, what it leaves out, what it does not offer (protocol §9)."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.emulator import Emulator
from support.emulator_caller import LAKE, Caller

from fal_emulator.plan import RequestPlan

OVER = RequestPlan(queued=0, running=1)
WAITING = RequestPlan(queued=1e6, running=1)
CRASH = {"failure": "crash"}


class Customer(Caller):
    """A caller with a relay's key."""

    def __init__(self, emulator: Emulator, kind: str, scheme: str) -> None:
        super().__init__(emulator)
        self.http.headers["Authorization"] = f"{scheme} sk-relay"
        emulator.faults(kind)

    def draw(self, **body: Any) -> httpx.Response:
        """What the Images page answers."""
        headers = {"Authorization": "Bearer sk-relay"}
        return self.http.post("/v1/images/generations", json=body, headers=headers)


@pytest.fixture(params=[("relay-a", "Bearer"), ("relay-b", "Key")], ids=["a", "b"])
def customer(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Customer]:
    """A customer of each kind of relay."""
    with Customer(emulator, *request.param) as customer:
        yield customer


@pytest.fixture
def of_a(emulator: Emulator) -> Iterator[Customer]:
    """A customer of relay A."""
    with Customer(emulator, "relay-a", "Bearer") as customer:
        yield customer


@pytest.fixture
def of_b(emulator: Emulator) -> Iterator[Customer]:
    """A customer of relay B."""
    with Customer(emulator, "relay-b", "Key") as customer:
        yield customer


def test_every_url_names_the_official_host_and_the_app(customer: Customer) -> None:
    submitted = customer.submit("fal-ai/sketch/fast", LAKE)

    urls = [url for name, url in submitted.items() if name.endswith("_url")]
    start = f"https://queue.fal.run/fal-ai/sketch/requests/{submitted['request_id']}"
    assert urls and all(url.startswith(start) for url in urls)


def test_what_a_submit_answers_differs(of_a: Customer) -> None:
    names = {"status", "request_id", "response_url", "status_url", "queue_position"}
    assert of_a.submit("fal-ai/sketch/fast", LAKE).keys() == names | {"cancel_url"}
    of_a.emulator.faults("relay-b")
    of_a.http.headers["Authorization"] = "Key sk-relay"
    assert of_a.submit("fal-ai/sketch/fast", LAKE).keys() == names | {"logs", "metrics"}


def test_pending_is_answered_with_200(customer: Customer) -> None:
    answer = customer.request(customer.place("demo/sketch/fast", WAITING), "/status")

    assert (answer.status_code, answer.json()["status"]) == (200, "IN_QUEUE")


def test_only_relay_b_has_a_word_for_failure(of_a: Customer) -> None:
    failed = of_a.place("demo/mishap/any", OVER, CRASH, age=10)
    assert of_a.request(failed, "/status").json()["status"] == "COMPLETED"
    of_a.emulator.faults("relay-b")
    of_a.http.headers["Authorization"] = "Key sk-relay"
    assert of_a.request(failed, "/status").json()["status"] == "FAILURE"


def test_an_early_result_is_told_with_200_by_relay_b(of_b: Customer) -> None:
    answer = of_b.request(of_b.place("demo/sketch/fast", WAITING))

    assert (answer.status_code, answer.json()["detail"]) == (200, "Request is still in progress")


def test_a_relay_without_status_pages_answers_about_results(of_a: Customer) -> None:
    of_a.emulator.faults("relay-a,result-only")
    request_id = of_a.place("demo/sketch/fast", OVER, LAKE, age=10)

    assert of_a.request(request_id, "/status").status_code == 404
    assert of_a.request(request_id).json()["prompt"] == "a lake"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/queue/fal-ai/sketch/requests/{id}/status/stream"),
        ("PUT", "/queue/fal-ai/sketch/requests/{id}/cancel"),
        ("POST", "/run/fal-ai/sketch/fast"),
        ("POST", "/rest/storage/auth/token"),
        ("POST", "/rest/storage/upload/initiate"),
    ],
)
def test_what_a_relay_does_not_offer_is_no_page_of_it(customer: Customer, method: str, path: str) -> None:
    answer = customer.http.request(method, path.format(id=customer.place("demo/sketch/fast", WAITING)))

    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Invalid URL")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/queue/fal-ai/sketch/fast"), ("GET", "/queue/fal-ai/sketch/requests/x")]
)
def test_a_relay_of_pictures_has_no_queue(of_a: Customer, method: str, path: str) -> None:
    of_a.emulator.faults("relay-images")

    assert of_a.http.request(method, path, json=LAKE).status_code == 404
    assert of_a.draw(model="sketch/fast", **LAKE).json()["data"]


def test_the_key_must_stand_behind_the_relays_own_word(customer: Customer) -> None:
    word, _, key = customer.http.headers["Authorization"].partition(" ")
    customer.http.headers["Authorization"] = f"{'Key' if word == 'Bearer' else 'Bearer'} {key}"
    answer = customer.http.post("/queue/fal-ai/sketch/fast", json=LAKE)

    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "Invalid token")


def test_an_unknown_model_is_refused_in_the_relays_form(customer: Customer) -> None:
    answer = customer.http.post("/queue/fal-ai/nobody/knows", json=LAKE)

    assert answer.status_code == 404
    assert "not found" in answer.json()["error"]["message"]


@pytest.mark.parametrize("model", ["sketch/fast", "fal-ai/sketch/fast"])
def test_the_images_page_draws_by_url(customer: Customer, model: str) -> None:
    answer = customer.draw(model=model, prompt="a lake", n=2, size="64x48").json()

    assert answer["created"] > 0
    pictures = [customer.http.get(entry["url"]).content for entry in answer["data"]]
    assert [picture[:4] for picture in pictures] == [b"\x89PNG"] * 2
    assert int.from_bytes(pictures[0][16:20]) == 64


def test_the_images_page_packs_pictures_where_that_is_asked_for(customer: Customer) -> None:
    answer = customer.draw(model="sketch/fast", response_format="b64_json", **LAKE).json()

    (entry,) = answer["data"]
    assert base64.b64decode(entry["b64_json"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("size", ["²x²", "9" * 5000 + "x9", "64x48x32", "wide", 7])
def test_the_images_page_passes_over_a_size_that_is_none(customer: Customer, size: object) -> None:
    assert customer.draw(model="sketch/fast", size=size, **LAKE).json()["data"]


def test_the_images_page_wants_an_object(of_a: Customer) -> None:
    answer = of_a.http.post("/v1/images/generations", json=["sketch/fast"])

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_the_images_page_refuses_in_the_form_of_openai(customer: Customer) -> None:
    answer = customer.draw(model="sketch/fast", prompt="x", num_images=99)

    assert answer.status_code == 422
    assert "4" in answer.json()["error"]["message"]


def test_the_service_itself_has_no_images_page(caller_of_the_service: Caller) -> None:
    answer = caller_of_the_service.http.post("/v1/images/generations", json={"model": "sketch/fast", "prompt": "x"})

    assert answer.status_code == 404


@pytest.fixture
def caller_of_the_service(emulator: Emulator) -> Iterator[Caller]:
    """Somebody who speaks to no relay."""
    with Caller(emulator) as caller:
        yield caller


def test_a_video_is_a_task_that_is_asked_about_by_its_id(of_a: Customer) -> None:
    of_a.emulator.faults("relay-videos")
    made = of_a.http.post("/v1/video/generations", json={"model": "sketch/fast", **LAKE}).json()
    assert (made["status"], made["id"]) == ("queued", made["task_id"])
    waiting = of_a.place("demo/sketch/fast", WAITING)
    done = of_a.place("demo/sketch/fast", OVER, LAKE, age=10)
    failed = of_a.place("demo/mishap/any", OVER, CRASH, age=10)

    tasks = [of_a.http.get(f"/v1/video/generations/{task_id}").json() for task_id in (waiting, done, failed)]
    assert {task["code"] for task in tasks} == {"success"}
    assert [task["data"]["status"] for task in tasks] == ["QUEUED", "SUCCESS", "FAILED"]
    assert tasks[1]["data"]["data"]["prompt"] == "a lake"
    assert tasks[2]["data"]["data"]["detail"]


def test_only_a_relay_has_tasks_and_only_for_its_key(of_a: Customer, caller_of_the_service: Caller) -> None:
    page = "/v1/video/generations"
    of_a.emulator.faults("relay-videos")
    assert of_a.http.get(f"{page}/nobodys").status_code == 404
    assert of_a.http.post(page, json=["sketch/fast"]).status_code == 400
    assert of_a.http.post(page, json={"model": "sketch/fast"}, headers={"Authorization": "Key x"}).status_code == 401
    assert of_a.http.post("/queue/fal-ai/sketch/fast", json=LAKE).status_code == 404
    of_a.emulator.faults("")
    assert caller_of_the_service.http.post(page, json={"model": "sketch/fast"}).status_code == 404
