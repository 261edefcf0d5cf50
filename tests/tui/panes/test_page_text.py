"""The text of a page: what a search goes through, where a document's lines stand, and which of them is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable

from faldeck.history import LogLine
from faldeck.job import Body, Job, State, now
from faldeck.job_ids import new_id
from faldeck.tui.panes import page_text, result_pages
from faldeck.tui.panes.page_text import PageText
from faldeck.tui.panes.page_view import PageView
from faldeck.tui.panes.result_pages import ResultView
from faldeck.tui.panes.search_line import Matches

DOCUMENT = {
    "images": [{"url": "https://v3.fal.media/a.png", "size": {}}, None],
    "a.b": "日本語 のとても長い文",
    "seed": 7,
}


def found(text: PageText, words: str) -> list[str]:
    """The rows at which the lines with these words are shown."""
    matches = Matches()
    matches.look(words, text.lines, 0)
    return [page_text.text_of(text.rows[text.row_with(line, words.split()[0])]) for line in matches.places]


def view_of(document: object, *, width: int = 40, height: int = 4) -> PageView:
    view = PageView()
    view.show(PageText(page_text.json_rows(document, width)), height)
    return view


def test_json_is_laid_out_as_everywhere() -> None:
    text = PageText(page_text.json_rows(DOCUMENT, 400))

    assert text.lines == json.dumps(DOCUMENT, indent=2, ensure_ascii=False).split("\n")


def test_a_long_value_goes_on_at_the_depth_of_its_line() -> None:
    rows = [page_text.text_of(row) for row in page_text.json_rows({"a": {"url": "https://v3.fal.media/a.png"}}, 20)]

    assert rows == ["{", '  "a": {', '    "url":', '    "https://v3.fal.', '    media/a.png"', "  }", "}"]
    assert all(len(row) <= 20 for row in rows)


def linked(rows: list[page_text.Row]) -> list[tuple[str, str]]:
    """The pieces of text that open a link, with its address."""
    spans = [span for row in rows for span in row]
    return [(text, style.removeprefix("link ")) for text, style in spans if style.startswith("link ")]


def test_an_address_in_a_document_is_a_link_on_each_row_that_it_fills() -> None:
    url = "https://v3.fal.media/a.png"
    document = {"a": {"url": url}, "text": f"see {url}", "odd": 'https://x.example/"', "n": ["ftp://x.example/a"]}

    assert linked(page_text.json_rows(document, 80)) == [(url, url)]
    assert linked(page_text.json_rows(document, 20)) == [("https://v3.fal.", url), ("media/a.png", url)]
    assert linked(page_text.json_rows(f"https://{'x' * 9_000}.example", 80)) == []


def test_a_document_that_is_deeper_than_the_pane_is_wide_is_shown_all_the_same() -> None:
    document: object = "a text"
    for _ in range(30):
        document = [document]
    rows = [page_text.text_of(row) for row in page_text.json_rows(document, 16)]

    assert all(len(row) <= 16 for row in rows)
    assert "a text" in " ".join(row.strip() for row in rows)


def test_each_line_of_a_document_has_its_path() -> None:
    text = PageText(page_text.json_rows(DOCUMENT, 12, ("input",)))
    paths = {text.lines[line].strip(): text.path(line) for line in range(len(text.lines))}

    assert len(text.rows) > len(text.lines) == 11
    assert paths['"url": "https://v3.fal.media/a.png",'] == ("input", "images", 0, "url")
    assert paths['"size": {}'] == ("input", "images", 0, "size")
    assert paths["null"] == ("input", "images", 1)
    assert paths['"a.b": "日本語 のとても長い文",'] == ("input", "a.b")
    assert paths["],"] == ("input", "images")
    assert paths["}"] == ("input",)


def test_words_are_found_wherever_their_line_is_broken() -> None:
    text = PageText(page_text.paragraph("a fox in the snow\n日本語のとても長い文です\nnone", "", 8))

    assert found(text, "fox snow") == ["a fox in"]
    assert found(text, "のとても長い") == ["日本語の"]
    assert found(text, "とても長い文です") == ["日本語の"]
    assert found(text, "日本語 none") == []


def test_a_log_line_is_found_as_a_whole() -> None:
    job = Job(id=new_id(), profile="fal", endpoint_id="a/b", state=State.RUNNING, created_at=now())
    logs = [LogLine("2026-03-01T10:30:40Z", "INFO", f"step {step} of the long way to the picture") for step in (1, 2)]

    text = PageText(result_pages.log_page(ResultView(job, Body({}), logs), 24))

    assert text.lines == [f"10:30:40 step {step} of the long way to the picture" for step in (1, 2)]
    assert found(text, "2 picture") == ["10:30:40 step 2 of the"]


def test_the_cursor_moves_by_lines_and_stays_on_the_screen() -> None:
    view = view_of(DOCUMENT, width=12)
    for _ in range(20):
        view.scroll(1)
        rows = view.text.rows_of(view.line)
        assert view.scrolled <= rows.start < view.scrolled + 4
    assert view.line == len(view.text.lines) - 1
    view.scroll(-1_000_000)
    assert (view.line, view.scrolled) == (0, 0)


def test_a_match_below_the_fold_is_brought_onto_the_screen_and_gets_the_cursor() -> None:
    view = view_of({"long": "x" * 400, "end": "y " * 40 + "fox"})
    line = next(line for line, text in enumerate(view.text.lines) if "fox" in text)

    view.show_match(line, "fox")

    shown = [page_text.text_of(view.rows[row]) for y in range(4) if (row := view.row_at(y)) is not None]
    assert view.line == line and any("fox" in text for text in shown)


def test_a_move_of_the_cursor_forgets_the_path_that_was_copied() -> None:
    view = view_of(DOCUMENT)
    moves: list[Callable[[], None]] = [
        lambda: view.scroll(1),
        lambda: view.go_to(0),
        view.to_start,
        lambda: view.show_match(2, "url"),
    ]
    for move in moves:
        view.named = ("seed",)
        move()
        assert view.named is None


def test_a_page_without_paths_has_no_cursor_and_is_scrolled_to_its_end() -> None:
    view = PageView()
    view.show(PageText([[("line", "")]] * 10), 4)

    view.scroll(1_000_000)

    assert (view.has_cursor, view.scrolled, view.line) == (False, 6, 0)
    view.show(PageText(), 4)
    assert (view.scrolled, view.row_at(0)) == (0, None)
