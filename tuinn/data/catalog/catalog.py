"""All datasets that have a name, with what is known of each before it is read. Importing this module reads no data."""

from dataclasses import replace
from pathlib import Path

import msgspec

from tuinn.data.catalog.remote_datasets import DIGIT_NAMES, FASHION_NAMES, REMOTE_DATASETS
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

BUNDLED_FOLDER = Path(__file__).parents[1] / "bundled"


def all_datasets() -> tuple[DatasetInfo, ...]:
    """Return all of them, in the order in which they are shown."""
    return DATASETS


def find(name: str) -> DatasetInfo:
    """Return the dataset of this name. Raises SpecError that suggests the nearest one."""
    table = {info.name: info for info in DATASETS}
    if name not in table:
        raise SpecError(
            f"{shorten(repr(name))} is not a dataset that tuinn knows. {did_you_mean(name, table)}",
            "dataset.name",
        )
    return table[name]


def info_for(dataset: DatasetSpec) -> DatasetInfo:
    """Return a dataset of the catalog with its facts as the spec's options make them. Raises SpecError."""
    info = find(dataset.name)
    if not info.facts.words:
        return info
    facts = msgspec.structs.replace(
        info.facts, shape=(dataset.maxlen,), words=dataset.num_words, high=dataset.num_words - 1
    )
    return replace(info, facts=facts)


FASHION = DataFacts(
    task=Task.CLASSES,
    shape=(28, 28),
    dtype="uint8",
    low=0,
    high=255,
    classes=FASHION_NAMES,
    train=5_000,
    test=1_000,
)

DIGITS = DataFacts(
    task=Task.CLASSES,
    shape=(8, 8),
    dtype="uint8",
    low=0,
    high=16,
    classes=DIGIT_NAMES,
    train=1_438,
    test=359,
)

IRIS = DataFacts(
    task=Task.CLASSES,
    shape=(4,),
    dtype="float32",
    low=0.1,
    high=7.9,
    classes=("setosa", "versicolor", "virginica"),
    train=120,
    test=30,
    features=("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
)

WINE = DataFacts(
    task=Task.CLASSES,
    shape=(13,),
    dtype="float32",
    low=0.13,
    high=1680,
    classes=("cultivar 1", "cultivar 2", "cultivar 3"),
    train=142,
    test=36,
    features=(
        *("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids"),
        *("nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315", "proline"),
    ),
)

CELL = (
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
)

BREAST_CANCER = DataFacts(
    task=Task.BINARY,
    shape=(30,),
    dtype="float32",
    low=0,
    high=4254,
    classes=("malignant", "benign"),
    train=455,
    test=114,
    features=tuple(name.format(part) for name in ("mean {}", "{} error", "worst {}") for part in CELL),
)

DIABETES = DataFacts(
    task=Task.REGRESSION,
    targets=(25, 346),
    shape=(10,),
    dtype="float32",
    low=1,
    high=301,
    classes=(),
    train=354,
    test=88,
    features=(
        *("age", "sex", "body mass index", "blood pressure", "total cholesterol"),
        *("LDL", "HDL", "cholesterol / HDL", "log triglycerides", "glucose"),
    ),
)

BUNDLED_DATASETS = (
    DatasetInfo(
        name="fashion_mnist_mini",
        title="Fashion-MNIST mini",
        facts=FASHION,
        licence="MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        description="Photos of clothes, 28 × 28 grey: which of ten kinds is it? A tenth of Zalando's set.",
        background="dark",
        publisher="Zalando SE",
    ),
    DatasetInfo(
        name="digits",
        title="Handwritten digits",
        facts=DIGITS,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/80",
        description="Digits by 13 writers, 8 × 8 grey: which digit is it?",
        background="dark",
        publisher="E. Alpaydin, C. Kaynak; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="iris",
        title="Iris",
        facts=IRIS,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/53",
        description="Four measures of a flower, in cm: which of three species is it?",
        publisher="R. A. Fisher 1936; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="wine",
        title="Wine",
        facts=WINE,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/109",
        description="Chemistry of Italian wines: which of three cultivars is it?",
        publisher="S. Aeberhard, M. Forina; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="breast_cancer",
        title="Breast cancer (Wisconsin)",
        facts=BREAST_CANCER,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/17",
        description="Shapes of cell nuclei under the microscope: malignant or benign?",
        publisher="W. Wolberg, N. Street, O. Mangasarian; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="diabetes",
        title="Diabetes",
        facts=DIABETES,
        licence="BSD-3-Clause (as distributed with scikit-learn)",
        source="https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
        description="Ten measures of a patient: how far has the disease gone a year later (25 to 346)?",
        publisher="B. Efron and others 2004",
    ),
)

DATASETS = (*BUNDLED_DATASETS, *REMOTE_DATASETS)
