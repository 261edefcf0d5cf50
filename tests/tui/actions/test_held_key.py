"""A key that is held down starts what it starts once."""

from faldeck.tui.actions.held_key import KEY_REPEAT_SECONDS, HeldKey


def test_a_held_key_starts_a_thing_once() -> None:
    key = HeldKey()
    assert not key.is_held("a fox", 10.0)
    assert key.is_held("a fox", 10.0 + KEY_REPEAT_SECONDS / 2)
    assert key.is_held("a fox", 10.0 + KEY_REPEAT_SECONDS), "it was held all the time"
    assert not key.is_held("a wolf", 10.0 + KEY_REPEAT_SECONDS)
    assert not key.is_held("a wolf", 20.0)


def test_keys_that_came_before_the_new_job_was_shown_repeat_the_first() -> None:
    key = HeldKey()
    assert not key.is_held("job", 10.0)
    key.count_as_started("its new job", shown_at=15.0)
    assert key.is_held("job", 11.5)
    assert key.is_held("its new job", 15.2)
    assert not key.is_held("its new job", 17.0)
