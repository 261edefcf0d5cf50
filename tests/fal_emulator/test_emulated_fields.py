"""The emulator's model of every kind of field really has them all."""

from collections.abc import Iterator

from fal_emulator.models.every import MODELS
from fal_emulator.openapi import document as published
from faldeck.schema import document
from faldeck.schema.fields import KINDS, Field, File, Raw

(EVERY,) = MODELS


def fields_of(field: Field) -> Iterator[Field]:
    yield field
    for child in field.children:
        yield from fields_of(child)


def all_fields() -> list[Field]:
    return list(fields_of(document.read(published(EVERY, "http://127.0.0.1")).input))


def test_every_kind_of_field_is_there() -> None:
    assert {field.kind.name for field in all_fields()} == {kind.name for kind in KINDS}


def test_a_file_of_every_medium_is_there() -> None:
    media = {field.kind.medium for field in all_fields() if isinstance(field.kind, File)}
    assert media == {"image", "video", "audio", "mask", "archive", "3d", "any"}


def test_all_that_is_left_to_raw_json_is_there() -> None:
    assert {field.kind.reason for field in all_fields() if isinstance(field.kind, Raw)} == {
        "may be any value",
        "is a list with a meaning for each place",
        "refers to itself",
        "refers to NoSuchPoint, which is missing",
        "refers to NoSuchThing, which is missing",
    }


def test_what_is_shown_and_never_sent_is_there() -> None:
    faulty = {field.name for field in all_fields() if not field.is_default_sound}
    assert faulty == {"steps_text", "frames"}
