"""Find what is wrong with a draft before it is trained, each problem with the changes that fix it."""

from collections.abc import Iterator

from tuinn.errors import SpecError
from tuinn.spec.advice.common_mistakes import layer_problems
from tuinn.spec.advice.first_weights import first_weights_problems
from tuinn.spec.advice.fit_settings import fit_problems
from tuinn.spec.advice.fix import Fix, Problem, insert_fix, layer_text
from tuinn.spec.advice.model_size import machine_memory, model_size_problems
from tuinn.spec.advice.output_layer import default_output_layer, output_layer_problems
from tuinn.spec.advice.shape_mismatch import crop_problems, shape_fixes
from tuinn.spec.advice.text_input import text_input_problems
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec

WIDTH_OPTIONS = frozenset(("units", "filters"))
"""Those of layers that learn. An Embedding is none of them: for data that are no words it is only in the way."""

__all__ = ["Fix", "Problem", "adapt_to_dataset", "advise"]


def advise(
    spec: RunSpec,
    facts: DataFacts,
    summary: Summary | None = None,
    memory: int | None = None,
    begins: bool = True,
) -> tuple[Problem, ...]:
    """Everything wrong with this draft, errors first. An empty tuple means: it trains, and it should learn.

    `memory` is what the network may take, in bytes; without it, what this machine has. `begins`: the training is to
    begin, for which the file of first weights must be there; it need not be to go on with one.
    """
    summary = summary or summarize(spec.model, facts.input_shape, facts.is_text)
    found = [
        *_model(spec, facts, summary, machine_memory() if memory is None else memory),
        *(first_weights_problems(spec, summary) if begins else ()),
        *fit_problems(spec, facts),
        *data_problems(spec, facts),
    ]
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _model(spec: RunSpec, facts: DataFacts, summary: Summary, memory: int) -> Iterator[Problem]:
    if all(layer.disabled for layer in spec.model.layers):
        output_layer = default_output_layer(facts)
        why = "Every layer is disabled." if spec.model.layers else "There are no layers yet."
        at = len(spec.model.layers)
        yield Problem(why, fixes=(insert_fix(spec, f"add {layer_text(output_layer)}", at, output_layer),))
    elif summary.mismatch and facts.is_text:
        yield from text_input_problems(spec, facts, summary)
    elif summary.mismatch:
        at, why = summary.mismatch
        yield Problem(why, at, fixes=tuple(shape_fixes(spec, summary, at)))
    else:
        yield from crop_problems(spec, summary)
        yield from output_layer_problems(spec, facts, summary)
        yield from layer_problems(spec, facts)
        yield from model_size_problems(spec, facts, summary, memory)


def adapt_to_dataset(spec: RunSpec, dataset: DatasetSpec, facts: DataFacts) -> RunSpec:
    """Return the draft for another dataset, with its output layer, scaling and metrics made to fit."""
    spec = spec.with_dataset(dataset)
    for _ in range(
        len(spec.model.layers) + 16
    ):  # one fix may uncover the next problem; each is applied at most once
        fix = next((p.fixes[0] for p in advise(spec, facts) if _adapts(spec, p)), None)
        if fix is None:
            break
        spec = fix.spec
    return spec


def _adapts(spec: RunSpec, problem: Problem) -> bool:
    """Whether the first fix makes the draft fit other data. One that takes its layers away makes it another network."""
    if not problem.fixes or problem.about_data:
        return False
    return problem.severity == "error" or _learning(problem.fixes[0].spec) >= _learning(spec)


def _learning(spec: RunSpec) -> int:
    """How many layers have a width of their own."""
    return sum(not WIDTH_OPTIONS.isdisjoint(layer.options) for layer in spec.model.layers)


def data_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Every finding that the draft has not answered yet."""
    for finding in facts.findings:
        cured = spec
        try:
            for path, value in finding.settings.items():
                cured = cured.with_setting(path, value)
        except SpecError:
            continue  # a setting that this draft can't take is no fix for it
        if finding.settings and cured == spec:
            continue  # it has been put right
        fixes = (Fix(finding.fix, cured),) if finding.settings else ()
        yield Problem(finding.message, None, finding.severity, fixes, about_data=True)
