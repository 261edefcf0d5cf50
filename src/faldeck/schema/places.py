"""Places inside a JSON value: how they are written (`loras[0].path`), and reading, setting and clearing there."""

import re

from .jsonvalue import Invalid, JsonValue, Path, write

_STEP = re.compile(r"""\[(?P<index>\d{1,6})\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<name>[^.\[\]]+)""")


def spell(path: Path) -> str:
    """A path as text: `image_size.width`, `loras[0].path`, `["a.b"].c`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[^.\[\]]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{write(step)}]"
    return text


def parse(text: str) -> Path:
    """The path written as `text`; raises `Invalid`."""
    path: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise Invalid(f"is no place in the input: {text}")
        if found["index"] is not None:
            path.append(int(found["index"]))
        elif found["quoted"] is not None:
            path.append(re.sub(r"\\(.)", r"\1", found["quoted"]))
        else:
            path.append(found["name"])
        position = found.end()
    return tuple(path)


def get(value: JsonValue, path: Path, default: JsonValue = None) -> JsonValue:
    """What stands at `path`, or `default` when nothing does."""
    for step in path:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            case _:
                return default
    return value


def has(value: JsonValue, path: Path) -> bool:
    """Whether something, null included, stands at `path`."""
    nothing = object()
    return get(value, path, nothing) is not nothing


def put(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """A copy of `value` with `new` at `path`; objects and lists on the way are made, other values replaced.

    An index may be one past the end of its list, not further: that raises `Invalid`.
    """
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        members = dict(value) if isinstance(value, dict) else {}
        members[step] = put(members.get(step), rest, new)
        return members
    items = list(value) if isinstance(value, list) else []
    if not 0 <= step <= len(items):
        raise Invalid(f"item {step} of a list of {len(items)}")
    items[step : step + 1] = [put(items[step] if step < len(items) else None, rest, new)]
    return items


def drop(value: JsonValue, path: Path) -> JsonValue:
    """A copy of `value` without what stands at `path`; later items of a list move up."""
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        members = {name: inner for name, inner in value.items() if name != step or rest}
        return members | {step: drop(value[step], rest)} if rest else members
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return [*value[:step], *([drop(value[step], rest)] if rest else []), *value[step + 1 :]]
    return value
