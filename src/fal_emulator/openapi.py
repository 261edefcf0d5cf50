"""A model's OpenAPI document in the envelope of the real ones (protocol §6.5)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from fal_emulator.answers import JsonObject
from fal_emulator.fields import component, components_of, ref
from fal_emulator.model import EmulatedModel, ModelField

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


def document(model: EmulatedModel, site: str) -> JsonObject:
    """The whole document; `site` is the base URL of the web site for its links."""
    stem = "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", model.endpoint_id))
    names = (f"{stem}Input", f"{stem}Output")
    schemas: JsonObject = {
        "QueueStatus": _QUEUE_STATUS,
        names[0]: _root(names[0], model.inputs, is_loose=model.loose_input),
        names[1]: _root(names[1], model.outputs),
    }
    known = components_of(model)
    for name in _referenced(schemas, known):
        schemas[name] = known[name]
    page = f"{site}/models/{model.endpoint_id}"
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {model.endpoint_id}",
            "version": "1.0.0",
            "description": f"The OpenAPI schema for the {model.endpoint_id} queue.",
            "x-fal-metadata": {
                "endpointId": model.endpoint_id,
                "category": model.category,
                "thumbnailUrl": f"{site}/thumbnails/{model.endpoint_id}.png",
                "playgroundUrl": page,
                "documentationUrl": f"{page}/api",
                "about": model.description,
            },
        },
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Fal Key",
                }
            },
            "schemas": schemas,
        },
        "paths": _paths(model.endpoint_id, *names),
        "servers": [{"url": "https://queue.fal.run"}],
        "security": [{"apiKeyAuth": []}],
    }


def _root(title: str, fields: Sequence[ModelField], *, is_loose: bool = False) -> JsonObject:
    schema = component(
        title,
        {field.name: field.schema for field in fields},
        required=[field.name for field in fields if field.is_required],
    )
    if is_loose:
        del schema["x-fal-order-properties"]
        schema["additionalProperties"] = True
    return schema


def _referenced(schemas: JsonObject, known: Mapping[str, JsonObject]) -> Iterator[str]:
    """The known components to which the schemas refer. A reference to an unknown component stays as it is."""
    seen = set(schemas)
    waiting = [json.dumps(schemas)]
    while waiting:
        for name in _REFERENCE.findall(waiting.pop()):
            if name in known and name not in seen:
                seen.add(name)
                waiting.append(json.dumps(known[name]))
                yield name


def _paths(endpoint_id: str, input_name: str, output_name: str) -> JsonObject:
    request = f"/{endpoint_id}/requests/{{request_id}}"
    status = _answer(ref("QueueStatus"), "The request status.")
    by_id = {
        "name": "request_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "description": "Request ID"},
    }
    with_logs = {
        "name": "logs",
        "in": "query",
        "required": False,
        "schema": {"type": "number", "description": "Whether to include the logs (1) or not (0)."},
    }
    outcome = {"type": "object", "properties": {"success": {"type": "boolean"}}}
    body = {"required": True, "content": {"application/json": {"schema": ref(input_name)}}}
    return {
        f"{request}/status": {"get": {"parameters": [by_id, with_logs], "responses": status}},
        f"{request}/cancel": {
            "put": {"parameters": [by_id], "responses": _answer(outcome, "The request was cancelled.")}
        },
        f"/{endpoint_id}": {"post": {"requestBody": body, "responses": status}},
        request: {
            "get": {
                "parameters": [by_id],
                "responses": _answer(ref(output_name), "Result of the request."),
            }
        },
    }


def _answer(schema: JsonObject, description: str) -> JsonObject:
    return {"200": {"description": description, "content": {"application/json": {"schema": schema}}}}


_QUEUE_STATUS: JsonObject = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string", "description": "The id of the request."},
        "response_url": {"type": "string", "description": "Where the result is."},
        "status_url": {"type": "string", "description": "Where the status is."},
        "cancel_url": {"type": "string", "description": "Where to cancel."},
        "logs": {"type": "object", "description": "What the runner printed.", "additionalProperties": True},
        "metrics": {"type": "object", "description": "Measured times.", "additionalProperties": True},
        "queue_position": {"type": "integer", "description": "How many requests are in front."},
    },
    "required": ["status", "request_id"],
}
