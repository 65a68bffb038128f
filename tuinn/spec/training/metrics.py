"""The metrics: a row each, with the tasks it fits and which way is better."""

from dataclasses import dataclass

from tuinn.spec.dataset import DataFacts, Task


@dataclass(frozen=True)
class Metric:
    """A row of the table."""

    name: str
    """As it stands in a spec, and as it is reported."""
    keras: str
    """The class in `keras.metrics`; of some it depends on the targets."""
    help: str
    tasks: tuple[Task, ...]
    rises: bool = True
    """True when more is better."""


_CLASSES = (Task.BINARY, Task.CLASSES, Task.LABELS)
_YES_OR_NO = (Task.BINARY, Task.LABELS)
_ANY = tuple(Task)

METRICS: tuple[Metric, ...] = (
    Metric("accuracy", "CategoricalAccuracy", "share of right answers", _CLASSES),
    Metric("mean_absolute_error", "MeanAbsoluteError", "mean of |target − output|", _ANY, rises=False),
    Metric("mean_squared_error", "MeanSquaredError", "mean of (target − output)²", _ANY, rises=False),
    Metric(
        "root_mean_squared_error",
        "RootMeanSquaredError",
        "its root, in the target's unit",
        _ANY,
        rises=False,
    ),
    Metric(
        "top_5_accuracy",
        "TopKCategoricalAccuracy",
        "share with the right class among the best five",
        (Task.CLASSES,),
    ),
    Metric(
        "precision", "Precision", "share of the yeses that are right; the mean over several classes", _CLASSES
    ),
    Metric(
        "recall", "Recall", "share of the true ones that are found; the mean over several classes", _CLASSES
    ),
    Metric(
        "f1_score",
        "F1Score",
        "2PR / (P + R) of precision and recall; the mean over several classes",
        _CLASSES,
    ),
    Metric("auc", "AUC", "area under the ROC curve: 1 is perfect, 0.5 is chance", _YES_OR_NO),
    Metric("r2_score", "R2Score", "share of the target's variance explained", (Task.REGRESSION,)),
)

BY_NAME = {row.name: row for row in METRICS}

ALIASES = {
    **dict.fromkeys(
        ("acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
        "accuracy",
    ),
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
    "rmse": "root_mean_squared_error",
    "auc": "auc",
    **dict.fromkeys(("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy"), "top_5_accuracy"),
}
"""Keras' short and old names, and those of classes that differ by their targets → those of a spec."""


FROM_CLASS_NUMBERS = ("accuracy", "top_5_accuracy")
"""Metrics that can be computed from a class number; the others need a 0/1 per class."""


def allowed_metrics(facts: DataFacts) -> tuple[str, ...]:
    """Metrics that can be computed for this task, by name."""
    return tuple(row.name for row in METRICS if facts.task in row.tasks)


def higher_is_better(monitor: str) -> bool:
    """True when this number of the log, `val_` or not, is better when it is larger."""
    row = BY_NAME.get(monitor.removeprefix("val_"))
    return row is not None and row.rises
