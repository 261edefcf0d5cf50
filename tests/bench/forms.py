"""The forms of all recorded documents: what they are made of, and how fast the largest opens and answers.

`python tests/bench/forms.py` counts the kinds of field, names every field that is left to raw JSON and why, and then
drives the deck in a pretend terminal, a program of one text line beside it. Needs the folder of recorded documents.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # For the pretend terminal.

from deck import DECK, Figure  # noqa: E402
from measures import cpu, first_answers, last_answer, percentile_95, start, step  # noqa: E402
from seed import environment, seed  # noqa: E402
from support.pty_terminal import Terminal  # noqa: E402

from faldeck.schema import document  # noqa: E402
from faldeck.schema.document import ModelSchema  # noqa: E402
from faldeck.schema.fields import Field, Items, Map, Raw, Union  # noqa: E402

SHARED = HERE.parents[2] / "shared"
BLANK = (sys.executable, str(HERE / "blank.py"))
MOST_FIELDS = 54
"""The fields of the largest form there is; the recorded half of the documents lacks it."""
TURNS = 20


def main() -> None:
    if not SHARED.is_dir():
        sys.exit(f"There are no recorded documents in {SHARED}.")
    documents = {path.stem: json.loads(path.read_bytes()) for path in sorted((SHARED / "schemas").glob("*.json"))}
    describe([*map(document.read, documents.values()), *components()])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        seed(home, models=0, jobs=0, more={"bench/largest/form": largest(documents), **deepest(documents)})
        print(f"\n{'':46}{'measured':>12}{'goal':>12}")
        for figure in speed(environment(home)):
            print(figure, flush=True)


def components() -> Iterator[ModelSchema]:
    """The models of which the components alone are recorded."""
    schemas = json.loads((SHARED / "components" / "image-to-image.json").read_bytes())["components"]["schemas"]
    names = json.loads((SHARED / "components" / "image-to-image.endpoints.json").read_bytes())
    for endpoint_id, name in names.items():
        yield document.from_components(endpoint_id, name["input"], schemas)


def describe(models: list[ModelSchema]) -> None:
    """Prints how many fields of each kind there are, and which are left to raw JSON."""
    fields = [(model, place, field) for model in models for place, field in _fields(model.input)]
    kinds = Counter(field.kind.name for _, _, field in fields)
    print(
        f"{len(models)} models, {len(fields):,} fields:", ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common())
    )
    raw = [(model, place, field.kind.reason) for model, place, field in fields if isinstance(field.kind, Raw)]
    count = len({model.endpoint_id for model, _, _ in raw})
    print(f"\n{count} models ({count / len(models):.2%}) have a field that is raw JSON:")
    for model, place, reason in raw:
        print(f"  {model.endpoint_id}  {place or 'the whole input'}  {reason}")


def _fields(field: Field, place: str = "") -> Iterator[tuple[str, Field]]:
    """A field and all inside it, each with its place: `loras[].path`."""
    yield place, field
    for child in field.children:
        match field.kind:
            case Items():
                yield from _fields(child, f"{place}[]")
            case Map():
                yield from _fields(child, f"{place}{{}}")
            case Union():
                yield from _fields(child, place)
            case _:
                yield from _fields(child, f"{place}.{child.name}".lstrip("."))


def largest(documents: dict[str, Any]) -> Any:
    """The document with the most fields, and fields of the next ones until there are as many as the largest has."""
    forms = [one for one in documents.values() if len(document.read(one).fields) > 1]
    ordered = sorted(forms, key=lambda one: -len(document.read(one).fields))
    whole = json.loads(json.dumps(ordered[0]))
    schemas = whole["components"]["schemas"]
    root = _root(whole)
    for other in takewhile(lambda _: len(root["properties"]) < MOST_FIELDS, ordered[1:]):
        schemas |= {name: schema for name, schema in other["components"]["schemas"].items() if name not in schemas}
        fresh = [name for name in _root(other)["properties"] if name not in root["properties"]]
        for name in fresh[: MOST_FIELDS - len(root["properties"])]:
            root["properties"][name] = _root(other)["properties"][name]
            root["x-fal-order-properties"].append(name)
    assert len(document.read(whole).fields) == MOST_FIELDS
    return whole


def _root(whole: Any) -> Any:
    posted = next(path["post"] for path in whole["paths"].values() if "post" in path)
    reference = posted["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return whole["components"]["schemas"][reference.rsplit("/", 1)[-1]]


def deepest(documents: dict[str, Any]) -> dict[str, Any]:
    """The document with the most fields at any depth, and one of a few fields to switch from, by endpoint id."""
    counts = {name: sum(1 for _ in _fields(document.read(one).input)) for name, one in documents.items()}
    return {
        "bench/deepest/form": documents[max(counts, key=counts.__getitem__)],
        "bench/smallest/form": documents[min(counts, key=counts.__getitem__)],
    }


def speed(living: dict[str, str]) -> Iterator[Figure]:
    """Time from a key to what it changes, in a program of one line and in the largest form."""
    with Terminal(*BLANK, environment=living) as blank:
        start(blank)
        empty, busy = _keys(blank, ["x"])
    yield Figure("a typed character in an empty program, p95", empty, None, "ms")
    yield Figure("… CPU", busy, None, "ms")
    for name in ("largest", "deepest"):
        with Terminal(*DECK, environment=living) as deck:
            start(deck)
            yield from _form(deck, name, empty)


def _form(deck: Terminal, name: str, empty: float) -> Iterator[Figure]:
    yield Figure(f"the {name} form opens the first time", _opened(deck, name)[0] * 1000, 100, "ms")
    opened = []
    for _ in range(TURNS):
        _opened(deck, "smallest")
        opened.append(_opened(deck, name))
    yield Figure(f"the {name} form opens, p95", percentile_95([took for took, _ in opened]) * 1000, 100, "ms")
    yield Figure("… median", median(took for took, _ in opened) * 1000, None, "ms")
    yield Figure("… CPU, median", median(busy for _, busy in opened) * 1000, None, "ms")
    step(deck, "end", "enter", "home")
    for what, keys in (("cursor move", ["down", "up"]), ("typed character", list("fox"))):
        if what.startswith("typed"):
            step(deck, "enter")
        took, busy = _keys(deck, keys)
        yield Figure(f"{what} in the {name} form, p95", took, empty, "ms")
        yield Figure("… CPU", busy, None, "ms")


def _keys(terminal: Terminal, keys: list[str]) -> tuple[float, float]:
    """Milliseconds until the paint after a key begins, at the 95th percentile, and of CPU for each."""
    terminal.settle()
    before = cpu(terminal)
    answers = first_answers(terminal, (keys * TURNS)[:TURNS])
    return percentile_95(answers) * 1000, (cpu(terminal) - before) * 1000 / TURNS


def _opened(deck: Terminal, name: str) -> tuple[float, float]:
    """Seconds until the form of a model is whole, from the key that opens it, and seconds of CPU for it."""
    for keys in (("/", "ctrl+u"), name):
        deck.press(*keys)
        deck.settle(0.4)  # The list describes the model under the cursor once it rests.
    before = cpu(deck)
    took = last_answer(deck, "enter")
    busy = cpu(deck) - before
    deck.wait_for(f"bench/{name}/form ")
    deck.press("escape")
    deck.settle(0.1)
    return took, busy


if __name__ == "__main__":
    main()
