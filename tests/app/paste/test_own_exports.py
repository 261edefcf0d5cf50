"""What we write for others is read back by us: every form, way of sending, profile and hard text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldeck.app.export_code import FORMS, LONGEST_WORD, Call
from faldeck.app.paste import is_same, request
from faldeck.config.settings import OFFICIAL, Profile, demo_profile
from faldeck.fal.errors import NotSupported
from faldeck.fal.submit_options import SubmitOptions
from faldeck.job import Mode

HARD = """it's a "quoted" `lake` $HOME \\n ${x}\nEOF\n日本 🦊 \u202e ''' $(ls) {y} \\""" + "\\"
ARGUMENTS = {
    "prompt": HARD,
    "image_size": {"width": 64, "height": 48},
    "num_images": 2,
    "seed": 16_000_000_000_000_000_001,
    "scale": -1.5e-7,
    "loras": [{"path": "a", "on": True}, {}],
    "none": None,
    "quoted-key": [],
}
OPTIONS = SubmitOptions(
    start_timeout=30,
    runner_hint="abc",
    priority="low",
    webhook="https://a.example/x?y=1",
    headers={"X-Fal-Tags": "a='b'"},
)
PROFILES = (
    OFFICIAL,
    demo_profile("http://127.0.0.1:41575"),
    Profile(name="hk", queue_url="https://hk.example", auth="Bearer"),
    Profile(name="v1", queue_url="https://v.example/v1", auth="Bearer"),
    Profile(name="uni", queue_url="https://uni.example/fal-ai", run_url="https://uni.example/run/fal-ai"),
    Profile(name="q", queue_url="https://q.example/queue?_subdomain=queue", run_url="https://q.example/run"),
    Profile(name="draws", queue_url="", images_url="https://d.example/v1/images/generations"),
    Profile(name="films", queue_url="", videos_url="https://f.example/v1/video/generations"),
    Profile(
        name="both",
        queue_url="https://b.example/fal-ai",
        images_url="https://b.example/draw",
        images_models=("flux/dev",),
    ),
)
IDS = ("fal-ai/flux/dev", "demo/sketch/fast", "workflows/me/mine")


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_export_is_read_back(profile: Profile, form: str) -> None:
    read = 0
    for endpoint_id, mode in itertools.product(IDS, Mode):
        if profile.queue_url.endswith("/fal-ai") and not endpoint_id.startswith("fal-ai/"):
            continue  # Such a relay has no other owner.
        call = Call(profile=profile, endpoint_id=endpoint_id, arguments=ARGUMENTS, options=OPTIONS, mode=mode)
        try:
            text = FORMS[form](call)
        except NotSupported:
            continue
        pasted, read = request(text, PROFILES), read + 1
        assert pasted.arguments == ARGUMENTS
        assert is_same(pasted.endpoint_id, endpoint_id)
    assert read or form != "curl"


def test_the_input_alone_is_read_back() -> None:
    call = Call(profile=OFFICIAL, endpoint_id=IDS[0], arguments=ARGUMENTS, options=OPTIONS)
    assert request(FORMS["json"](call)).arguments == ARGUMENTS


def test_a_command_too_long_for_one_word_is_read_back() -> None:
    arguments = {"prompt": HARD, "long": "x" * LONGEST_WORD}
    call = Call(profile=OFFICIAL, endpoint_id=IDS[0], arguments=arguments, options=OPTIONS)
    assert "<<'EOF'" in FORMS["curl"](call)
    assert request(FORMS["curl"](call))[:2] == (arguments, IDS[0])


texts = st.text(st.characters(exclude_characters="\r")) | st.text("'\"\\`${}()#/\n!^ <EOF*", max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts.map(lambda name: f"_{name}"), values, max_size=4), st.sampled_from(list(FORMS)))
def test_any_input_survives_being_exported(arguments: dict[str, object], form: str) -> None:
    call = Call(profile=OFFICIAL, endpoint_id=IDS[0], arguments=arguments, options=OPTIONS)
    assert request(FORMS[form](call)).arguments == arguments
