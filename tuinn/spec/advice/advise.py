"""What is wrong with a draft, said before training, each with the changes that would put it right."""

from collections.abc import Iterator

from tuinn.errors import SpecError
from tuinn.spec.advice.common_mistakes import stack_problems
from tuinn.spec.advice.fit_settings import fit_problems
from tuinn.spec.advice.fix import Fix, Problem, inserted, named
from tuinn.spec.advice.model_size import memory_here, size_problems
from tuinn.spec.advice.output_layer import head_of, head_problems
from tuinn.spec.advice.shape_mismatch import misfit_remedies
from tuinn.spec.advice.text_input import word_problems
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.layers.shapes import Summary, summarise
from tuinn.spec.run import RunSpec

__all__ = ["Fix", "Problem", "advise", "fitted_to"]


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


def data_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Every finding that the draft has not answered yet."""
    for finding in facts.findings:
        cured = spec
        try:
            for path, value in finding.settings.items():
                cured = cured.with_setting(path, value)
        except SpecError:
            continue  # a setting that this draft can't take is no remedy for it
        if finding.settings and cured == spec:
            continue  # it has been put right
        remedies = (Fix(finding.remedy, cured),) if finding.settings else ()
        yield Problem(finding.message, None, finding.severity, remedies, of_data=True)
