"""Whatever is pasted is read or refused, never an accident, and in time that grows with the text and no faster."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faldeck.app.paste import Pasted, is_code, request
from faldeck.config.settings import demo_profile
from faldeck.schema import json_value
from faldeck.schema.json_value import InvalidValue

WORDS = r"""curl -sSd --data-raw --json @- <<EOF <<'EOF' <<< $( ` ) $' ' " \ ; | && > < { } [ ] ( ) , : = += . ... **
    fal_client.submit( fal.subscribe( requests.post( fetch( JSON.stringify( dict( await const input arguments json
    "a/b" https://fal.run/a/b {"prompt":"x"} x a b x=a a=x x[ ${x} $x `${x}` f"{x}" # // /* */ ``` EOF POST Host:
    Authorization: null 1 -1 .5 0x1f 1e400 ^ ^" <T> ? => + as undefined @file echo cat printf"""

PIECES = [
    *WORDS.split(),
    "\\\n",
    "\n",
    "$ ",
    ">>> ",
    "é",
    "\ud83e",
    "\0",
    "\r",
]


def read(text: str) -> Pasted | None:
    try:
        return request(text, (demo_profile("http://127.0.0.1:8000"),))
    except InvalidValue as fault:
        assert str(fault)
        return None


@settings(max_examples=1_500)
@given(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)
)
@example("fal.run('a/b', " + "{a: [" * 5_000)
@example("curl " + "$(" * 5_000)
def test_any_text_is_read_or_refused(text: str) -> None:
    is_code(text)
    found = read(text)
    if found:
        assert json_value.read(json_value.write(found.arguments)) == found.arguments


@given(st.text())
def test_any_characters_are_read_or_refused(text: str) -> None:
    is_code(text)
    read(text)
    read(f"curl https://fal.run/a/b -d '{text}'")
    read(f"fal_client.run('a/b', {{'prompt': {text}}})")


def steps(call: Callable[[], object]) -> int:
    """Lines of our own that a call runs: a measure of its work that no busy machine changes."""
    count = 0

    def traced(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return traced

    sys.settrace(traced)  # type: ignore[arg-type]
    try:
        call()
    finally:
        sys.settrace(None)
    return count


REPEATED = [
    "{",
    "(",
    "[",
    "$(",
    "`",
    "'",
    '"',
    "'''",
    "/*",
    "\\",
    "\\ ",
    "${",
    "`${",
    "curl ",
    "curl '",
    'curl -d "$(cat <<E\n',
    "<<E\n",
    "a=a+\n",
    "a=\n",
    "a: b, ",
    'a["b"]=a\n',
    "a.b.",
    "fal.run(",
    "fal.run('a/b', ",
    "fal.run('a/b', a);",
    "fetch('https://fal.run/a/b', a);\na=[a,a]\n",
    "x.y<",
    "```\n",
    "$ \n> \n",
    "import fal_client ",
    "POST a \n ",
    "authorization ",
    ".run(  ",
    'x=\'$x$x\' y="$x$x" x="$y$y";',
    "f'{a}{",
    "r'",
    "-d @- ",
    "echo a | cat | ",
    "input: ",
    "\ud83e",
]


@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.parametrize("before", ["", "curl https://fal.run/a/b -d ", "fal_client.run('a/b', arguments={'a': "])
def test_four_times_the_text_is_about_four_times_the_work(piece: str, before: str) -> None:
    def work(times: int) -> int:
        text = before + piece * times
        return steps(lambda: (read(text), is_code(text)))

    least = 2_000  # Lines that any text takes; below that a ratio says nothing.
    assert work(800) < 6 * max(work(200), least)


def test_names_that_repeat_one_another_are_not_followed_for_ever() -> None:
    lines = ["a0 = ['x', 'x']", *(f"a{n} = [a{n - 1}, a{n - 1}]" for n in range(1, 40))]
    assert read("\n".join(lines) + "\nfal_client.run('a/b', {'prompt': a39})") is None
    words = ["a0=xxxxxxxxxx", *(f'a{n}="$a{n - 1}$a{n - 1}"' for n in range(1, 60))]
    assert read("\n".join(words) + '\ncurl https://fal.run/a/b -d "$a59"') is None
