"""Questions about the documents of jobs: the value at a path of a result, and how the arguments of jobs differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from faldeck.job import Body, Job
from faldeck.safety import sanitize
from faldeck.schema import json_value
from faldeck.schema.json_value import JsonPath, JsonValue

MOST_NAMES = 12
"""Members that are named where a path leads nowhere."""


class NoSuchValue(LookupError):
    """There is nothing at this path of a result. The text says so, and which path is the nearest."""


def select(result: JsonValue, path: JsonPath) -> JsonValue:
    """The value at a path of a result; raises NoSuchValue."""
    if json_value.has(result, path):
        return json_value.get(result, path)
    near = json_value.nearest(result, path)
    inside = json_value.get(result, near)
    message = f"The result has no {json_value.spell(path)}."
    if len(near) >= len(path):
        message += f" The nearest path is {json_value.spell(near)}."
    elif isinstance(inside, dict) and inside:
        names = ", ".join(json_value.spell((name,)) for name in list(inside)[:MOST_NAMES])
        message += f" {_subject(near)} has {names}{', …' if len(inside) > MOST_NAMES else ''}."
    elif isinstance(inside, list):
        message += f" {_subject(near)} is an empty list."
    elif near:
        message += f" {_subject(near)} has no members."
    raise NoSuchValue(sanitize.clean_line(message))


def _subject(path: JsonPath) -> str:
    return json_value.spell(path) if path else "It"


def text(value: JsonValue) -> str:
    """A value as people and shells want it: a string as it is, anything else as JSON on one line."""
    return value if isinstance(value, str) else json_value.write(value)


# Comparing


class Given(NamedTuple):
    """The value that one job has at a path."""

    value: JsonValue = None
    is_set: bool = False
    """False if the job has no value there: the model used its default, or the input is not known."""


class Difference(NamedTuple):
    """A path at which not all jobs have the same value."""

    path: JsonPath
    given: tuple[Given, ...]
    """What each job has there, in the order of the jobs."""


class Comparison(NamedTuple):
    """Jobs beside each other."""

    jobs: tuple[Job, ...]
    differences: tuple[Difference, ...]
    """The arguments that differ. Jobs whose input is not known are left out of the question."""
    same: int
    """How many arguments are the same in all jobs."""


def compare(jobs: Sequence[Job], bodies: Sequence[Body]) -> Comparison:
    """Compares the arguments of jobs, in the order of the first job's arguments; those only others have follow."""
    known = [job.input_known for job in jobs]
    roots = [Given(body.arguments, is_known) for body, is_known in zip(bodies, known, strict=True)]
    differences = tuple(_differences((), roots, known))
    names = {name for given in roots if given.is_set for name in (given.value if isinstance(given.value, dict) else ())}
    different = {difference.path[0] for difference in differences}
    return Comparison(tuple(jobs), differences, len(names - different))


def _differences(path: JsonPath, given: Sequence[Given], known: Sequence[bool]) -> list[Difference]:
    compared = [one for one, is_known in zip(given, known, strict=True) if is_known]
    first = compared[0] if compared else Given()
    if all(one.is_set is first.is_set and json_value.same(one.value, first.value) for one in compared):
        return []
    found: list[Difference] = []
    values = [one.value for one in compared]
    steps: Sequence[str | int] | None = None
    if all(isinstance(value, dict) for value in values):
        steps = list(dict.fromkeys(name for value in values if isinstance(value, dict) for name in value))
    elif all(isinstance(value, list) for value in values):
        steps = range(max(len(value) for value in values if isinstance(value, list)))
    if not steps:
        return [Difference(path, tuple(given))]
    for step in steps:
        inner = [Given(json_value.get(one.value, (step,)), json_value.has(one.value, (step,))) for one in given]
        found += _differences((*path, step), inner, known)
    return found
