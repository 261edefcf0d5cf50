"""What a person chooses in the job list: sections, filters, orders, marks."""

from faldeck.app.job_sections import BUILT_IN, Section, next_name, sections
from faldeck.query import Query, SortBy
from faldeck.tui.panes.job_list_state import JobListState

FOXES = Section("foxes", "fox kind:image sort:cost", True)


def choice(*saved: Section) -> JobListState:
    return JobListState((*BUILT_IN, *saved))


def test_the_typed_filter_narrows_the_open_section() -> None:
    one = choice()
    one.open_section("failed")
    one.text = "lake -tag:draft"

    assert one.query == Query.of("lake -tag:draft state:failed")
    assert one.filter == "state:failed lake -tag:draft"


def test_the_tabs_turn_in_a_circle() -> None:
    one = choice(FOXES)

    one.turn(-1)
    assert one.section == FOXES
    one.turn(1)
    assert one.section.name == "all"


def test_a_typed_order_wins_over_the_section_s_own() -> None:
    one = choice(FOXES)
    one.open_section("foxes")

    orders = [one.query.sort]
    one.text = "sort:took"
    assert [*orders, one.query.sort] == [SortBy.COST, SortBy.TOOK]


def test_the_order_steps_through_time_cost_and_duration() -> None:
    one = choice()
    one.text = "fox"

    assert [one.next_order(), one.text] == [SortBy.COST, "fox sort:cost"]
    assert [one.next_order(), one.text] == [SortBy.TOOK, "fox sort:took"]
    assert [one.next_order(), one.text] == [SortBy.TIME, "fox"]


def test_one_model_is_shown_and_all_are_shown_again() -> None:
    one = choice()
    one.text = "fox"

    one.toggle_model("fal-ai/flux/dev")
    assert one.query == Query.of("fox model:=fal-ai/flux/dev")
    one.toggle_model("fal-ai/veo3")
    assert one.text == "fox"


def test_what_is_not_understood_is_a_problem_and_hides_nothing_else() -> None:
    one = choice(Section("bad", "stat:failed", True))
    one.open_section("bad")
    one.text = "fox cost:dear"

    assert [problem.text for problem in one.problems] == ["stat:failed", "cost:dear"]
    assert one.query == Query.of("fox")


def test_a_section_that_is_gone_opens_the_first_one() -> None:
    one = choice(FOXES)
    one.open_section("foxes")

    one.sections = BUILT_IN
    assert one.section.name == "all"


def test_marks_are_kept_in_the_order_in_which_they_were_made() -> None:
    one = choice()

    for job_id in ("c", "a", "b", "a"):
        one.toggle_mark(job_id)
    assert list(one.marked) == ["c", "b"]
    one.invert_marks(["a", "b", "d"])
    assert list(one.marked) == ["a", "d"]
    one.mark(["e", "a"])
    assert list(one.marked) == ["a", "d", "e"]
    one.unmark()
    assert not one.marked


def test_a_saved_section_of_a_built_in_name_takes_its_place() -> None:
    all_of_them = sections({"failed": "state:failed,expired", "foxes": "fox"})

    assert [one.name for one in all_of_them] == ["all", "live", "failed", "starred", "unconfirmed", "foxes"]
    assert all_of_them[2] == Section("failed", "state:failed,expired", True)


def test_a_new_section_is_offered_a_name_that_is_not_taken() -> None:
    assert next_name({}, "fox kind:image since:2026-11") == "fox kind:image s"
    assert next_name({"fox": "fox"}, "fox") == "fox 2"
    assert next_name({}, "") == "section"
