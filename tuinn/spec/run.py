"""A whole run as one value: dataset, model, fit. TOML both ways."""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from tuinn.errors import SpecError
from tuinn.spec.dataset import DATASET_OPTIONS, DataFacts, DatasetSpec, is_label_source
from tuinn.spec.fit import FIT_OPTIONS, FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.options import Option, did_you_mean
from tuinn.spec.weights import WEIGHTS_OPTIONS, WeightsSpec
from tuinn.text import shorten

T = TypeVar("T")

LAYER_PATH = re.compile(r"layers\[(\d{1,6})\]\.(\w+)")
"""The path of a layer's option; layers count from 1."""


@dataclass(frozen=True)
class RunSpec:
    """Everything a worker must know to train, and nothing else."""

    dataset: DatasetSpec = field(default_factory=DatasetSpec)
    model: ModelSpec = field(default_factory=ModelSpec)
    fit: FitSpec = field(default_factory=FitSpec)
    weights: WeightsSpec = field(default_factory=WeightsSpec)
    """Where layers that ask for it have their first weights from."""

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> "RunSpec":
        """From parsed TOML. Raises SpecError with the field's path and what is allowed."""
        for key in raw:
            if key not in (known := ("dataset", "weights", "layers", "fit")):
                raise SpecError(f"is not a table of a spec. {did_you_mean(key, known)}", shorten(key))
        return cls(
            dataset=_table(raw, "dataset", DatasetSpec.of),
            model=ModelSpec.from_dict(raw.get("layers", [])),
            fit=_table(raw, "fit", FitSpec.of),
            weights=_table(raw, "weights", WeightsSpec.of),
        )

    @classmethod
    def from_toml(cls, text: str) -> "RunSpec":
        """From a TOML document. Raises SpecError with line and column where it doesn't parse."""
        try:
            raw = tomllib.loads(text)
        except RecursionError:
            raise SpecError("This is not TOML that can be read: it is nested too deep.") from None
        except ValueError as error:  # TOMLDecodeError, and Python's own for a number of thousands of digits
            raise SpecError(f"This is not TOML: {shorten(str(error), 200)}.") from None
        return cls.from_dict(raw)

    def training_samples(self, facts: DataFacts) -> int:
        """How many samples are trained on: those that are not kept to validate on."""
        kept = min(round(facts.train * self.dataset.validation), facts.train - 1)
        return facts.train - max(0, kept)

    def raw(self) -> dict[str, object]:
        return {
            "dataset": self.dataset.raw(),
            **({"weights": self.weights.raw()} if self.weights.path else {}),
            "layers": self.model.raw(),
            "fit": self.fit.raw(),
        }

    def toml(self) -> str:
        """As a TOML document that `of_toml` reads back to an equal spec."""
        tables = [("[dataset]", self.dataset.raw())]
        tables += [("[weights]", self.weights.raw())] if self.weights.path else []
        tables += [("[[layers]]", layer) for layer in self.model.raw()]
        tables += [("[fit]", self.fit.raw())]
        return "\n".join(f"{head}\n{_lines(table)}" for head, table in tables)

    def with_fit(self, **changes: object) -> "RunSpec":
        return replace(self, fit=msgspec.structs.replace(self.fit, **changes))

    def replace_fit(self, fit: FitSpec) -> "RunSpec":
        return replace(self, fit=fit)

    def with_model(self, model: ModelSpec) -> "RunSpec":
        return replace(self, model=model)

    def with_weights(self, weights: WeightsSpec) -> "RunSpec":
        return replace(self, weights=weights)

    def with_dataset(self, dataset: DatasetSpec) -> "RunSpec":
        return replace(self, dataset=dataset)

    def with_setting(self, path: str, text: str) -> "RunSpec":
        """One field changed by its path and its value as typed: `fit.epochs`, `3`; `layers[2].units`, `64`.

        Raises SpecError for a path that leads nowhere or a value that is not allowed.
        """
        if path == "dataset.labels" and is_label_source(text.strip()):
            path = "dataset.label_source"  # as in a spec
        option = self.option_at(path)
        try:
            value = option.parse(text)
        except SpecError as problem:
            raise problem.under(path.rpartition(".")[0]) from None
        if match := LAYER_PATH.fullmatch(path):
            at = int(match[1]) - 1
            layer = self.model.layers[at].with_options(**{option.name: value})
            return self.with_model(self.model.change(at, layer))
        if path.startswith("fit."):
            return self.with_fit(**{option.name: value})
        if path.startswith("weights."):
            return replace(self, weights=self.weights.with_value(option.name, value))
        return self.with_dataset(self.dataset.with_value(option.name, value))

    def option_at(self, path: str) -> Option:
        """What the field at this path may be. Raises SpecError for a path that leads nowhere."""
        if match := LAYER_PATH.fullmatch(path):
            at, name = int(match[1]), match[2]
            if not 1 <= at <= len(self.model.layers):
                raise SpecError(
                    f"there is no layer {at}; layers count from 1 to {len(self.model.layers)}.", path
                )
            return _option(self.model.layers[at - 1].layer_type.options, name, f"layers[{at}]")
        table, dot, name = path.partition(".")
        if table == "fit" and dot:
            return _option(FIT_OPTIONS, name, "fit")
        if table == "dataset" and dot:
            return _option(DATASET_OPTIONS, name, "dataset")
        if table == "weights" and dot:
            return _option(WEIGHTS_OPTIONS, name, "weights")
        raise SpecError("a setting is written fit.NAME, dataset.NAME or layers[N].NAME.", shorten(path))


SCRIPT_NOTE = "# tuinn import reads this run back while nothing above is changed:"


def with_spec(script: str, spec: RunSpec) -> str:
    """The script with its spec in a comment at its end, and a hash of the script."""
    return f"{script}\n{SCRIPT_NOTE}\n# {_hash(script)} {json.dumps(spec.raw(), ensure_ascii=False)}\n"


def spec_in(text: str) -> RunSpec | None:
    """The spec that a script was written from; None for any other text, and for a script that was changed since.

    Raises SpecError for a spec that a newer version has written.
    """
    script, mark, note = text.replace("\r\n", "\n").partition(SCRIPT_NOTE)
    found = re.match(r"\s*# ([0-9a-f]{16}) (\{.*\})\s*$", note)
    if not mark or found is None or found[1] != _hash(script):
        return None
    try:
        raw = json.loads(found[2])
    except (ValueError, RecursionError):
        return None
    return RunSpec.from_dict(raw) if isinstance(raw, dict) else None


def _hash(script: str) -> str:
    lines = "\n".join(line.rstrip() for line in script.strip().split("\n"))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def stack(*layers: LayerSpec) -> ModelSpec:
    """A model of these layers, input first."""
    return ModelSpec(layers)


def _lines(table: Mapping[str, object]) -> str:
    # A JSON string, number, list or truth value of ours is a TOML one too.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())


def _table(raw: Mapping[str, object], name: str, read: Callable[[dict[str, object]], T]) -> T:
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise SpecError(f"must be a table, written [{name}].", name)
    try:
        return read(table)
    except SpecError as problem:
        raise problem.under(name) from None


def _option(options: tuple[Option, ...], name: str, table: str) -> Option:
    known = {option.name: option for option in options}
    if name not in known:
        raise SpecError(f"is not a setting of {table}. {did_you_mean(name, known)}", f"{table}.{name}")
    return known[name]
