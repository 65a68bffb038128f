"""The default network on real tables and pictures, against the linear baseline of scikit-learn.

    python benchmarks/real_tables.py export FOLDER    with scikit-learn, statsmodels, vega_datasets and scikit-image
    python benchmarks/real_tables.py train FOLDER     with tuinn

What these packages ship becomes CSVs and folders of PNGs. Each is then trained with the network that tuinn proposes for it, after the
fixes that it proposes for the data, by `tuinn train`; the baseline gets the same training and test samples, encoded in the same way:
numbers standardised, a gap as the mean, a 0 or 1 for each word, pixels from 0 to 1.
"""

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

TABLES = {
    "sklearn-diabetes": "target",
    "sklearn-breast_cancer": "target",
    "sklearn-wine": "target",
    "statsmodels-anes96": "vote",
    "statsmodels-engel": "foodexp",
    "statsmodels-fair": "affairs",
    "statsmodels-modechoice": "choice",
    "statsmodels-randhie": "mdvis",
    "statsmodels-statecrime": "murder",
    "vega-barley": "yield",
    "vega-cars": "Miles_per_Gallon",
    "vega-seattle-weather": "weather",
}
"""Name → the column to predict, which is asked for as a newcomer would."""

PICTURES = ("faces", "textures", "photos")

TILE = 32
"""Pixels of the side of a piece of a photo."""

MOST_FIXES = 20


