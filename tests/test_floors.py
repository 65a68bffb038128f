"""No floor loads what it must not: each is imported in a fresh interpreter, and `sys.modules` is read."""

import importlib.util
import json
import pkgutil
import subprocess
import sys

import pytest

NUMBERS, SCREEN, TENSORS = {"numpy"}, {"textual", "rich"}, {"tensorflow", "keras"}
WORKER = {"tuinn.worker"}
CONDUCTOR = {"optuna", "tuinn.runner"}

FENCES = {
    "tuinn.spec": NUMBERS | SCREEN | TENSORS | WORKER,
    "tuinn.data": SCREEN | TENSORS | WORKER,
    "tuinn.runs": NUMBERS | SCREEN | TENSORS | WORKER,
    "tuinn.sweeps": NUMBERS | SCREEN | TENSORS | WORKER | CONDUCTOR,
    "tuinn.runner": SCREEN | TENSORS | WORKER | {"tuinn.view"},
    "tuinn.view": {"textual"} | TENSORS | WORKER | CONDUCTOR,
    "tuinn.ui": TENSORS | WORKER | CONDUCTOR,
    "tuinn.cli": NUMBERS | SCREEN | TENSORS | WORKER | CONDUCTOR,
}

LOAD = "import importlib, json, sys; [importlib.import_module(m) for m in sys.argv[1:]]; print(json.dumps([*sys.modules]))"


def modules_of(package: str) -> list[str]:
    """The package's modules, those below it included, by name. Nothing of them is imported."""
    found = importlib.util.find_spec(package)
    paths = list(found.submodule_search_locations)
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
def test_a_floor_loads_nothing_from_beyond_its_fence(floor, forbidden):
    assert not loaded_by(*modules_of(floor)) & forbidden


def test_the_entry_point_loads_neither_screen_nor_numbers():
    assert not loaded_by("tuinn.__main__") & (NUMBERS | SCREEN | TENSORS | WORKER)
