"""Who may import whom: the layers of `faldeck/__init__`, shown by importing every module in a clean interpreter."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import fal_emulator
import faldeck

PACKAGE = Path(faldeck.__file__).parent
GUARDED = frozenset({"httpx", "rich", "sqlite3", "starlette", "textual", "uvicorn"})
"""The modules that only some layers may import; the rest of the standard library is free."""


@dataclass(frozen=True)
class Layer:
    """Modules and packages of ours under one rule; a package stands for everything in it."""

    names: frozenset[str]
    ours: frozenset[str] = frozenset()
    """What of ours they may import beside each other."""
    others: frozenset[str] = frozenset()
    """What of the guarded modules they may import themselves."""
    brought: frozenset[str] = frozenset()
    """What of the guarded modules may be there once they are imported, because of what they import."""


def layer(names: str, ours: str = "", others: str = "", brought: str = "") -> Layer:
    """A layer, its sets written as words."""
    own, reach, outside = (frozenset(words.split()) for words in (names, ours, others))
    return Layer(own, reach, outside, outside | frozenset(brought.split()))


BASE = "safety system money"
CORE = f"{BASE} schema job job_ids config keys"
OUTSIDE = f"{CORE} query fal history"

LAYERS = (
    layer("safety"),
    layer("system", "safety"),
    layer("money"),
    layer("keys"),
    layer("schema", "safety"),
    layer("job config", f"{BASE} schema keys"),
    layer("job_ids"),
    layer("query", f"{BASE} schema job job_ids"),
    layer("fal", "safety money", others="httpx"),
    layer("history", f"{BASE} schema job job_ids query", others="sqlite3"),
    layer("engine", OUTSIDE, brought="sqlite3"),
    layer("app", f"{OUTSIDE} engine", brought="sqlite3"),
    layer("cli", f"{OUTSIDE} engine app", others="rich", brought="sqlite3"),
    layer("tui", f"{OUTSIDE} engine app", others="textual rich", brought="sqlite3"),
    layer("__main__", "system app cli tui"),
)

EXCEPTIONS = frozenset(
    {
        ("faldeck.cli.commands.emulator", "fal_emulator"),
    }
)
"""Imports that break the table on purpose; each inside the one function that needs it."""


def layer_of(module: str) -> Layer:
    """The layer of one of our modules."""
    top = module.split(".")[1]
    return next(layer for layer in LAYERS if top in layer.names)


def is_free(importer: str, imported: str) -> bool:
    """Whether the table lets one module import another."""
    top, *rest = imported.split(".")
    own = layer_of(importer)
    if top != "faldeck":
        return top not in GUARDED or top in own.others
    return not rest or rest[0] in {"__version__"} | own.names | own.ours


def modules() -> list[str]:
    """The names of all our modules."""
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths if path != PACKAGE / "__init__.py")


OURS = [name for name in modules() if name != "faldeck"]

_PROBE = """
import builtins, importlib, importlib.util, json, sys

pairs, real = set(), builtins.__import__

def noted(name, globals=None, locals=None, fromlist=(), level=0):
    module = real(name, globals, locals, fromlist, level)
    scope = globals or {}
    whole = importlib.util.resolve_name("." * level + name, scope.get("__package__")) if level else name
    parts = [f"{whole}.{part}" for part in fromlist or () if f"{whole}.{part}" in sys.modules]
    pairs.update((scope.get("__name__") or "", imported) for imported in parts or [whole])
    return module

builtins.__import__ = noted
for module in sys.argv[1:]:
    importlib.import_module(module)
print(json.dumps({"pairs": sorted(pairs), "loaded": sorted(sys.modules)}))
"""


@cache
def imported(layer: Layer) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Who imported whom, and all that was there in the end, when a new interpreter imports a layer's modules."""
    names = [name for name in OURS if layer_of(name) is layer]
    probe = subprocess.run([sys.executable, "-c", _PROBE, *names], capture_output=True, text=True, check=True)
    said = json.loads(probe.stdout)
    return frozenset((one, other) for one, other in said["pairs"]), frozenset(said["loaded"])


