"""What is wrong with the fit settings of a draft, each alone and with its data and network."""

from collections.abc import Iterator

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.remedy import Problem, Remedy
from tuinn.spec.run import RunSpec


def fit_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """What keeps these settings from training this network on this data, or from doing what they say."""
    training = facts.train - round(facts.train * spec.dataset.validation)
    if spec.fit.batch_size > training:
        yield Problem(
            f"batch_size {spec.fit.batch_size:,} is larger than the {training:,} training samples.",
            remedies=(Remedy(f"set batch_size to {training:,}", spec.with_fit(batch_size=training)),),
        )
    if facts.task is Task.REGRESSION:
        if "crossentropy" in spec.fit.loss:
            yield Problem(
                f"{spec.fit.loss} is for classes, and this is a regression.",
                remedies=(Remedy("set loss to auto", spec.with_fit(loss="auto")),),
            )
        if "accuracy" in spec.fit.metrics:
            better = tuple(
                dict.fromkeys(m.replace("accuracy", "mean_absolute_error") for m in spec.fit.metrics)
            )
            yield Problem(
                "accuracy counts right answers, and a regression has none.",
                remedies=(Remedy(f"report {', '.join(better)} instead", spec.with_fit(metrics=better)),),
            )
    elif problem := _class_loss(spec, facts):
        yield problem


def _class_loss(spec: RunSpec, facts: DataFacts) -> Problem | None:
    """Sparse and categorical want an output per class, binary wants one for both."""
    last = next((layer.units for layer in reversed(spec.model.layers) if layer.units), None)
    single = last == 1
    wrong = (
        (single and spec.fit.loss.endswith("categorical_crossentropy"))
        or (facts.task is Task.LABELS and spec.fit.loss.endswith("categorical_crossentropy"))
        or (facts.task is Task.CLASSES and spec.fit.loss == "binary_crossentropy")
    )
    if not wrong:
        return None
    return Problem(
        f"{spec.fit.loss} does not fit {facts.task} with {last} output{'s' * (not single)}.",
        remedies=(Remedy("set loss to auto", spec.with_fit(loss="auto")),),
    )
