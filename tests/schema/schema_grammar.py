"""Random schemas made of the forms that real documents use, each with the values that fit it.

Knows nothing of the fields: a schema and its values come from the same choices, so neither is made from the other.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Json = Any

NAMES = ("prompt", "seed", "style", "duration", "width", "height", "r", "g", "b", "size", "a b", "a.b", "0", "", "[x]")
FILE_NAMES = ("image_url", "video_urls", "mask_url", "url", "training_data_url", "file_url")
LINKS = ("https://a.b/c.png", "http://a.b/" + "d" * 80, "data:image/png;base64,iVBORw0=", "./photo one.jpg", "~/x.zip")
STEPS: tuple[Any, ...] = (1, 2, 8, 0.5, 0.25)
"""Multiples that doubles hold exactly, so that any validator finds them so."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True)
class Described:
    """A schema and what fits it."""

    schema: Json
    values: st.SearchStrategy[Json]
    components: dict[str, Json] = field(default_factory=dict)
    """The named schemas that it refers to."""

    def wrapped(self, schema: Json, values: st.SearchStrategy[Json] | None = None) -> "Described":
        """The same with a schema around it."""
        return Described(schema, self.values if values is None else values, self.components)


def described(*, deep: int = 3) -> st.SearchStrategy[Described]:
    """Any schema that real inputs could hold, at most so many levels of objects and lists deep."""
    plain = st.one_of(texts(), whole_numbers(), numbers(), switches(), choices(), constants(), anything(), recursion())
    if not deep:
        return plain.flatmap(dressed)
    inner = st.deferred(lambda: described(deep=deep - 1))
    return st.one_of(plain, plain, objects(inner), lists(inner), maps(inner), unions(inner), tuples(inner)).flatmap(
        dressed
    )


@st.composite
def dressed(draw: st.DrawFn, bare: Described) -> Described:
    """The same schema behind references, in an `allOf`, with null beside it, in any order; with notes beside all."""
    made = bare
    for wrapped in draw(st.lists(st.sampled_from([_referred_to, _in_all_of, _or_null]), max_size=3)):
        made = wrapped(made)
    notes = {"title": st.text(max_size=6), "description": st.text(max_size=12), "deprecated": st.booleans()}
    notes |= {"default": JSON | made.values, "examples": st.lists(JSON | made.values, max_size=2)}
    return made.wrapped({**made.schema, **draw(st.fixed_dictionaries({}, optional=notes))})


def _referred_to(made: Described) -> Described:
    name = "N" + hashlib.sha256(json.dumps(made.schema, sort_keys=True).encode()).hexdigest()[:8]
    return Described({"$ref": f"#/components/schemas/{name}"}, made.values, {**made.components, name: made.schema})


def _in_all_of(made: Described) -> Described:
    return made.wrapped({"allOf": [made.schema]})


def _or_null(made: Described) -> Described:
    return made.wrapped({"anyOf": [made.schema, {"type": "null"}]}, st.none() | made.values)


def texts() -> st.SearchStrategy[Described]:
    """Free, short or long, by a pattern, with a format."""
    any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    odd = st.sampled_from(["2024", "null", "true", "0.5", "[1]", "{}", '"x"', " padded ", "a\nb", "1e400", "NaN"])
    return st.one_of(
        st.just(Described({"type": "string"}, any_text | odd)),
        st.just(Described({"type": "string", "format": "uuid4"}, any_text)),
        st.just(Described({"type": "string", "pattern": "^[A-Z]{1,3}$"}, st.from_regex(r"\A[A-Z]{1,3}\Z"))),
        st.integers(0, 4).map(
            lambda least: Described(
                {"type": "string", "minLength": least, "maxLength": least + 4},
                st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=least + 4),
            )
        ),
    )


