"""A model's OpenAPI document (protocol §6.5) as a `ModelSchema`: its input as fields, its output as a schema.

Input and output are found through the paths, never by their names. If the input cannot be read, the form is one field
of raw JSON; only a text that is not a document at all raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from faldeck.schema.fields import Builder, Field, Group, Raw
from faldeck.schema.json_value import JsonValue
from faldeck.schema.normalize import Schema, shape

_JSON_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_TITLE_PREFIX = "Queue OpenAPI for "


class BrokenSchema(ValueError):
    """The text is not an OpenAPI document. The message is a sentence for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSchema:
    """The input and the output of one endpoint."""

    endpoint_id: str
    input: Field
    """The whole input; for nearly every endpoint its kind is a `Group`."""
    category: str = ""
    """Any word: the service adds new ones."""
    title: str = ""
    about: str = ""
    """What the model is for, as Markdown; often empty."""
    thumbnail_url: str = ""
    playground_url: str = ""
    documentation_url: str = ""
    output: Schema = field(default_factory=dict, repr=False)
    """The schema of the result, normalized at its root; empty if the document has none."""
    fault: str = ""
    """A sentence that says why the input could not be read; empty if it could."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in display order; if the input is not an object, one field without a name."""
        return self.input.kind.fields if isinstance(self.input.kind, Group) else (self.input,)

    def field(self, name: str) -> Field | None:
        """The field of that name at the root, None if there is none."""
        return next((field for field in self.fields if field.name == name), None)


def read(document: JsonValue, endpoint_id: str = "") -> ModelSchema:
    """The model that a document describes; `endpoint_id` wins over the one in the document.

    The document may also be an element of the list of models (`/v1/models`), such a list with one element, or only the
    JSON schema of the input. Raises `BrokenSchema` for anything else: text, null, an error body (protocol §6.1).
    """
    document, listed_id = unwrapped(document)
    endpoint_id = endpoint_id or listed_id
    if not isinstance(document, dict):
        raise BrokenSchema("The schema is not a JSON object.")
    if _is_bare(document):
        return ModelSchema(
            endpoint_id=endpoint_id,
            input=_input(document, document),
            title=_text(document.get("title")),
            about=_text(document.get("description")),
            fault=_fault(document, document),
        )
    if "error" in document and "paths" not in document:
        reason = _text(_dig(document, "error", "message")) or _text(document["error"])
        raise BrokenSchema(f"The service gave no schema: {reason}" if reason else "The service gave no schema.")
    metadata = _table(_dig(document, "info", "x-fal-metadata"))
    path, posted = _endpoint(document, endpoint_id or _text(metadata.get("endpointId")))
    schema = _body(_dig(posted, "requestBody"))
    asked = _dig(document, "paths", f"{path}/requests/{{request_id}}", "get", "responses", "200")
    return ModelSchema(
        endpoint_id=endpoint_id or _text(metadata.get("endpointId")) or path.strip("/"),
        input=_input(schema, document),
        category=_text(metadata.get("category")),
        title=_text(_dig(document, "info", "title")).removeprefix(_TITLE_PREFIX),
        about=_text(metadata.get("about")) or _text(_dig(document, "info", "description")),
        thumbnail_url=_text(metadata.get("thumbnailUrl")),
        playground_url=_text(metadata.get("playgroundUrl")),
        documentation_url=_text(metadata.get("documentationUrl")),
        output=shape(_body(asked), document).schema,
        fault=_fault(schema, document),
    )


def result_fields(document: JsonValue, endpoint_id: str = "") -> tuple[Field, ...]:
    """What the result of a model has, as fields; none if the document does not say. Raises `BrokenSchema` as `read`."""
    document, listed_id = unwrapped(document)
    if not isinstance(document, dict) or _is_bare(document):
        return ()
    path, _ = _endpoint(document, endpoint_id or listed_id)
    answer = _dig(document, "paths", f"{path}/requests/{{request_id}}", "get", "responses", "200")
    result = _input(_body(answer), document)
    return result.kind.fields if isinstance(result.kind, Group) else ()


