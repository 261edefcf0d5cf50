"""Values made from a JSON schema, to be entered into fields; knows nothing of the fields themselves."""

import random
import re
import string
from typing import Any

Json = Any


class Sampler:
    """Makes values that fit a schema of one document, the same ones for the same seed."""

    def __init__(self, document: Json, seed: int) -> None:
        self._document = document
        self._random = random.Random(seed)

    def resolved(self, schema: Json) -> Json:
        """The schema with its references and `allOf` parts written out at this level."""
        while isinstance(schema, dict) and ("$ref" in schema or "allOf" in schema):
            beside = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
            parts = [self._target(schema["$ref"])] if "$ref" in schema else []
            parts += [self.resolved(part) for part in schema.get("allOf", [])]
            schema = {key: value for part in parts for key, value in part.items()} | beside
        return schema

    def _target(self, reference: str) -> Json:
        return self._document["components"]["schemas"].get(reference.rsplit("/", 1)[-1], {})

    def value(self, schema: Json) -> Json:
        """A value that fits the schema; any branch, any choice, null where it may be."""
        schema = self.resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if branches := schema.get("anyOf") or schema.get("oneOf"):
            return self.value(self._random.choice(branches))
        match schema.get("type", "object" if "properties" in schema else None):
            case "string":
                return self._text(schema)
            case "integer":
                return self._integer(schema)
            case "number":
                return self._number(schema)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case "array":
                return self._list(schema)
            case "object":
                return self._object(schema)
        return self._random.choice([{"any": [1, None, "x"]}, "any", 7, 1.5, True, []])

    def _text(self, schema: Json) -> str:
        if "pattern" in schema:
            return next(text for text in ("Speaker1", "#ff8800", "2024") if re.search(schema["pattern"], text))
        fewest, most = schema.get("minLength", 0), min(schema.get("maxLength", 40), 400)
        length = self._random.randint(fewest, max(fewest, min(most, fewest + 40)))
        made = "".join(self._random.choices(string.printable + "äß漢🦊[]{}\"'", k=max(0, length - 2)))
        odd = [f"a{made}z", f'"{made}"', f"[{made}]", "2024", "0.5", "null", "true", "[1]", "{}", ""]
        fitting = [text for text in odd if fewest <= len(text) <= most]
        return self._random.choice(fitting or ["x" * length])

    def _integer(self, schema: Json) -> int:
        low, high = self._bounds(schema, 1)
        step = int(schema.get("multipleOf", 1))
        first, last = -(-int(low) // step), int(high) // step
        return self._random.randint(first, last) * step

    def _number(self, schema: Json) -> Json:
        low, high = self._bounds(schema, 1e-9)
        if "multipleOf" in schema:
            return float(low)
        return self._random.choice([low, high, self._random.uniform(low, high)])

    def _bounds(self, schema: Json, gap: float) -> tuple[Any, Any]:
        low = schema.get("minimum", schema["exclusiveMinimum"] + gap if "exclusiveMinimum" in schema else None)
        high = schema.get("maximum", schema["exclusiveMaximum"] - gap if "exclusiveMaximum" in schema else None)
        if low is None:
            low = -(10**6) if high is None else high - 10**6
        return low, low + 10**6 if high is None else high

    def _list(self, schema: Json) -> list[Json]:
        if "prefixItems" in schema:
            return [self.value(place) for place in schema["prefixItems"]]
        fewest = schema.get("minItems", 0)
        count = self._random.randint(fewest, min(schema.get("maxItems", fewest + 3), fewest + 3))
        made = [self.value(schema.get("items", {})) for _ in range(count)]
        if schema.get("uniqueItems"):
            return [item for index, item in enumerate(made) if item not in made[:index]]
        return made

    def _object(self, schema: Json) -> dict[str, Json]:
        members = schema.get("properties", {})
        required = schema.get("required", [])
        made = {
            name: self.value(member)
            for name, member in members.items()
            if name in required or self._random.random() < 0.6
        }
        more = schema.get("additionalProperties")
        if not members and isinstance(more, dict):
            made |= {"extra": self.value(more)}
        return made
