"""A model that fails in the way that it is asked for, so that a client can meet every error (protocol §4)."""

from collections.abc import Callable
from functools import partial

from fal_emulator import fields
from fal_emulator.answers import (
    CRASHED,
    MODEL_ERRORS,
    REQUEST_ERRORS,
    JsonObject,
    Reply,
    details,
    ingress_page,
    model_error,
    plain,
    request_error,
)
from fal_emulator.model import EmulatedModel, ModelRequest, ModelTiming, UnitPrice, said

_NEW_FORM: JsonObject = {"type": "missing", "loc": ["body", "image_url"], "msg": "Field required", "input": {}}
_OLD_FORM: JsonObject = {"loc": ["body", "image_url"], "msg": "field required", "type": "value_error.missing"}
_NESTED: JsonObject = {
    "type": "string_type",
    "loc": ["body", "loras", 0, "path"],
    "msg": "Input should be a valid string",
    "input": 7,
}

_WAYS: dict[str, Callable[[], Reply | None]] = {
    "none": lambda: None,
    "plain_422": lambda: plain(422, "This input cannot be used"),
    "pydantic_v1": lambda: details([_OLD_FORM]),
    "pydantic_v2": lambda: details([_NEW_FORM]),
    "several_fields": lambda: details([_NEW_FORM, _NESTED]),
    "crash": lambda: CRASHED,
    "nginx": lambda: ingress_page(503),
    **{kind: partial(model_error, kind, ("body", "prompt"), "…") for kind in MODEL_ERRORS},
    **{kind: partial(request_error, kind) for kind in REQUEST_ERRORS},
}


def _fail(arguments: JsonObject) -> Reply | None:
    return _WAYS[arguments["failure"]]()


def _succeed(request: ModelRequest) -> JsonObject:
    return {"output": "Nothing went wrong."}


MODELS = (
    EmulatedModel(
        endpoint_id="demo/mishap/any",
        name="Mishap",
        category="unknown",
        description="Fails in the way you choose, for tests of a client.",
        inputs=(
            fields.choice("failure", "What goes wrong.", tuple(_WAYS), default="content_policy_violation"),
            fields.text("prompt", "Has no influence.", default=""),
            fields.file("image_url", "Has no influence, but an error may name it.", required=False),
            fields.field("loras", {"type": "array", "items": fields.ref("Weights")}, "The same, in a list."),
        ),
        components={
            "Weights": fields.component(
                "Weights", {"path": {"type": "string", "title": "Path"}, "scale": {"type": "number", "title": "Scale"}}
            )
        },
        outputs=(fields.field("output", {"type": "string"}, "A sentence, where nothing fails.", required=True),),
        render=_succeed,
        fails=_fail,
        pace=ModelTiming(0.3, 1.2, script=said((0.1, "Running"), (0.8, "Failing"))),
        price=UnitPrice(0, "requests"),
        tags=("testing", "errors"),
        published="2026-01-15",
    ),
)
