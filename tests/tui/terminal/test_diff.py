"""What is sent makes a terminal show what was painted: pyte is the judge, of any frames after any others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from support.screen import Screen

from faldeck.tui.terminal.abilities import Abilities, heard
from faldeck.tui.terminal.diff import ScreenDiff
from faldeck.tui.terminal.grid import Grid, cells_of, is_disputed
from faldeck.tui.terminal.sgr import PLAIN, Style, restyled, transition

WIDTH, HEIGHT = 30, 4
NOT_ASKED, ABLE = Abilities(), Abilities(is_narrow=True, repeats=True, steps_down=True)
AGREED = (
    "a",
    "B",
    " ",
    " ",
    " ",
    "                ",
    "é",
    "│",
    "──────",
    "aaaaaa",
    "●",
    "e\u0301",
    "漢",
    "字",
    "한",
    "ｆ",
    "🚀",
)
JOINED = ("👨‍👩‍👧", "❤️", "🇫🇷", "🇫🇮", "👍🏽", "🏳️‍🌈", "1️⃣", "🗑")

"""A busy machine is no failure."""

COLOURS = st.sampled_from(("", "31", "92", "38;5;130", "38;2;1;2;3", "38;2;1;2;4"))
STYLES = st.builds(
    Style,
    COLOURS,
    st.sampled_from(("", "44", "48;5;17", "48;2;9;9;9")),
    st.frozensets(st.sampled_from("13479")),
    st.sampled_from(("", "", "https://example.com/1", "https://example.com/2")),
)


def painted(x: int, y: int, text: str, style: Style = PLAIN) -> str:
    """Text at a place, as Textual paints it."""
    codes = ";".join(code for code in (*sorted(style.attributes), style.foreground, style.background) if code)
    styled = f"\x1b[{codes}m{text}\x1b[0m" if codes else text
    return f"\x1b[{y + 1};{x + 1}H" + (
        f"\x1b]8;id=1;{style.link}\x1b\\{styled}\x1b]8;;\x1b\\" if style.link else styled
    )


@st.composite
def frames(draw: st.DrawFn, glyphs: Sequence[str]) -> str:
    """A few texts in a few places, none longer than its row."""
    frame = ""
    for _ in range(draw(st.integers(1, 6))):
        x, y = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
        text = "".join(draw(st.lists(st.sampled_from(glyphs), min_size=1, max_size=12)))
        fitting = sum(width <= WIDTH - x for width in accumulate(map(cell_len, text)))
        frame += painted(x, y, text[:fitting], draw(STYLES)) if fitting else ""
    return frame + "\x1b[1;1H"


def new_screen() -> Screen:
    screen = Screen(WIDTH, HEIGHT)
    screen.feed(b"\x1b[?7l")
    return screen


class Line:
    """A grid, the shadow that follows it, and the screen of the terminal that is sent the difference."""

    def __init__(self, *, erases_in_colour: bool = True, abilities: Abilities = NOT_ASKED) -> None:
        self.grid = Grid(WIDTH, HEIGHT)
        self.shadow = ScreenDiff(erases_in_colour=erases_in_colour)
        self.shadow.use(abilities)
        self.screen = new_screen()

    def show(self, frame: str) -> str:
        """Paints a frame; gives what was sent for it."""
        self.grid.paint(frame)
        sent = self.shadow.follow(self.grid)
        self.screen.feed(sent.encode())
        return sent

    def row(self, y: int) -> str:
        return self.screen.text.split("\n")[y]


@given(
    st.lists(frames(AGREED), min_size=1, max_size=5),
    st.booleans(),
    st.builds(Abilities, st.booleans(), st.booleans(), st.booleans()),
)
def test_a_terminal_that_gets_the_differences_shows_what_one_shows_that_gets_the_frames(
    painted_frames: list[str], erases_in_colour: bool, abilities: Abilities
) -> None:
    line, stock = Line(erases_in_colour=erases_in_colour, abilities=abilities), new_screen()
    for frame in painted_frames:
        line.show(frame)
        stock.feed(frame.encode())
        assert line.screen.cells == stock.cells
        assert line.screen.cursor == stock.cursor


@given(st.lists(frames((*AGREED, *JOINED)), min_size=1, max_size=5), st.sampled_from((NOT_ASKED, ABLE)))
def test_what_stands_beside_a_disputed_glyph_is_right_even_where_the_terminal_draws_that_too_wide(
    painted_frames: list[str], abilities: Abilities
) -> None:
    line = Line(abilities=abilities)
    for frame in painted_frames:
        line.show(frame)
    fresh = new_screen()
    fresh.feed(ScreenDiff().follow(line.grid).encode())
    for wanted, shown, shown_fresh in zip(line.grid.rows, line.screen.cells, fresh.cells, strict=True):
        disputed = False
        for x, glyph in enumerate(wanted.glyphs):
            is_wide = wanted.glyphs[x + 1 : x + 2] == [""]
            disputed = is_disputed(glyph, is_wide=is_wide) if glyph else disputed
            assert shown[x] == shown_fresh[x] or disputed


@given(frames((*AGREED, *JOINED)))
def test_a_frame_that_changes_nothing_sends_nothing(frame: str) -> None:
    line = Line()
    line.show(frame)
    assert line.show(frame) == ""


@given(STYLES, STYLES)
def test_a_style_is_reached_from_any_other(old: Style, new: Style) -> None:
    grid = Grid(1, 1)
    grid.paint("\x1b[1;1H" + transition(None, old) + transition(old, new) + "x")
    assert grid.rows[0].styles == [new]


@pytest.mark.parametrize(
    ("old", "new", "sent"),
    [
        (Style("31"), Style("32"), "\x1b[32m"),
        (Style("31"), Style("31", "44"), "\x1b[44m"),
        (Style("38;2;1;2;3", "48;2;4;5;6", frozenset("1")), Style("38;2;1;2;3", "48;2;4;5;6"), "\x1b[22m"),
        (Style("", "", frozenset("12")), Style("", "", frozenset("2")), "\x1b[0;2m"),
        (Style("31", "", frozenset("13")), PLAIN, "\x1b[m"),
        (PLAIN, PLAIN, ""),
    ],
)
def test_only_what_differs_between_two_styles_is_said(old: Style, new: Style, sent: str) -> None:
    assert transition(old, new) == sent


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("1;38;2;1;2;3;48;5;17", Style("38;2;1;2;3", "48;5;17", frozenset("1"))),
        ("91;0;4", Style("", "", frozenset("4"))),
        ("31;41;39;49", PLAIN),
        ("1;2;3;22", Style("", "", frozenset("3"))),
        ("4;777;;31", Style("31")),
        ("38;2;1", Style("38;2;1")),
    ],
)
def test_codes_are_read_as_a_terminal_reads_them(codes: str, style: Style) -> None:
    assert restyled(PLAIN, codes) == style


def test_one_changed_letter_is_all_that_is_sent() -> None:
    line = Line()
    line.show(painted(0, 1, "the quick brown fox"))
    assert line.show(painted(0, 1, "the quick brawn fox")) == "\x1b[13Ga\x1b[6C"


def test_a_wide_glyph_is_sent_whole() -> None:
    line = Line()
    line.show(painted(2, 0, "漢字"))
    assert "漢" in line.show(painted(2, 0, "漢字", Style(attributes=frozenset("1"))))
    assert line.row(0) == "  漢字"


def test_half_of_a_wide_glyph_is_not_left_standing() -> None:
    line = Line()
    line.show(painted(2, 0, "漢字"))
    line.show(painted(3, 0, "xy"))
    assert line.row(0) == "   xy"


@pytest.mark.parametrize(("old", "new"), [("🇫🇷", "🇫🇮"), ("👍🏽", "👍🏿"), ("👨‍👩‍👧", "👨‍👩‍👦"), ("❤️", "❤")])
def test_glyphs_of_several_characters_are_never_torn(old: str, new: str) -> None:
    line = Line()
    line.show(painted(2, 0, f"{old} end"))
    assert new in line.show(painted(2, 0, f"{new} end"))


def test_text_after_a_disputed_glyph_is_placed_absolutely() -> None:
    line = Line()
    assert "🚀\x1b[1;5H next" in line.show(painted(2, 0, "🚀 next"))


def test_text_after_a_sign_is_placed_only_where_the_width_of_the_sign_depends_on_the_terminal() -> None:
    line = Line()
    line.show(painted(0, 0, "ab  xyz"))
    styled = Style("31")
    assert "✓ \x1b[m" in line.show(painted(0, 0, "✓ ", styled) + painted(2, 0, "XYZ"))
    assert "●\x1b[" in line.show(painted(0, 0, "●", styled) + painted(1, 0, "xyz"))


@pytest.mark.parametrize(
    ("answer", "abilities"),
    [
        ("\x1b[3;4R", ABLE),
        ("\x1b[2;4R", ABLE._replace(steps_down=False)),
        ("\x1b[3;1R", NOT_ASKED),
        ("\x1b[3;2R", ABLE._replace(repeats=False)),
        ("\x1b[3;3R", Abilities(steps_down=True)),
        ("\x1b[3;7R", Abilities(repeats=True, steps_down=True)),
        ("\x1b[1;2R", None),
        ("\x1b[B", None),
    ],
)
def test_where_the_cursor_is_after_the_experiment_tells_what_a_terminal_can_do(
    answer: str, abilities: Abilities | None
) -> None:
    assert heard(answer) == abilities


def test_a_long_line_is_drawn_as_one_sign_and_a_count_where_the_terminal_repeats() -> None:
    rule = painted(2, 0, "─" * 20)
    assert "─" * 20 in Line().show(rule)
    line = Line(abilities=ABLE)
    assert "─\x1b[19b" in line.show(rule)
    assert line.row(0) == "  " + "─" * 20


def test_a_border_is_drawn_downwards_with_two_bytes_between_its_signs() -> None:
    border = "".join(painted(7, y, "│") for y in range(HEIGHT))
    line = Line(abilities=ABLE)
    line.show("\x1b[1;1H")
    assert "│\v\b│\v\b│\v\b│" in line.show(border)
    assert line.screen.text.split("\n") == ["       │"] * HEIGHT


def test_a_selected_row_gives_its_colours_back_with_one_colour_changed_at_a_time() -> None:
    """Two rows of three colours, on two backgrounds: each change of both costs as much as two."""
    colours = [Style(f"38;2;200;200;20{number}") for number in range(3)]
    shades = "48;2;100;100;100", "48;2;150;150;150"

    def rows(selected: int) -> str:
        return "".join(
            painted(9 * place, y, f"colour {place} ", style._replace(background=shades[y == selected]))
            for y in range(2)
            for place, style in enumerate(colours)
        )

    line = Line(abilities=ABLE)
    line.show(rows(0))
    sent = line.show(rows(1))
    assert sent.count("38;2;") + sent.count("48;2;") <= 6


def test_a_caret_is_drawn_by_reversing_the_text_beside_it() -> None:
    field, caret = Style("38;2;225;230;236", "48;2;32;38;45"), Style("38;2;32;38;45", "48;2;225;230;236")
    line = Line()
    for x, letter in enumerate("riv"):
        sent = line.show(painted(x, 0, letter, field) + painted(x + 1, 0, " ", caret))
    assert sent == "\x1b[27m\bv\x1b[7m "
    assert [cell.background for cell in line.screen.cells[0][2:5]] == ["20262d", "e1e6ec", "default"]


def test_a_colour_that_the_palette_has_is_sent_as_its_number() -> None:
    line = Line()
    title = painted(0, 0, "Title", Style("38;2;255;255;255", "48;2;35;90;120"))
    assert "38;5;231;48;2;35;90;120m" in line.show(title)
    assert line.screen.cells[0][0].foreground == "ffffff"


def test_text_at_the_left_edge_is_reached_by_a_return() -> None:
    line = Line(abilities=ABLE)
    line.show("".join(painted(1, y, "other") for y in range(HEIGHT)))
    assert " MAKER\v\r MAKER" in line.show("".join(painted(1, y, "MAKER") for y in range(HEIGHT)))


def test_black_text_is_not_bold_where_that_would_make_it_grey() -> None:
    bold = frozenset("1")
    assert "\x1b[0;30;107m" in Line().show(painted(0, 0, "Jobs", Style("30", "107", bold)))
    assert "\x1b[0;1;34;107m" in Line().show(painted(0, 0, "Jobs", Style("34", "107", bold)))


def test_a_long_blank_is_erased() -> None:
    line = Line()
    line.show(painted(0, 0, "x" * WIDTH))
    assert line.show(painted(0, 0, " " * WIDTH)) == "\r\x1b[K\x1b[30G"


@pytest.mark.parametrize("style", [Style(attributes=frozenset("4")), Style(link="https://example.com")])
def test_a_blank_that_shows_its_style_is_written(style: Style) -> None:
    assert " " * WIDTH in Line().show(painted(0, 0, " " * WIDTH, style))


def test_a_coloured_blank_is_written_where_erasing_has_no_colour() -> None:
    blank = painted(0, 0, " " * WIDTH, Style(background="44"))
    assert " " * WIDTH in Line(erases_in_colour=False).show(blank)
    assert " " * WIDTH not in Line().show(blank)


def test_a_blank_that_would_only_differ_in_the_colour_of_its_text_is_not_sent() -> None:
    line = Line()
    line.show(painted(0, 0, "a   b", Style("31", "44")))
    assert line.show(painted(1, 0, "   ", Style("32", "44", frozenset("1"))) + "\x1b[1;6H") == ""


def test_a_link_that_is_made_anew_is_the_same_link() -> None:
    line = Line()
    line.show("\x1b[1;1H\x1b]8;id=1;https://example.com\x1b\\here\x1b]8;;\x1b\\\x1b[1;1H")
    assert line.show("\x1b[1;1H\x1b]8;id=2;https://example.com\x1b\\here\x1b]8;;\x1b\\\x1b[1;1H") == ""
    assert [cell.link for cell in line.screen.cells[0][:5]] == ["https://example.com"] * 4 + [""]


def test_a_changed_link_is_a_changed_cell() -> None:
    line = Line()
    line.show(painted(0, 0, "here", Style(link="https://example.com/1")))
    line.show(painted(0, 0, "here", Style(link="https://example.com/2")))
    assert line.screen.cells[0][0].link == "https://example.com/2"


@pytest.mark.parametrize(
    "hostile",
    ["\x1b]52;c;ZXZpbA==\x07", "\x1b[2J", "\x1bc", "\x1bPq#0\x1b\\", "\x1b[?1049l", "\x07\x08\t\x00\x9b", "\x1b="],
)
def test_only_text_places_styles_and_links_get_through(hostile: str) -> None:
    line = Line()
    assert line.show(f"\x1b[1;1Hbefore{hostile}after\x1b[1;1H") == Line().show("\x1b[1;1Hbeforeafter\x1b[1;1H")


def test_what_does_not_fit_is_cut_off() -> None:
    line = Line()
    line.show(painted(WIDTH - 3, 0, "漢字") + painted(0, HEIGHT, "below") + painted(WIDTH, 1, "beyond") + "\x1b[99;99H")
    assert line.screen.text == " " * (WIDTH - 3) + "漢" + "\n" * (HEIGHT - 1)
    assert line.screen.cursor == (WIDTH - 1, HEIGHT - 1)


def test_a_resized_grid_keeps_what_fits_and_is_sent_whole() -> None:
    line = Line()
    line.show(painted(0, 0, "one 漢") + painted(0, 3, "four"))
    line.grid.resize(5, 2)
    line.grid.resize(WIDTH, HEIGHT)
    line.shadow.forget()
    line.screen = new_screen()
    line.show("\x1b[1;1H")
    assert line.screen.text == "one\n\n\n"


def test_a_forgotten_screen_is_sent_whole() -> None:
    line = Line()
    line.show(painted(0, 0, "here"))
    line.screen = new_screen()
    line.shadow.forget()
    line.show("\x1b[1;1H")
    assert line.row(0) == "here"


def test_at_rest_the_pen_is_plain() -> None:
    line = Line()
    assert line.shadow.rest() == ""
    line.show(painted(0, HEIGHT - 1, "x" * WIDTH, Style("31", link="https://example.com")))
    assert line.shadow.rest() == "\x1b[m\x1b]8;;\x1b\\"
    assert line.shadow.rest() == ""


def test_cells_hold_one_glyph_each() -> None:
    assert list(cells_of("a漢e\u0301🇫🇷🇩")) == ["a", "漢", "", "e\u0301", "🇫🇷", "", "🇩"]
    assert list(cells_of("\u0301\u200d")) == []
