"""The pages of a result as rows: as much as can be looked at, of however much there is."""

import json

from faldeck.job import Body, Failure, FileState, Job, Output, State, now
from faldeck.job_ids import new_id
from faldeck.tui.panes import page_text, result_pages
from faldeck.tui.panes.result_pages import ResultView


def page(result: object, width: int = 80) -> list[str]:
    """The JSON page of a job with this result."""
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now())
    return [
        "".join(text for text, _ in row) for row in result_pages.json_page(ResultView(job, Body({}, result), ()), width)
    ]


def test_a_result_is_laid_out_as_json() -> None:
    assert json.loads("\n".join(page({"seed": 7, "images": []}))) == {"seed": 7, "images": []}


def test_of_a_huge_result_only_the_beginning_is_laid_out() -> None:
    class Endless(list[int]):
        """A list that nobody may go through to its end."""

        def __iter__(self):  # type: ignore[no-untyped-def]
            for number in range(10**9):
                assert number < page_text.JSON_CHARACTERS
                yield number

    shown = page({"output": "x" * 300, "list": Endless([0])})

    assert shown[0] == "{"
    assert sum(map(len, shown)) <= page_text.JSON_CHARACTERS


def test_a_word_without_a_blank_is_broken_where_the_line_ends() -> None:
    shown = page({"output": "x" * 150_000}, width=100)

    assert {len(line) for line in shown[2:-2]} == {100}


def test_a_job_for_a_model_that_does_not_exist_names_the_nearest() -> None:
    failure = Failure(message="Path /fastest not found", status=404)
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.FAILED, created_at=now(), error=failure)
    shown = ResultView(job, Body({}), (), meant="a/b/fast")
    text = "\n".join("".join(text for text, _ in row) for row in result_pages.output_page(shown, 80))

    assert "Path /fastest not found" in text
    assert "The nearest model of the catalogue is a/b/fast" in text


def test_the_note_and_the_tags_of_a_job_stand_by_its_output() -> None:
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now())
    marked = job._replace(note="for the poster, " + "second row " * 9, tags=("fox", "best"))

    def shown(job: Job) -> list[str]:
        rows = result_pages.output_page(ResultView(job, Body({}), ()), 60)
        return ["".join(text for text, _ in row) for row in rows]

    assert "tags #fox #best" in shown(marked)
    (first,) = [index for index, row in enumerate(shown(marked)) if row.startswith("note for the poster, second row")]
    assert "second row" in shown(marked)[first + 1] and max(map(len, shown(marked))) <= 60
    assert not any(row.startswith(("tags", "note")) for row in shown(job))


def test_links_that_a_text_cites_and_inputs_that_come_back_are_shown_as_links() -> None:
    own, cited, given = "https://v3.fal.media/a.png", "https://news.example/b?c=d", "https://mine.example/in.png"
    result = {
        "output": "It is so [1].",
        "images": [{"url": own}],
        "citations": [cited, cited],
        "input": {"image_url": given},
        "status_url": "https://queue.fal.run/a/b/requests/1/status",
    }
    job = Job(
        id=new_id(),
        profile="fal",
        endpoint_id="a/b",
        state=State.COMPLETED,
        created_at=now(),
        outputs=(Output(at="images[0]", url=own, state=FileState.SAVED, path="/out/a.png"),),
    )
    body = Body({"image_url": given}, result)
    for width in (40, 100):
        rows = result_pages.output_page(ResultView(job, body, ()), width)
        links = [style.removeprefix("link ") for row in rows for _, style in row if style.startswith("link ")]
        assert [url for url in links if url != own] == [cited, given]
    assert f"link {given}" in [
        style for row in result_pages.input_page(ResultView(job, body, ()), 80) for _, style in row
    ]


def test_a_link_that_is_gone_is_told_at_its_file() -> None:
    gone = Output(
        at="images[0]", url="https://v3.fal.media/a.png", state=FileState.FAILED, problem="x", gone_ms=43_200_000
    )
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.COMPLETED, created_at=now(), outputs=(gone,))
    text = "\n".join(
        "".join(text for text, _ in row) for row in result_pages.output_page(ResultView(job, Body({}), ()), 80)
    )

    assert "link gone since Jan 1, 1970" in text