def export(folder: Path) -> None:
    """Write all of them below this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    for name in TABLES:
        source, _, rest = name.partition("-")
        frame_of(source, rest).to_csv(folder / f"{name}.csv", index=False)
    for name in PICTURES:
        for kind, at, pixels in pictures(name):
            place = folder / name / kind
            place.mkdir(parents=True, exist_ok=True)
            from PIL import Image

            Image.fromarray(pixels).save(place / f"{at}.png")


def frame_of(source: str, name: str) -> Any:
    """The table as the package gives it."""
    if source == "sklearn":
        from sklearn import datasets

        return getattr(datasets, f"load_{name}")(as_frame=True).frame
    if source == "statsmodels":
        frame = getattr(import_module("statsmodels.datasets"), name).load_pandas().data
        return frame.reset_index() if name == "statecrime" else frame
    return getattr(import_module("vega_datasets").local_data, name.replace("-", "_"))()


def pictures(name: str) -> Iterator[tuple[str, int, Any]]:
    """Class, number and pixels, uint8."""
    import numpy as np

    data = import_module("skimage.data")
    if name == "faces":
        for at, face in enumerate(data.lfw_subset()):
            yield ("face" if at < 100 else "other"), at, np.rint(face * 255).astype(np.uint8)
        return
    names: tuple[str, ...] = ("brick", "grass", "gravel")
    if name == "photos":
        names = (
            "astronaut",
            "chelsea",
            "coffee",
            "hubble_deep_field",
            "immunohistochemistry",
            "retina",
            "rocket",
        )
    for kind in names:
        photo = np.asarray(getattr(data, kind)())
        tiles = [
            photo[top : top + TILE, left : left + TILE]
            for top in range(0, photo.shape[0] - TILE + 1, TILE)
            for left in range(0, photo.shape[1] - TILE + 1, TILE)
        ]
        for at in np.random.default_rng(0).permutation(len(tiles))[:250]:
            yield kind, int(at), tiles[at]


@dataclass(frozen=True)
class Measured:
    """A dataset, by both."""

    name: str
    task: str
    train: int
    test: int
    network: str
    tuinn: float
    baseline: float
    seconds: float

    @property
    def is_number(self) -> bool:
        return self.task == "regression"

    @property
    def ratio(self) -> float:
        """Below 1: worse than the baseline."""
        return self.baseline / self.tuinn if self.is_number else self.tuinn / self.baseline


def train(folder: Path, only: list[str], seeds: int) -> None:
    print(
        "| data | train, test | network | measure | tuinn | linear | |\n|---|---|---|---|---|---|---|",
        flush=True,
    )
    for name in [*TABLES, *PICTURES]:
        if not only or name in only:
            one = measured(name, folder, seeds)
            measure = "RMSE" if one.is_number else "accuracy"
            print(
                f"| {one.name} | {one.train:,}, {one.test:,} | {one.network} | {measure} | {one.tuinn:.4g} | {one.baseline:.4g} "
                f"| {one.ratio:.2f} × in {one.seconds:.0f} s |",
                flush=True,
            )


def measured(name: str, folder: Path, seeds: int) -> Measured:
    """Train and compare; the median over the seeds."""
    import numpy as np

    from tuinn.data import loader
    from tuinn.spec.dataset import DatasetSpec, Task
    from tuinn.spec.layers.model import describe_network

    target = TABLES.get(name, "")
    path = str((folder / (f"{name}.csv" if target else name)).absolute())
    spec = proposed(DatasetSpec.at(path, target=target))
    arrays, facts = loader.load(spec.dataset), loader.describe(spec.dataset).facts
    is_number = facts.task is Task.REGRESSION
    y = np.asarray(arrays.y_test)

    def score(outputs: Any) -> float:
        if is_number:
            return float(np.sqrt(np.mean((outputs[:, 0] - y) ** 2)))
        chosen = outputs[:, 0] > 0.5 if outputs.shape[1] == 1 else outputs.argmax(axis=1)
        return float(np.mean(chosen == y))

    runs = [trained(spec.with_fit(seed=seed), folder / f"{name}.toml") for seed in range(1, seeds + 1)]
    scores, seconds = [score(outputs) for outputs, _ in runs], median(took for _, took in runs)
    linear = score(baseline(arrays, facts))
    return Measured(
        name,
        str(facts.task),
        facts.train,
        facts.test,
        describe_network(spec.model),
        median(scores),
        linear,
        seconds,
    )


def proposed(dataset: Any) -> Any:
    """The network that tuinn proposes for the data, and for these what it proposes to fix."""
    from tuinn.data import loader
    from tuinn.spec.advice.advise import data_problems
    from tuinn.spec.presets.catalog import make_preset, suited_preset

    for _ in range(MOST_FIXES):
        facts = loader.describe(dataset).facts
        spec = make_preset(suited_preset(facts), dataset, facts)
        found = [one.fixes[0].spec.dataset for one in data_problems(spec, facts) if one.fixes]
        fixes = [fixed for fixed in found if fixed != dataset]
        if not fixes:
            return spec
        dataset = fixes[0]
    raise SystemExit(f"{dataset.label} always has another fix.")


def trained(spec: Any, file: Path) -> tuple[Any, float]:
    """What the network says of the test samples, and how long the training took. Run by `tuinn train`."""
    import numpy as np

    from tuinn.runs.folder import RunFolder

    file.write_text(spec.toml())
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tuinn", "train", str(file), "--plain"],
        capture_output=True,
        text=True,
        check=False,
    )
    saved = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if line.startswith("saved")]
    if not saved:
        raise SystemExit(f"{file}: {done.stderr}{done.stdout}")
    run = RunFolder(Path(saved[0]).parent)
    return np.load(run.path / "predictions.npy"), time.monotonic() - began


def baseline(arrays: Any, facts: Any) -> Any:
    """What linear or logistic regression says of the test samples, (n, outputs)."""
    import numpy as np
    from sklearn.linear_model import LinearRegression, LogisticRegression

    from tuinn.spec.dataset import Task

    learned, asked = encoded(np.asarray(arrays.x_train), np.asarray(arrays.x_test), facts)
    if facts.task is Task.REGRESSION:
        return LinearRegression().fit(learned, arrays.y_train).predict(asked).reshape(len(asked), 1)
    model = LogisticRegression(max_iter=2000).fit(learned, arrays.y_train)
    return np.eye(len(facts.classes))[model.predict(asked).astype(int)]


def encoded(learned: Any, asked: Any, facts: Any) -> tuple[Any, Any]:
    """Both as numbers, (n, width)."""
    import numpy as np

    if facts.is_image:
        return learned.reshape(len(learned), -1) / 255, asked.reshape(len(asked), -1) / 255
    parts: tuple[list[Any], list[Any]] = ([], [])
    for at, column in enumerate(facts.columns):
        if column.kind == "category":
            for part, rows in zip(parts, (learned, asked), strict=True):
                part.append(np.eye(column.width)[rows[:, at].astype(int)])
            continue
        mean, deviation = np.nanmean(learned[:, at]), np.nanstd(learned[:, at]) or 1.0
        for part, rows in zip(parts, (learned, asked), strict=True):
            part.append(np.nan_to_num((rows[:, at, None] - mean) / deviation))
    return np.concatenate(parts[0], axis=1), np.concatenate(parts[1], axis=1)


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("do", choices=("export", "train"))
    reader.add_argument("folder", type=Path)
    reader.add_argument("--only", nargs="*", default=[], help="names of data")
    reader.add_argument("--seeds", type=int, default=1, help="trainings of each; the median counts")
    given = reader.parse_args()
    if given.do == "export":
        export(given.folder)
    else:
        train(given.folder, given.only, given.seeds)


if __name__ == "__main__":
    main()
