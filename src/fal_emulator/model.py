"""A model of the emulator: its fields, its timing, its price, and the function that makes its output."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fal_emulator.answers import JsonObject, Reply
from fal_emulator.plan import RunnerLine


@dataclass(frozen=True)
class ModelField:
    """One property of an input or output object, with its JSON Schema."""

    name: str
    schema: JsonObject
    is_required: bool = False


@dataclass(frozen=True)
class MadeFile:
    """A file a model made; in an output it becomes a file object with a URL, or a data URI."""

    data: bytes
    content_type: str
    extension: str
    facts: JsonObject = field(default_factory=dict)
    """Further members of the file object, such as `width` and `height`."""


@dataclass(frozen=True)
class ModelRequest:
    """One valid request as a model sees it."""

    arguments: JsonObject
    """The input with the defaults filled in."""
    seed: int
    """The seed in the input, or one derived from the input: the same input makes the same bytes."""
    fetch: Callable[[str], bytes | None]
    """The bytes behind a data URI or a file URL of this service, None for any other URL.
    Raises `Refusal` if the file is missing."""
    seconds: float = 0
    """How long the run takes, for outputs that include their timings."""


@dataclass(frozen=True)
class ModelTiming:
    """How long a request takes at speed 1, in seconds, and what its runner prints meanwhile."""

    queued: float
    running: float
    ahead: int = 0
    script: Sequence[RunnerLine] = ()
    heeds_cancel: bool = True


@dataclass(frozen=True)
class UnitPrice:
    """US dollars per unit."""

    amount: float
    unit: str


def one_unit(request: ModelRequest, output: JsonObject) -> float:
    """The billable units of models that charge per request."""
    return 1


def never(arguments: JsonObject) -> Reply | None:
    """The failure of models that do not fail."""
    return None


@dataclass(frozen=True)
class EmulatedModel:
    """A model of the catalogue. Adding one means writing one of these into a module of `models`."""

    endpoint_id: str
    name: str
    category: str
    description: str
    inputs: Sequence[ModelField]
    outputs: Sequence[ModelField]
    render: Callable[[ModelRequest], JsonObject]
    """Makes the output; `MadeFile`s anywhere in it become files. May raise `Refusal`."""
    pace: ModelTiming
    price: UnitPrice
    units: Callable[[ModelRequest, JsonObject], float] = one_unit
    fails: Callable[[JsonObject], Reply | None] = never
    """The error for a valid input, if there is one instead of an output."""
    narrate: Callable[[ModelRequest], Iterator[JsonObject]] | None = None
    """The events of a streamed call, the last being the output (protocol §3.2)."""
    tags: Sequence[str] = ()
    group: tuple[str, str] | None = None
    """Key of the model's family, and the label of this variant in it."""
    published: str = "2026-01-15"
    kind: str = "inference"
    is_deprecated: bool = False
    components: Mapping[str, JsonObject] = field(default_factory=dict)
    """Schemas of its own that its fields refer to, beside the shared ones."""
    loose_input: bool = False
    """Extra keys are allowed, and the schema does not give the order of the fields."""


def app_id(endpoint_id: str) -> str:
    """The part of an endpoint id under which its requests live (protocol §2.1).

    >>> app_id("demo/sketch/fast"), app_id("workflows/demo/postcard/v2")
    ('demo/sketch', 'workflows/demo/postcard')
    """
    segments = endpoint_id.split("/")
    return "/".join(segments[: 3 if segments[0] in ("workflows", "comfy") else 2])


def steps(
    count: int, *, seconds: float, every: int = 1, start: float = 0.1, end: float = 0.9
) -> tuple[RunnerLine, ...]:
    """A progress bar of `count` steps, a line for every `every`-th; `seconds` is the length of the whole run."""
    rate = count / (seconds * (end - start))
    done = (*range(0, count, every), count)
    return tuple(RunnerLine(start + (end - start) * step / count, _bar(step, count, rate)) for step in done)


def said(*lines: tuple[float, str]) -> tuple[RunnerLine, ...]:
    """Plain lines, each at a fraction of the run."""
    return tuple(RunnerLine(at, message) for at, message in lines)


def _bar(step: int, count: int, rate: float) -> str:
    filled = round(10 * step / count)
    bar = "█" * filled + " " * (10 - filled)
    left = (count - step) / rate
    return f"{step / count:4.0%}|{bar}| {step}/{count} [{_clock(step / rate)}<{_clock(left)}, {rate:5.2f}it/s]"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