def written(module: str) -> Iterator[str]:
    """What the text of a module imports, inside functions too; what only type checkers read is left out."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        match node := waiting.pop():
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                waiting += node.orelse
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                parents = package.split(".")
                base = parents[: len(parents) - node.level + 1] if node.level else []
                whole = ".".join([*base, *([node.module] if node.module else [])])
                yield from (f"{whole}.{alias.name}" for alias in node.names)
            case _:
                waiting += ast.iter_child_nodes(node)


def test_every_module_has_one_layer() -> None:
    tops = [name for layer in LAYERS for name in layer.names]
    assert len(tops) == len(set(tops))
    assert {module.split(".")[1] for module in OURS} == set(tops)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: " ".join(sorted(layer.names)))
def test_a_layer_imports_what_the_table_allows(layer: Layer) -> None:
    pairs, _ = imported(layer)
    ours = [(one, other) for one, other in pairs if one.startswith("faldeck.") and layer_of(one) is layer]
    assert ours or layer.names == {"__main__"}
    assert [pair for pair in ours if not is_free(*pair)] == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: " ".join(sorted(layer.names)))
def test_a_layer_brings_nothing_along_that_it_must_not(layer: Layer) -> None:
    _, loaded = imported(layer)
    assert (loaded & GUARDED) - layer.brought == set()


@pytest.mark.parametrize("module", OURS)
def test_imports_inside_functions_keep_the_table_too(module: str) -> None:
    broken = {name for name in written(module) if not is_free(module, name)}
    assert {name for name in broken if not any(_is_exception(module, name, *pair) for pair in EXCEPTIONS)} == set()


def _is_exception(module: str, name: str, importer: str, imported: str) -> bool:
    return module == importer and (name == imported or name.startswith(f"{imported}."))


def test_every_exception_is_used() -> None:
    for importer, imported in EXCEPTIONS:
        assert any(name.startswith(imported) for name in written(importer))


def test_no_module_is_named_as_a_place_for_leftovers() -> None:
    assert not [name for name in OURS if name.rpartition(".")[2] in ("utils", "helpers", "common", "misc")]


EMULATOR = Path(fal_emulator.__file__).parent
PACKAGES = sorted(
    path
    for root in (PACKAGE, EMULATOR)
    for path in root.rglob("__init__.py")
    if path.parent != PACKAGE / "cli" / "commands"
)
"""All but the commands, which are listed in `cli/command_table.py`."""


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: path.parent.relative_to(PACKAGE.parent).as_posix())
def test_the_docstring_of_a_package_names_everything_in_it(path: Path) -> None:
    inside = {other.parent.name if other.name == "__init__.py" else other.stem for other in path.parent.glob("*.py")}
    inside |= {other.parent.name for other in path.parent.glob("*/__init__.py")}
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert {name for name in inside - {path.parent.name} if not re.search(rf"\b{name}\b", text)} == set()


@pytest.mark.parametrize("path", sorted(EMULATOR.rglob("*.py")), ids=lambda path: path.relative_to(EMULATOR).as_posix())
def test_the_emulator_imports_its_own_dependencies_and_itself(path: Path) -> None:
    module = ".".join(path.relative_to(EMULATOR.parent).with_suffix("").parts).removesuffix(".__init__")
    tops = {name.partition(".")[0] for name in written(module)}
    assert tops <= {"fal_emulator", "starlette", "uvicorn", "PIL", *sys.stdlib_module_names}


def test_the_emulator_is_imported_where_it_is_started_and_nowhere_else() -> None:
    importers = {module for module in OURS if any(name.startswith("fal_emulator") for name in written(module))}
    assert importers == {"faldeck.cli.commands.emulator"}


def test_both_packages_of_the_distribution_have_one_version() -> None:
    assert fal_emulator.__version__ == faldeck.__version__


def test_a_class_name_stands_once() -> None:
    paths = sorted(path for root in (PACKAGE, EMULATOR) for path in root.rglob("*.py"))
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == set()
