"""Any schema of the forms that real documents use: a form that never raises, and never loses or changes a value."""

from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from schema_grammar import JSON, Described, described, objects
from schema_typist import exactly, filled
from support.fuzzing import thorough

from faldeck.schema import arguments, document, json_value
from faldeck.schema.arguments import ArgumentValues
from faldeck.schema.document import ModelSchema
from faldeck.schema.fields import Field, Raw


def model_of(input: Described) -> ModelSchema:
    return document.from_components("a/b", "Input", {"Input": input.schema, **input.components})


def validator(input: Described) -> jsonschema.Draft202012Validator:
    schemas = {"Gone": {}, **input.components}
    return jsonschema.Draft202012Validator({**input.schema, "components": {"schemas": schemas}})


def fields_of(field: Field) -> list[Field]:
    return [field, *(inner for child in field.children for inner in fields_of(child))]


INPUTS = objects(described())


@thorough(150)
@given(input=INPUTS, data=st.data())
def test_what_is_entered_field_by_field_is_what_would_be_sent(input: Described, data: st.DataObject) -> None:
    wanted = data.draw(input.values)
    validator(input).validate(wanted)
    model = model_of(input)
    made = arguments.compose(model, filled(model, wanted))
    assert exactly({name: made[name] for name in wanted}) == exactly(wanted)
    validator(input).validate(made)
    assert arguments.problems(model, made) == ()
    for field in model.fields:
        if field.name in wanted and not (wanted[field.name] is None and field.nullable):
            shown = field.show(wanted[field.name])
            assert exactly(field.parse(shown)) == exactly(wanted[field.name]), shown


@thorough(100)
@given(input=INPUTS, data=st.data())
def test_the_whole_input_as_json_and_back_is_the_same(input: Described, data: st.DataObject) -> None:
    wanted = data.draw(input.values) | data.draw(st.dictionaries(st.just("more"), JSON))
    model = model_of(input)
    values = ArgumentValues(model.input.parse(json_value.write(wanted)))
    assert exactly(values.tree) == exactly(wanted)
    again = arguments.compose(model, values)
    assert exactly({name: again[name] for name in wanted}) == exactly(wanted)


@thorough(150)
@given(input=INPUTS, value=JSON)
def test_a_form_objects_to_what_an_independent_validator_refuses(input: Described, value: Any) -> None:
    model = model_of(input)
    names = [field.name for field in model.fields]
    for tried in [value, dict.fromkeys(names[:1], value)]:
        objections = arguments.problems(model, tried)
        if validator(input).is_valid(tried):
            assert not objections
        elif not any(isinstance(field.kind, Raw) for field in fields_of(model.input)):
            assert objections