@st.composite
def whole_numbers(draw: st.DrawFn) -> Described:
    """With limits, open and closed, beyond 32 and 53 bits, and multiples."""
    step = draw(st.sampled_from([1, 1, 8]))
    low = draw(st.none() | st.integers(-(2**70), 2**70))
    high = None if low is None or draw(st.booleans()) else low + draw(st.integers(step, 2**66))
    schema = {"type": "integer"} | ({"multipleOf": step} if step > 1 else {})
    schema |= {} if low is None else {"minimum": low}
    schema |= {} if high is None else {"maximum": high}
    least = None if low is None else -(-low // step)
    return Described(schema, st.integers(least, None if high is None else high // step).map(lambda n: n * step))


@st.composite
def numbers(draw: st.DrawFn) -> Described:
    """With limits of any size and kind, very small steps, and multiples."""
    if draw(st.booleans()):
        step = draw(st.sampled_from(STEPS))
        return Described({"type": "number", "multipleOf": step}, st.integers(-1000, 1000).map(lambda n: n * step))
    low = draw(st.floats(-1e9, 1e9) | st.sampled_from([0, 1e-06, -1, 0.0]))
    high = draw(st.floats(low + 1e-6, low + 1e9))
    schema = {"type": "number", "minimum": low, "maximum": high, "step": draw(st.sampled_from([1e-06, 0.01, 5]))}
    if draw(st.booleans()):
        schema["exclusiveMaximum"] = schema.pop("maximum")
        return Described(schema, st.floats(low, high, exclude_max=True))
    return Described(schema, st.floats(low, high) | st.just(low))


def switches() -> st.SearchStrategy[Described]:
    return st.just(Described({"type": "boolean"}, st.booleans()))


def choices() -> st.SearchStrategy[Described]:
    """Of texts, an empty one among them, of whole numbers, or of both, many or one."""
    words = st.lists(st.sampled_from(["", "5", "10", "8s", "Auto", "auto", "a b", "null"]), min_size=1, unique=True)
    whole = st.lists(st.sampled_from([0, 1, 5, 10, 2**53 + 1]), min_size=1, unique=True)
    typed = st.tuples(st.just({"type": "string"}), words) | st.tuples(st.just({"type": "integer"}), whole)
    untyped: st.SearchStrategy[Json] = st.just({})
    mixed = st.tuples(untyped, st.tuples(words, whole).map(lambda lists: lists[0] + lists[1]))
    return (typed | mixed).map(lambda pair: Described({**pair[0], "enum": pair[1]}, st.sampled_from(pair[1])))


def constants() -> st.SearchStrategy[Described]:
    return (st.sampled_from(["5", 5, 1.5, True, "", {"a": 1}])).map(lambda v: Described({"const": v}, st.just(v)))


def anything() -> st.SearchStrategy[Described]:
    """What may be any value: no type, or a reference to nothing."""
    return st.sampled_from([{}, {"$ref": "#/components/schemas/Gone"}]).map(lambda schema: Described(schema, JSON))


def recursion() -> st.SearchStrategy[Described]:
    """An object that holds more of itself."""
    below = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    tree = {"type": "object", "properties": {"name": {"type": "string"}, "below": below}}
    leaf = st.fixed_dictionaries({}, optional={"name": st.text(max_size=3)})
    values = st.recursive(
        leaf,
        lambda inner: st.fixed_dictionaries({"below": st.lists(inner, max_size=2)}, optional={"name": st.text()}),
        max_leaves=4,
    )
    return st.just(Described({"$ref": "#/components/schemas/Tree"}, values, {"Tree": tree}))


def files() -> st.SearchStrategy[Described]:
    """Links, data URIs and paths, one or many."""
    link = st.sampled_from(LINKS)
    limits = {"x-fal": {"max_file_size": 10**7, "min_width": 300}, "_fal_ui_field": "image"}
    one = {"type": "string", "maxLength": 2083}
    return st.sampled_from(
        [
            Described(one, link),
            Described({**one, **limits}, link),
            Described({**one, "minLength": 1, "pattern": "."}, link),
            Described({"type": "array", "items": {"type": "string"}}, st.lists(link, max_size=3)),
            Described({"type": "string", "format": "uri"}, link),
        ]
    )


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    """With named members, some of them required, open or closed to others; in an order of their own."""
    members = draw(st.dictionaries(st.sampled_from(NAMES), inner, max_size=3))
    members |= draw(st.dictionaries(st.sampled_from(FILE_NAMES), files(), max_size=1))
    needed = [name for name in members if draw(st.booleans())]
    schema: Json = {"type": "object", "properties": {name: member.schema for name, member in members.items()}}
    schema |= {"required": needed} if needed else {}
    schema |= draw(st.sampled_from([{}, {"additionalProperties": False}]))
    if draw(st.booleans()):
        schema["x-fal-order-properties"] = draw(st.permutations(list(members)))
    values = {name: member.values for name, member in members.items()}
    return Described(
        schema,
        st.fixed_dictionaries(
            {name: values[name] for name in needed},
            optional={name: value for name, value in values.items() if name not in needed},
        ),
        _together(*members.values()),
    )


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    item = draw(inner)
    least = draw(st.sampled_from([0, 0, 1]))
    schema = {"type": "array", "items": item.schema} | ({"minItems": least, "maxItems": least + 2} if least else {})
    return item.wrapped(schema, st.lists(item.values, min_size=least, max_size=3))


@st.composite
def tuples(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    """A list with a schema for each place."""
    members = draw(st.lists(inner, min_size=1, max_size=3))
    schema = {"type": "array", "prefixItems": [member.schema for member in members], "maxItems": len(members)}
    return Described(schema, st.tuples(*(member.values for member in members)).map(list), _together(*members))


@st.composite
def maps(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    value = draw(inner)
    schema = {"type": "object", "additionalProperties": value.schema}
    return value.wrapped(schema, st.dictionaries(st.text(max_size=4), value.values, max_size=3))


@st.composite
def unions(draw: st.DrawFn, inner: st.SearchStrategy[Described]) -> Described:
    branches = draw(st.lists(inner, min_size=2, max_size=3))
    schema = {"anyOf": [branch.schema for branch in branches]}
    return Described(schema, st.one_of([branch.values for branch in branches]), _together(*branches))


def _together(*parts: Described) -> dict[str, Json]:
    return {name: schema for part in parts for name, schema in part.components.items()}
