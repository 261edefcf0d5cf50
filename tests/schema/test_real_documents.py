"""Every real document: a form that says what the document says, and arguments the document accepts."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from schema_samples import Sampler
from schema_typist import exactly, filled

from faldeck.schema import arguments, document, flags, json_value, results
from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Choice, Const, Field, Group, Items, Number, Raw, Text
from faldeck.schema.json_value import JsonValue

SHARED = Path(__file__).parents[3] / "shared"

LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of recorded documents is not there")


@cache
def recorded() -> list[tuple[ModelSchema, Any, Any]]:
    """Every recorded model, with its document and the raw schema of its input found without our code."""
    found = []
    for path in sorted((SHARED / "schemas").glob("*.json")):
        whole = json.loads(path.read_bytes())
        posted = next(item["post"] for item in whole["paths"].values() if "post" in item)
        reference = posted["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        raw = whole["components"]["schemas"].get(reference.rsplit("/", 1)[-1])
        model = document.read(whole)
        for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(whole)):
            whole["components"]["schemas"].setdefault(name, {})  # the validator stops at references to nothing
        found.append((model, whole, raw))
    merged = json.loads((SHARED / "components" / "image-to-image.json").read_bytes())
    schemas = merged["components"]["schemas"]
    names = json.loads((SHARED / "components" / "image-to-image.endpoints.json").read_bytes())
    for endpoint_id, name in names.items():
        model = document.from_components(endpoint_id, name["input"], schemas, output_name=name["output"])
        found.append((model, merged, schemas[name["input"]]))
    return found


def described() -> list[tuple[ModelSchema, Any, Any]]:
    return [(model, whole, raw) for model, whole, raw in recorded() if raw is not None]


def root_fields() -> list[tuple[Field, Any, Any, Any]]:
    """Every field at a root, with its document, its raw schema and the raw schema around it."""
    return [
        (field, whole, raw["properties"][field.name], raw)
        for model, whole, raw in described()
        for field in model.fields
    ]


def branches(whole: Any, schema: Any) -> tuple[list[Any], bool]:
    """The alternatives of a raw schema, references resolved, and whether null is one of them."""
    sampler = Sampler(whole, 0)
    schema = sampler.resolved(schema)
    parts = [sampler.resolved(part) for part in schema.get("anyOf", [schema])]
    is_null = [part.get("type") == "null" for part in parts]
    return [part for part, null in zip(parts, is_null, strict=True) if not null], any(is_null)


def test_there_are_hundreds_of_documents() -> None:
    assert len(recorded()) > 600


def test_a_form_has_exactly_the_fields_of_the_document_in_its_display_order() -> None:
    for model, _, raw in described():
        order = raw.get("x-fal-order-properties", list(raw["properties"]))
        assert [field.name for field in model.fields] == order, model.endpoint_id


def test_fields_say_what_is_required_null_and_default() -> None:
    for field, whole, raw, around in root_fields():
        assert field.required == (field.name in around.get("required", []))
        assert field.nullable == (branches(whole, raw)[1] or raw.get("nullable", False))
        assert field.has_default == ("default" in raw)
        assert field.default == raw.get("default")


def test_a_default_is_sound_when_an_independent_validator_takes_it() -> None:
    for field, whole, raw, _ in root_fields():
        if field.has_default and not raw.get("nullable"):
            verdict = jsonschema.Draft202012Validator({**whole, **Sampler(whole, 0).resolved(raw)})
            assert field.is_default_sound == verdict.is_valid(raw["default"]), (field.name, raw["default"])


def test_fields_have_the_choices_of_the_document_with_their_types() -> None:
    seen = 0
    for field, whole, raw, _ in root_fields():
        parts, _ = branches(whole, raw)
        if len(parts) == 1 and "enum" in parts[0]:
            seen += 1
            match field.kind:
                case Choice(choices=choices):
                    assert json_value.write(list(choices)) == json_value.write(parts[0]["enum"])
                case Const(value=value):
                    assert [value] == parts[0]["enum"]
                case other:
                    pytest.fail(f"{field.name} is {other}")
    assert seen > 1_000


def test_fields_have_the_limits_of_the_document() -> None:
    seen = 0
    for field, whole, raw, _ in root_fields():
        parts, _ = branches(whole, raw)
        if len(parts) != 1 or "enum" in parts[0]:
            continue
        match field.kind:
            case Number() as number:
                seen += 1
                assert (number.minimum, number.maximum) == (parts[0].get("minimum"), parts[0].get("maximum"))
                assert number.above == parts[0].get("exclusiveMinimum")
                assert number.below == parts[0].get("exclusiveMaximum")
                assert number.multiple_of == parts[0].get("multipleOf")
                assert bool(field.limits) == any(key in parts[0] for key in LIMITS)
            case Text() as text:
                seen += 1
                assert text.min_length == parts[0].get("minLength", 0)
                assert text.max_length == parts[0].get("maxLength")
            case Items() as items if "prefixItems" not in parts[0]:
                seen += 1
                assert (items.min_items, items.max_items) == (
                    parts[0].get("minItems", 0),
                    parts[0].get("maxItems"),
                )
    assert seen > 2_000


def test_links_are_files_wherever_a_text_or_list_of_texts_is_named_for_them() -> None:
    for field, whole, raw, _ in root_fields():
        parts, _ = branches(whole, raw)
        part = parts[0] if len(parts) == 1 else {}
        part = Sampler(whole, 0).resolved(part.get("items", part))
        if part.get("type") == "string" and "enum" not in part and field.name.endswith(("url", "urls")):
            kind = field.kind.item.kind if isinstance(field.kind, Items) else field.kind
            assert kind.name == "file", field.name


def test_no_file_that_a_document_gives_itself_is_taken_for_one_on_this_machine() -> None:
    def given(field: Field) -> list[tuple[Field, JsonValue]]:
        listed = field.raw.get("examples")
        own = [field.raw.get("default"), *(listed if isinstance(listed, list) else [])]
        return [*((field, value) for value in own), *(found for child in field.children for found in given(child))]

    found = [(model, field, value) for model, _, _ in described() for field, value in given(model.input)]
    assert len(found) > 10_000
    for model, field, value in found:
        alone = replace(model, input=replace(model.input, kind=Group((replace(field, name="x"),))))
        assert arguments.local_files(alone, {"x": value}) == (), (model.endpoint_id, field.name, value)


def test_at_most_one_document_in_a_hundred_needs_a_raw_json_field_and_only_for_what_it_leaves_open() -> None:
    reasons: dict[str, set[str]] = {}

    def look(model: ModelSchema, field: Field) -> None:
        if isinstance(field.kind, Raw):
            reasons.setdefault(model.endpoint_id, set()).add(field.kind.reason)
        for child in field.children:
            look(model, child)

    for model, _, _ in recorded():
        look(model, model.input)
    assert len(reasons) <= len(recorded()) / 100, reasons
    for phrases in reasons.values():
        assert all(phrase == "may be any value" or phrase.endswith("which is missing") for phrase in phrases)


def entered(field: Field, value: JsonValue) -> JsonValue:
    """What comes out of a field into which `value` was entered as a person would: null by key, all else as text."""
    return None if value is None and field.nullable else field.parse(field.show(value))


@pytest.mark.parametrize("seed", range(3))
def test_a_value_shown_as_one_text_and_read_back_is_the_same(seed: int) -> None:
    for model, whole, raw in described():
        sample = Sampler(whole, seed).value(raw)
        for field in model.fields:
            if field.name in sample:
                value = entered(field, sample[field.name])
                assert exactly(value) == exactly(sample[field.name]), (model.endpoint_id, field.name)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_person_enters_field_by_field_is_sent_and_fits_the_schema(seed: int) -> None:
    for model, whole, raw in described():
        sample = Sampler(whole, seed).value(raw)
        made = arguments.compose(model, filled(model, sample))
        assert exactly(made) == exactly(sample), model.endpoint_id
        assert made == sample
        assert list(made) == [field.name for field in model.fields if field.name in made]
        jsonschema.Draft202012Validator({**whole, **raw}).validate(made)
        assert arguments.problems(model, made) == (), model.endpoint_id


def test_what_is_given_by_flags_is_sent_as_it_was_meant() -> None:
    for model, whole, raw in described():
        sample = {name: value for name, value in Sampler(whole, 5).value(raw).items() if value is not None}
        shown = {field.name: field.show(sample[field.name]) for field in model.fields if field.name in sample}
        words = [f"{flags.spell(name)}={text}" for name, text in shown.items()]
        assert exactly(flags.read(model, words).tree) == exactly(sample), model.endpoint_id


def test_what_an_independent_validator_refuses_we_refuse_too() -> None:
    wrong: list[Any] = [{"no": "such"}, ["x"], 0.123456789, -(10**30), True, "§", 3]
    for model, whole, raw in described():
        for index, field in enumerate(model.fields):
            value = wrong[index % len(wrong)]
            schema = Sampler(whole, 0).resolved(raw["properties"][field.name])
            if schema.get("nullable"):
                continue
            is_valid = jsonschema.Draft202012Validator({**whole, **schema}).is_valid(value)
            assert (not field.check(value)) == is_valid, (model.endpoint_id, field, value)


def test_raw_json_of_the_whole_input_in_and_out_is_the_identity() -> None:
    for model, whole, raw in described():
        sample = Sampler(whole, 7).value(raw)
        text = json_value.write(sample)
        assert json_value.write(json_value.read(text)) == text
        read = model.input.parse(text)
        again = arguments.compose(model, ArgumentValues(read))
        assert json_value.same(again, sample), model.endpoint_id


def test_every_file_of_every_recorded_result_is_found() -> None:
    def urls(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(urls, value))
        if not isinstance(value, dict):
            return set()
        own = {value["url"]} if isinstance(value.get("url"), str) and "msg" not in value else set()
        return own.union(*map(urls, value.values()))

    total = 0
    for path in sorted((SHARED / "responses").glob("[!i]*.json")):
        body = json.loads(path.read_bytes())
        found = [file.url for file in results.files(body)]
        assert urls(body) <= set(found), path.name
        assert len(found) == len(set(found))
        if path.name.startswith("result__"):
            assert urls(body) == set(found), path.name
        total += len(found)
    assert total > 50


def test_the_files_of_results_from_the_field_are_found_and_no_others() -> None:
    for case in json.loads((SHARED / "field" / "outputs.json").read_bytes()):
        assert [file.url for file in results.files(case["result"])] == case["files"], case["case"]


def test_errors_and_status_bodies_hold_no_files() -> None:
    for path in (SHARED / "responses").glob("[eq]*-*__*.json"):
        if not path.name.startswith("queue-lifecycle"):
            assert results.files(json.loads(path.read_bytes())) == (), path.name
