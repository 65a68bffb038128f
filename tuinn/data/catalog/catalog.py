"""Every dataset by name, with what can be known of it before it is read. Opening this module reads no data."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.catalog import label_names, remote_datasets
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.options import nearest
from tuinn.text import shorten

if TYPE_CHECKING:
    from tuinn.data.cache import Tell
    from tuinn.data.dataset_arrays import Arrays

BUNDLED = Path(__file__).parents[1] / "bundled"


def entries() -> tuple[DatasetInfo, ...]:
    """All of them, in the order in which they are shown."""
    return ENTRIES


def find(name: str) -> DatasetInfo:
    """The entry of this name. Raises SpecError that offers the nearest one."""
    table = {entry.name: entry for entry in ENTRIES}
    if name not in table:
        raise SpecError(
            f"{shorten(repr(name))} is not a dataset that tuinn knows. {nearest(name, table)}", "dataset.name"
        )
    return table[name]


def load(name: str, tell: "Tell | None" = None) -> "Arrays":
    """The samples of this dataset, read-only. The last two bundled ones stay in memory, fetched ones are mapped.

    A fetched one is prepared first, unless that was done before; `tell` hears how far it is.
    Raises SpecError for a name that nobody knows, for a dataset that isn't here, and for a file that is missing
    or damaged.
    """
    return load_entry(find(name), tell)


def load_entry(entry: DatasetInfo, tell: "Tell | None" = None) -> "Arrays":
    """As `load`, of an entry whose facts the options of a spec have changed."""
    if not entry.files:
        return _bundled(entry.name)
    from tuinn.data.catalog import dataset_cache

    return dataset_cache.load(entry, tell)


def load_ready(entry: DatasetInfo) -> "Arrays | None":
    """The samples where they need no preparing and no fetching; else None. Raises SpecError as `load` does."""
    if not entry.files:
        return _bundled(entry.name)
    from tuinn.data.catalog import dataset_cache

    return dataset_cache.kept(entry).arrays()


@lru_cache(maxsize=2)
def _bundled(name: str) -> "Arrays":
    from tuinn.data.dataset_arrays import read

    return read(BUNDLED / f"{name}.npz", find(name).facts)


FASHION = DataFacts(
    task=Task.CLASSES,
    shape=(28, 28),
    dtype="uint8",
    low=0,
    high=255,
    classes=label_names.FASHION,
    train=5_000,
    test=1_000,
)

DIGITS = DataFacts(
    task=Task.CLASSES,
    shape=(8, 8),
    dtype="uint8",
    low=0,
    high=16,
    classes=label_names.DIGITS,
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

BUNDLED_ENTRIES = (
    DatasetInfo(
        name="fashion_mnist_mini",
        title="Fashion-MNIST mini",
        facts=FASHION,
        licence="MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        about="Photos of clothes, 28 × 28 grey: which of ten kinds is it? A tenth of Zalando's set.",
        ground="dark",
        publisher="Zalando SE",
    ),
    DatasetInfo(
        name="digits",
        title="Handwritten digits",
        facts=DIGITS,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/80",
        about="Digits by 13 writers, 8 × 8 grey: which digit is it?",
        ground="dark",
        publisher="E. Alpaydin, C. Kaynak; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="iris",
        title="Iris",
        facts=IRIS,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/53",
        about="Four measures of a flower, in cm: which of three species is it?",
        publisher="R. A. Fisher 1936; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="wine",
        title="Wine",
        facts=WINE,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/109",
        about="Chemistry of Italian wines: which of three cultivars is it?",
        publisher="S. Aeberhard, M. Forina; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="breast_cancer",
        title="Breast cancer (Wisconsin)",
        facts=BREAST_CANCER,
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/17",
        about="Shapes of cell nuclei under the microscope: malignant or benign?",
        publisher="W. Wolberg, N. Street, O. Mangasarian; UCI Machine Learning Repository",
    ),
    DatasetInfo(
        name="diabetes",
        title="Diabetes",
        facts=DIABETES,
        licence="BSD-3-Clause (as distributed with scikit-learn)",
        source="https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
        about="Ten measures of a patient: how far has the disease gone a year later (25 to 346)?",
        publisher="B. Efron and others 2004",
    ),
)

ENTRIES = (*BUNDLED_ENTRIES, *remote_datasets.ENTRIES)
