"""Typing in a row: which row gets the text, what is shown and selected, when it begins and ends. No screen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from faldeck.schema.document import from_components
from faldeck.schema.fields import ValueProblem
from faldeck.tui.form.line_editor import LineEditor
from faldeck.tui.form.rows import FormRow
from faldeck.tui.form.state import FormState
from faldeck.tui.form.type_ahead import TypeAhead


class FakeInput:
    """An input that remembers what it was told."""

    def __init__(self) -> None:
        self.value = ""
        self.cursor_position = 0
        self.placeholder = ""
        self.suggestions: Sequence[str] = ()
        self.completes_paths = False
        self.is_shown = False
        self.is_selected = False

    def show(self, text: str, *, placeholder: str, suggestions: Sequence[str], completes_paths: bool) -> None:
        self.value, self.cursor_position = text, len(text)
        self.placeholder, self.suggestions, self.completes_paths = placeholder, suggestions, completes_paths
        self.is_shown, self.is_selected = True, False

    def hide(self) -> None:
        self.is_shown = False

    def select_all(self) -> None:
        self.is_selected = True

    def replace_selection(self, text: str) -> None:
        before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
        self.value = text if self.is_selected else f"{before}{text}{after}"


COMPONENTS: dict[str, object] = {
    "Input": {
        "type": "object",
        "properties": {
            "prompt": {"type": "string"},
            "steps": {"type": "integer", "default": 28},
            "image_url": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
}


def form(values: dict[str, str | int]) -> FormState:
    return FormState(from_components("acme/paint", "Input", COMPONENTS), dict(values))


def row(state: FormState, name: str) -> FormRow:
    return next(row for row in state.rows() if row.path == (name,))


@pytest.fixture
def text_input() -> FakeInput:
    return FakeInput()


@pytest.fixture
def editor(text_input: FakeInput) -> LineEditor:
    return LineEditor(text_input)


def test_typing_begins_with_the_rows_own_value(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({"prompt": "a fox"})
    editor.begin(state, row(state, "prompt"))
    assert editor.is_active and text_input.is_shown and text_input.value == "a fox"
    assert not text_input.is_selected


def test_a_default_is_only_a_placeholder(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({})
    editor.begin(state, row(state, "steps"))
    assert (text_input.value, text_input.placeholder) == ("", "28")


def test_a_rejected_text_is_shown_again(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({"steps": 30})
    state.set_text(row(state, "steps"), "3o")
    editor.begin(state, row(state, "steps"))
    assert text_input.value == "3o"


def test_paths_are_completed_where_a_file_goes(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({})
    editor.begin(state, row(state, "image_url"))
    assert text_input.completes_paths
    editor.begin(state, row(state, "prompt"))
    assert not text_input.completes_paths


def test_a_drafts_value_is_selected_until_it_is_changed(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({"prompt": "a fox"})
    state.mark_as_earlier()
    editor.begin(state, row(state, "prompt"))
    assert text_input.is_selected
    state.set_text(row(state, "prompt"), "a wolf")
    editor.end()
    editor.begin(state, row(state, "prompt"))
    assert not text_input.is_selected


def test_a_value_that_was_refused_is_not_selected_so_that_it_can_be_corrected(
    editor: LineEditor, text_input: FakeInput
) -> None:
    state = form({"prompt": "a fox"})
    state.mark_as_earlier()
    state.add_problems([ValueProblem(("prompt",), "too short")])
    editor.begin(state, row(state, "prompt"))
    assert not text_input.is_selected


def test_a_value_of_another_form_is_selected(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({})
    state.carry_over_from(form({"prompt": "a fox"}))
    editor.begin(state, row(state, "prompt"))
    assert text_input.is_selected and text_input.value == "a fox"


def test_typing_ends_once_and_the_input_goes(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({})
    assert not editor.end()
    editor.begin(state, row(state, "prompt"))
    assert editor.end() and not text_input.is_shown and not editor.is_active
    assert not editor.end()


def test_no_row_gets_the_text_that_the_input_begins_with() -> None:
    rows: list[FormRow | None] = []

    class ReportingInput(FakeInput):
        def show(self, text: str, *, placeholder: str, suggestions: Sequence[str], completes_paths: bool) -> None:
            rows.append(line_editor.row)

    state, line_editor = form({"prompt": "a fox"}), LineEditor(ReportingInput())
    line_editor.begin(state, row(state, "prompt"))
    line_editor.begin(state, row(state, "steps"))
    assert rows == [None, None]


def test_a_paste_of_several_lines_goes_in_at_the_cursor_as_one(editor: LineEditor, text_input: FakeInput) -> None:
    state = form({"prompt": "a fox"})
    editor.insert("ignored")
    assert text_input.value == ""
    editor.begin(state, row(state, "prompt"))
    text_input.cursor_position = 2
    assert editor.around_cursor() == ("a ", "fox")
    editor.insert("red\nshy \n")
    assert text_input.value == "a red shy fox"


def test_an_item_that_is_emptied_is_removed_when_the_typing_ends() -> None:
    state = FormState(from_components("acme/paint", "Input", COMPONENTS), {"tags": ["sea", "sky"]})
    state.tree.open(("tags",))
    first = next(row for row in state.rows() if row.path == ("tags", 0))
    state.set_text(first, "")
    assert state.arguments() == {"tags": ["", "sky"]}
    assert state.end_typing() and state.arguments() == {"tags": ["sky"]}
    assert not state.end_typing()


def test_text_typed_ahead_is_kept_for_the_form() -> None:
    ahead = TypeAhead()
    ahead.add("lost")
    ahead.begin(keeps_text=True)
    ahead.add("a ")
    ahead.add("fox")
    assert ahead.is_waiting and ahead.end() == "a fox" and not ahead.is_waiting


def test_text_typed_ahead_of_a_past_request_is_dropped() -> None:
    ahead = TypeAhead()
    ahead.begin(keeps_text=False)
    ahead.add("kkk")
    assert ahead.end() == ""


def test_escape_cancels_the_wait_for_a_form() -> None:
    ahead = TypeAhead()
    ahead.begin(keeps_text=True)
    ahead.add("a fox")
    ahead.cancel()
    assert not ahead.is_waiting and ahead.end() is None
