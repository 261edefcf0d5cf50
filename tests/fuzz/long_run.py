"""The fuzz tests for as long as one likes: `python tests/fuzz/long_run.py [INPUTS] [SEED]`, a million unless told.

Takes one core and a bounded memory. Prints what was asked, and every fault once, with the bytes that lead to it.
"""

import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

LONGEST = 600
"""Bytes from which one input is made."""
MOST_MEMORY = 2 * 2**30
"""Bytes of address space; what needs more is a fault."""


def targets() -> dict[str, Callable[[bytes], object]]:
    """The name of what is asked → what takes bytes, makes an input of them and asks."""
    import test_any_bytes as tests

    asked = (
        tests.test_an_event_stream_is_the_same_however_it_is_cut,
        tests.test_any_json_is_a_status_a_result_or_a_named_error,
        tests.test_any_json_is_a_schema_or_none,
        tests.test_any_json_has_files_and_texts_or_none,
        tests.test_any_file_is_a_config_or_says_what_is_wrong,
        tests.test_any_words_can_be_searched_for,
        tests.test_any_words_find_models_or_none,
        tests.test_any_bytes_are_json_that_can_be_stored_or_no_json,
        tests.test_a_transcript_holds_whatever_is_said,
        tests.test_cleaned_text_cannot_touch_a_terminal,
    )
    return {test.__name__.removeprefix("test_"): test.hypothesis.fuzz_one_input for test in asked}  # type: ignore[attr-defined]


def run(inputs: int, seed: int) -> int:
    """Asks each in turn until so many inputs were made; gives how many faults were found."""
    source = random.Random(seed)
    asked = list(targets().items())
    faults: set[str] = set()
    started = time.monotonic()
    for number in range(1, inputs + 1):
        name, ask = asked[number % len(asked)]
        data = source.randbytes(source.randrange(1, LONGEST))
        try:
            ask(data)
        except Exception:  # noqa: BLE001 (any error is what is looked for)
            told = traceback.format_exc()
            place = told.rpartition("  File ")[2]
            if place not in faults:
                faults.add(place)
                print(f"{name} with {data.hex()}\n{told}", flush=True)
        if number % 50_000 == 0 or number == inputs:
            seconds, peak = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{number:,} inputs, {len(faults)} faults, {seconds:,.0f} s, peak {peak} MiB", flush=True)
    return len(faults)


def main(words: list[str]) -> int:
    """Runs in a home of its own, so that no config but the fuzzed one is read or written."""
    inputs, seed = (int(word) for word in [*words, *("1000000", "1")[len(words) :]])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with tempfile.TemporaryDirectory() as home:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = home
        return 1 if run(inputs, seed) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
