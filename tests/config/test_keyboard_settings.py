"""[keys] of config.toml: what a person binds, and what is said of a line that cannot be used."""

from __future__ import annotations

from test_settings import problems, written

from faldeck.config import settings
from faldeck.keys.keymap import Keymap


def keymap(text: str) -> Keymap:
    """The keys with a config file that holds `text`, in which nothing is wrong."""
    written(text)
    config = settings.load()
    assert config.problems == ()
    return Keymap(config.keys)


def test_an_action_gets_one_key_several_or_none() -> None:
    keys = keymap(
        '[keys]\njob.cancel = "^X"\n"jobs.tag" = ["T", "f5", "b t"]\nmove.up = []\njob.rerun = ""\n'
        '[keys.deck]\npalette = ":"\n'
    )
    assert keys.shown("job.cancel") == "^X"
    assert keys.shown("jobs.tag") == "T F5 bt"
    assert keys.shown("move.up") == keys.shown("job.rerun") == ""
    assert keys.keys("deck.palette") == ("colon",)
    assert keys.shown("job.copy") == "y"  # Nothing was said of it.


def test_two_actions_may_change_places() -> None:
    keys = keymap('[keys]\njob.cancel = "r"\njob.rerun = "c"\n')
    assert (keys.shown("job.cancel"), keys.shown("job.rerun")) == ("r", "c")


def test_a_wrong_line_costs_itself_alone_and_is_told_with_its_number() -> None:
    told = problems(
        '[keys]\njob.cancle = "x"\nstar = "x"\njob.cancel = "strg+x"\njob.rerun = 5\njobs.tag = "T"\n'
        '"job.note" = ["a", 1]\n'
    )
    assert sorted(told) == [
        "line 2: [keys.job] there is no action called 'job.cancle'. Did you mean `job.cancel`? "
        "`faldeck keys` lists them.",
        "line 3: [keys] there is no action called 'star'. Did you mean `models.star`? `faldeck keys` lists them.",
        "line 4: [keys.job] `strg+x` is not a key. Did you mean `ctrl+x`? `job.cancel` keeps its keys: c.",
        "line 5: [keys.job] `job.rerun` must be a key or a list of keys, not '5'.",
        "line 7: [keys] there is no action called 'job.note'. Did you mean `jobs.note`? `faldeck keys` lists them.",
    ]
    assert settings.load().keys == {"jobs.tag": ("T",)}


def test_a_key_that_another_action_has_in_the_same_place_is_told() -> None:
    told = problems('[keys]\njob.cancel = "r"\nmove.down = "e"\ndeck.stats = "t"\n')
    assert told == [
        "line 2: [keys.job] `r` is `job.rerun` (Rerun) in Jobs and Result. `job.cancel` keeps its keys: c.",
        "line 3: [keys.move] `e` is `field.editor` (Editor) in Form. `move.down` keeps its keys: ↓ j.",
        "line 4: [keys.deck] `t` is `jobs.tag` (Tag) in Jobs. `deck.stats` keeps its keys: $.",
    ]


def test_of_two_own_keys_that_are_the_same_the_first_stays() -> None:
    assert problems('[keys]\njob.cancel = "b"\njobs.tag = "b"\n') == [
        "line 3: [keys.jobs] `b` is `job.cancel` (Cancel) in Jobs. `jobs.tag` keeps its keys: t."
    ]
    assert settings.load().keys == {"job.cancel": ("b",)}


def test_a_key_that_begins_a_sequence_is_no_key_of_its_own() -> None:
    assert problems('[keys]\njob.cancel = "b"\njobs.tag = "b t"\n') == [
        "line 3: [keys.jobs] `b` is `job.cancel` (Cancel) in Jobs. `jobs.tag` keeps its keys: t."
    ]


def test_a_pane_may_take_a_key_that_the_deck_has_elsewhere() -> None:
    assert keymap('[keys]\njobs.tag = "w"\n').shown("jobs.tag") == "w"


def test_a_table_that_is_none_is_told() -> None:
    assert problems("keys = 3") == ["line 1: `keys` must be a table like [keys]."]
