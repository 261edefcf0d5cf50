"""Makes a schema self-contained: references are replaced by their schemas; recursive schemas go to `$defs`."""

from collections.abc import Iterator

from faldeck.schema.json_value import JsonValue
from faldeck.schema.normalize import Schema, resolve

MOST_NODES = 20_000
"""The most objects and lists that are written in place. From then on every reference goes to `$defs`."""

_NAMED = ("properties", "patternProperties", "dependentSchemas")
"""Keywords whose members are named schemas."""
_DATA = ("default", "example", "examples", "enum", "const", "required")
"""Keywords with values, in which nothing is a reference."""
_STORES = ("$defs", "definitions", "components")
"""Keywords with the schemas that references name."""


def standalone(schema: Schema, document: JsonValue) -> Schema:
    """`schema` without references into `document`; raises RecursionError if it is nested too deeply.

    A reference to a schema that the document does not have allows any value. One to another document stays.
    """
    inliner = _Inliner(document)
    root = inliner.schema({key: value for key, value in schema.items() if key not in _STORES}, ())
    whole = root if isinstance(root, dict) else {}
    definitions = inliner.definitions()
    own = definitions.get(str(whole.get("$ref", "")).removeprefix("#/$defs/"))
    if isinstance(own, dict) and len(whole) == 1:
        whole = own
    return {**whole, "$defs": definitions} if definitions else whole


class _Inliner:
    def __init__(self, document: JsonValue) -> None:
        self._document = document
        self._names: dict[str, str] = {}
        """Reference → its name in `$defs`, for those that are there."""
        self._ready: dict[str, JsonValue] = {}
        self._nodes = 0

    def definitions(self) -> Schema:
        """The contents of `$defs`, including the schemas that those refer to."""
        while missing := [reference for reference in self._names if reference not in self._ready]:
            for reference in missing:
                self._ready[reference] = self._target(reference, ())
        return {name: self._ready[reference] for reference, name in self._names.items()}

    def schema(self, value: JsonValue, trail: tuple[str, ...]) -> JsonValue:
        """A schema, or a list of schemas, without references."""
        self._nodes += 1
        if isinstance(value, list):
            return [self.schema(one, trail) for one in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return dict(self._members(value, trail))
        siblings = dict(self._members({key: one for key, one in value.items() if key != "$ref"}, trail))
        if resolve(reference, self._document) is None:
            return siblings
        if reference in trail or reference in self._names or self._nodes > MOST_NODES:
            return {"$ref": f"#/$defs/{self._name(reference)}", **siblings}
        target = self._target(reference, (*trail, reference))
        if reference in self._names:  # It has turned out to hold itself.
            self._ready[reference] = target
            return {"$ref": f"#/$defs/{self._name(reference)}", **siblings}
        return {**target, **siblings} if isinstance(target, dict) else siblings or target

    def _target(self, reference: str, trail: tuple[str, ...]) -> JsonValue:
        return self.schema(resolve(reference, self._document), trail or (reference,))

    def _members(self, schema: Schema, trail: tuple[str, ...]) -> Iterator[tuple[str, JsonValue]]:
        for key, value in schema.items():
            if key in _NAMED and isinstance(value, dict):
                yield key, {name: self.schema(one, trail) for name, one in value.items()}
            elif key == "discriminator" and isinstance(value, dict):
                # Its mapping names schemas by where they stood.
                yield key, {name: one for name, one in value.items() if name != "mapping"}
            elif key in _DATA or key.startswith("x-") or not isinstance(value, dict | list):
                yield key, value
            else:
                yield key, self.schema(value, trail)

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            bare = reference.rpartition("/")[2].lstrip("#") or "Root"
            taken = set(self._names.values())
            free = (name for number in range(1, len(taken) + 2) if (name := bare if number == 1 else f"{bare}{number}"))
            self._names[reference] = next(name for name in free if name not in taken)
        return self._names[reference]
