"""No floor loads what it must not: each is imported in a fresh interpreter, and `sys.modules` is read."""

import ast
import importlib.util
import json
import pkgutil
import subprocess
import sys
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

NUMBERS, SCREEN, TENSORS = {"numpy"}, {"textual", "rich"}, {"tensorflow", "keras"}
WORKER = {"tuinn.worker"}
DASK = {"dask", "distributed"}
RUNNER = {"optuna", "tuinn.runner"} | DASK

FENCES = {
    "tuinn.spec": NUMBERS | SCREEN | TENSORS | WORKER,
    "tuinn.data": SCREEN | TENSORS | WORKER,
    "tuinn.runs": NUMBERS | SCREEN | TENSORS | WORKER,
    "tuinn.sweeps": NUMBERS | SCREEN | TENSORS | WORKER | RUNNER,
    "tuinn.runner": SCREEN | TENSORS | WORKER | DASK | {"tuinn.view"},
    "tuinn.view": {"textual"} | TENSORS | WORKER | RUNNER,
    "tuinn.labs": SCREEN | TENSORS | WORKER | RUNNER | {"tuinn.view"},
    "tuinn.labs.lessons": NUMBERS | SCREEN | TENSORS | WORKER | RUNNER,
    "tuinn.ui": TENSORS | WORKER | RUNNER,
    "tuinn.cli": NUMBERS | SCREEN | TENSORS | WORKER | RUNNER,
}

LOAD = "import importlib, json, sys; [importlib.import_module(m) for m in sys.argv[1:]]; print(json.dumps([*sys.modules]))"


def modules_of(package: str) -> list[str]:
    """The package's modules, those below it included, by name. Nothing of them is imported."""
    found = importlib.util.find_spec(package)
    assert found is not None
    paths = list(found.submodule_search_locations or [])
    below = list(pkgutil.iter_modules(paths, f"{package}."))
    deeper = [name for item in below if item.ispkg for name in modules_of(item.name)]
    return [package, *(item.name for item in below if not item.ispkg), *deeper]


def loaded_by(*modules: str) -> set[str]:
    """Every module that a fresh interpreter holds after importing these."""
    command = [sys.executable, "-c", LOAD, *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(("floor", "forbidden"), FENCES.items(), ids=FENCES)
def test_a_floor_loads_nothing_from_beyond_its_fence(floor: str, forbidden: set[str]) -> None:
    assert not loaded_by(*modules_of(floor)) & forbidden


def test_a_worker_says_that_it_has_started_and_hears_a_stop_before_it_loads_tensorflow() -> None:
    assert not loaded_by("tuinn.worker.session", "tuinn.worker.standby") & TENSORS


def test_the_entry_point_loads_neither_screen_nor_numbers() -> None:
    assert not loaded_by("tuinn.__main__") & (NUMBERS | SCREEN | TENSORS | WORKER)


def imports_of(path: Path, modules: Collection[str]) -> set[str]:
    """The modules of tuinn that this file imports, also inside functions; not those for the type checker alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & set(modules)


def test_no_module_imports_itself_by_way_of_others() -> None:
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in (ROOT / "tuinn").rglob("*.py")
        if path.name != "__init__.py"
    }
    graph = {name: imports_of(path, paths) - {name} for name, path in paths.items()}
    assert graph["tuinn.__main__"]
    try:
        order = [*TopologicalSorter(graph).static_order()]
    except CycleError as error:
        pytest.fail(f"an import circle: {' → '.join(error.args[1])}")
    assert len(order) == len(paths)