def unwrapped(document: JsonValue) -> tuple[JsonValue, str]:
    """The document in an element of `/v1/models` or in a list with one element, and the element's endpoint id.

    Anything else is returned unchanged. Raises `BrokenSchema` for several elements, or one without a document.
    """
    listed = document.get("models") if isinstance(document, dict) and "paths" not in document else document
    if isinstance(listed, list) and len(listed) > 1 and all(_is_element(one) for one in listed):
        names = ", ".join(_text(one["endpoint_id"]) for one in listed[:5] if isinstance(one, dict))
        raise BrokenSchema(f"These are {len(listed)} models ({names} …): one at a time is read.")
    if isinstance(listed, list) and len(listed) == 1:
        document = listed[0]
    if not _is_element(document) or not isinstance(document, dict):
        return document, ""
    if not isinstance(document.get("openapi"), dict):
        raise BrokenSchema("The model is listed without its schema; it is asked for with expand=openapi-3.0.")
    return document["openapi"], _text(document.get("endpoint_id"))


def _is_element(value: JsonValue) -> bool:
    return isinstance(value, dict) and "paths" not in value and isinstance(value.get("endpoint_id"), str)


def _is_bare(document: Schema) -> bool:
    """Whether it is a JSON schema and not an OpenAPI document."""
    kind = document.get("type")
    is_said = isinstance(kind, list) or kind in _JSON_TYPES or isinstance(document.get("$ref"), str)
    inner = any(isinstance(document.get(key), dict) for key in ("properties", "additionalProperties"))
    ways = any(isinstance(document.get(key), list) for key in ("anyOf", "oneOf", "allOf"))
    return {"paths", "openapi", "swagger", "error"}.isdisjoint(document) and (is_said or inner or ways)


def from_components(endpoint_id: str, input_name: str, components: Schema, *, output_name: str = "") -> ModelSchema:
    """The model that named components describe, without a whole document."""
    document = {"components": {"schemas": components}}
    schema = {"$ref": f"#/components/schemas/{input_name}"}
    answer = {"$ref": f"#/components/schemas/{output_name}"}
    return ModelSchema(
        endpoint_id=endpoint_id,
        input=_input(schema, document),
        output=shape(answer, document).schema if output_name else {},
        fault=_fault(schema, document),
    )


def unknown(endpoint_id: str, fault: str) -> ModelSchema:
    """A model without a known schema; `fault` says why. Its input is one raw JSON object."""
    return ModelSchema(endpoint_id=endpoint_id, input=_whole(Raw("is not described")), fault=fault)


def _whole(kind: Raw) -> Field:
    return Field(name="", kind=kind, label="Input", help="The whole input, as a JSON object.", required=True)


def _input(schema: JsonValue, document: JsonValue) -> Field:
    """The field of the whole input; raw JSON if the schema says too little."""
    try:
        found = Builder().whole(shape(schema, document))
    except RecursionError:
        return _whole(Raw("is nested too deeply"))
    return _whole(found.kind) if isinstance(found.kind, Raw) else found


def _fault(schema: JsonValue, document: JsonValue) -> str:
    if schema is None:
        return "The document does not say what the model takes."
    fault = shape(schema, document).fault
    return f"The schema of the input {fault}." if fault else ""


def _endpoint(document: Schema, endpoint_id: str) -> tuple[str, JsonValue]:
    """The path of the endpoint, else the first one with a POST operation; and that operation."""
    paths = _table(document.get("paths"))
    for path in (f"/{endpoint_id}", *paths):
        if isinstance(posted := _dig(paths, path, "post"), dict):
            return path, posted
    return f"/{endpoint_id}", None


def _body(holder: JsonValue) -> JsonValue:
    """The schema of a request's or an answer's JSON body."""
    content = _table(_dig(holder, "content"))
    return _dig(content.get("application/json") or next(iter(content.values()), None), "schema")


def _dig(value: JsonValue, *keys: str) -> JsonValue:
    """The value under nested keys, or None."""
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _table(value: JsonValue) -> Schema:
    return value if isinstance(value, dict) else {}
