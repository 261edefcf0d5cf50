"""Values selected from a result, and the arguments of jobs compared."""

import re

import pytest

from faldeck.app import job_documents
from faldeck.app.job_documents import Given
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import new_id
from faldeck.schema import json_value
from faldeck.schema.json_value import JsonValue

RESULT: JsonValue = {
    "images": [{"url": "https://v3.fal.media/a.png", "width": 64}, {"url": "https://v3.fal.media/b.png", "width": 32}],
    "seed": 7,
    "a.b": {"c": None},
    "has_nsfw_concepts": [],
}


def job(*, input_known: bool = True) -> Job:
    return Job(
        id=new_id(),
        profile="fal",
        endpoint_id="fal-ai/flux/dev",
        state=State.COMPLETED,
        created_at=now(),
        input_known=input_known,
    )


def compared(*arguments: dict[str, JsonValue], unknown: int = 0) -> job_documents.Comparison:
    """The comparison of jobs with these arguments, and of some whose input is not known."""
    jobs = [job() for _ in arguments] + [job(input_known=False) for _ in range(unknown)]
    return job_documents.compare(jobs, [Body(one) for one in arguments] + [Body({}) for _ in range(unknown)])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("images[1].url", "https://v3.fal.media/b.png"),
        ("seed", 7),
        ('["a.b"].c', None),
        ("images[1]", {"url": "https://v3.fal.media/b.png", "width": 32}),
    ],
)
def test_a_path_gives_its_value(path: str, value: JsonValue) -> None:
    assert job_documents.select(RESULT, json_value.parse(path)) == value


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("images[0].ulr", "The result has no images[0].ulr. The nearest path is images[0].url."),
        ("image.url", "The result has no image.url. The nearest path is images[0].url."),
        ("images[7].width", "The result has no images[7].width. The nearest path is images[1].width."),
        ("images.1.url", "The result has no images.1.url. The nearest path is images[1].url."),
        ("video", 'The result has no video. It has images, seed, ["a.b"], has_nsfw_concepts.'),
        ("images[0].zoom", "The result has no images[0].zoom. images[0] has url, width."),
        ("has_nsfw_concepts[0]", "The result has no has_nsfw_concepts[0]. has_nsfw_concepts is an empty list."),
        ("seed.x", "The result has no seed.x. seed has no members."),
    ],
)
def test_a_path_that_leads_nowhere_is_answered_with_the_nearest(path: str, said: str) -> None:
    with pytest.raises(job_documents.NoSuchValue, match=f"^{re.escape(said)}$"):
        job_documents.select(RESULT, json_value.parse(path))


def test_strings_are_raw_and_all_else_is_json() -> None:
    assert [job_documents.text(value) for value in ("日 本\n", 1.5, None, ["x", {"ü": True}])] == [
        "日 本\n",
        "1.5",
        "null",
        '["x", {"ü": true}]',
    ]


def test_arguments_differ_where_a_value_is_another_or_only_some_have_it() -> None:
    found = compared(
        {"prompt": "a lake", "seed": 1, "image_size": {"width": 64, "height": 48}, "loras": [{"path": "x"}]},
        {"seed": 1.0, "prompt": "a fox", "image_size": {"width": 64, "height": 32}, "loras": [], "sync_mode": None},
    )

    assert {json_value.spell(one.path): one.given for one in found.differences} == {
        "prompt": (Given("a lake", True), Given("a fox", True)),
        "image_size.height": (Given(48, True), Given(32, True)),
        "loras[0]": (Given({"path": "x"}, True), Given(None, False)),
        "sync_mode": (Given(None, False), Given(None, True)),
    }
    assert found.same == 1


def test_one_of_three_that_differs_is_a_difference() -> None:
    found = compared({"seed": 1}, {"seed": 1}, {"seed": True})

    assert [one.given for one in found.differences] == [(Given(1, True), Given(1, True), Given(True, True))]


def test_equal_arguments_have_no_differences() -> None:
    assert compared({"prompt": "x", "a": [1, {"b": None}]}, {"a": [1, {"b": None}], "prompt": "x"}).differences == ()


def test_a_job_whose_input_is_not_known_differs_from_none() -> None:
    found = compared({"seed": 1, "prompt": "x"}, {"seed": 2, "prompt": "x"}, unknown=1)

    assert [one.given for one in found.differences] == [(Given(1, True), Given(2, True), Given(None, False))]
    assert found.same == 1 and compared({"seed": 1}, unknown=1).differences == ()
