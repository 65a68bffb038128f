"""What is wrong with a draft, said before training, each with the changes that would put it right."""

from collections.abc import Iterator

from tuinn.spec.data_advice import data_problems
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.fit_advice import fit_problems
from tuinn.spec.head_advice import head_of, head_problems
from tuinn.spec.misfit_advice import misfit_remedies
from tuinn.spec.remedy import Problem, Remedy, inserted, named
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise
from tuinn.spec.size_advice import memory_here, size_problems
from tuinn.spec.stack_advice import stack_problems
from tuinn.spec.text_advice import word_problems

__all__ = ["Problem", "Remedy", "advise", "fitted_to"]


def advise(
    spec: RunSpec, facts: DataFacts, summary: Summary | None = None, memory: int | None = None
) -> tuple[Problem, ...]:
    """Everything wrong with this draft, errors first. An empty tuple means: it trains, and it should learn.

    `memory` is what the network may take, in bytes; without it, what this machine has.
    """
    summary = summary or summarise(spec.model, facts.input_shape, facts.is_text)
    found = [
        *_model(spec, facts, summary, memory_here() if memory is None else memory),
        *fit_problems(spec, facts),
        *data_problems(spec, facts),
    ]
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _model(spec: RunSpec, facts: DataFacts, summary: Summary, memory: int) -> Iterator[Problem]:
    if all(layer.disabled for layer in spec.model.layers):
        head = head_of(facts)
        why = "Every layer is disabled." if spec.model.layers else "There are no layers yet."
        at = len(spec.model.layers)
        yield Problem(why, remedies=(inserted(spec, f"add {named(head)}", at, head),))
    elif summary.misfit and facts.is_text:
        yield from word_problems(spec, facts, summary)
    elif summary.misfit:
        at, why = summary.misfit
        yield Problem(why, at, remedies=tuple(misfit_remedies(spec, summary, at)))
    else:
        yield from head_problems(spec, facts, summary)
        yield from stack_problems(spec, facts)
        yield from size_problems(spec, facts, summary, memory)


def fitted_to(spec: RunSpec, dataset: DatasetSpec, facts: DataFacts) -> RunSpec:
    """The draft for another dataset: head, scaling and metrics made to fit."""
    spec = spec.with_dataset(dataset)
    for _ in range(
        len(spec.model.layers) + 16
    ):  # one remedy may uncover the next problem; each is applied at most once
        remedy = next((p.remedies[0] for p in advise(spec, facts) if p.remedies and not p.of_data), None)
        if remedy is None:
            break
        spec = remedy.spec
    return spec
