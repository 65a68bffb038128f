"""A network too large for its data, or for the machine."""

import os
from collections.abc import Iterator, Sequence
from functools import cache

from tuinn.spec.advice.fix import Fix, Problem, remove_fix
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.shapes import BYTES_PER_PARAMETER, Summary, summarize
from tuinn.spec.run import RunSpec

PER_SAMPLE = 250
"""Parameters per training sample above which a network is likely to overfit. Those of the presets stay below."""

COPIES = 4
"""Each parameter is kept with its gradient and the two means of Adam."""


WIDTHS = tuple(2**power for power in range(19, 3, -1))
"""Widths that a fix tries, the widest first; a layer of fewer than 16 is no fix."""

WORDS = (5000, 2000, 1000, 500, 200, 100)
"""Sizes of a vocabulary that a fix tries."""

WORD_LAYERS = {"TextVectorization": "max_tokens", "Embedding": "input_dim"}
"""Layers that have the size of the vocabulary as an option."""


@cache
def machine_memory() -> int:
    """Bytes of this machine; 64 GiB where it doesn't say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 64 * 2**30


def model_size_problems(spec: RunSpec, facts: DataFacts, summary: Summary, memory: int) -> Iterator[Problem]:
    """Yield at most one problem: too large for the memory, else too large for the data."""
    needed = summary.total * BYTES_PER_PARAMETER * COPIES
    if needed > memory:
        yield _problem(
            spec,
            facts,
            summary,
            f"Training keeps {needed / 2**30:,.0f} GiB for {summary.total:,} parameters, and this machine has {memory / 2**30:,.0f}.",
            memory // (BYTES_PER_PARAMETER * COPIES),
        )
    elif summary.trainable > PER_SAMPLE * facts.train:
        yield _problem(
            spec,
            facts,
            summary,
            f"{summary.trainable:,} parameters are likely to overfit {facts.train:,} training samples.",
            PER_SAMPLE * facts.train,
        )


def _problem(spec: RunSpec, facts: DataFacts, summary: Summary, why: str, most: int) -> Problem:
    largest = max(range(len(summary.rows)), key=lambda at: summary.rows[at].params)
    return Problem(why, largest, "warning", tuple(_fixes(spec, facts, summary, largest, most)))


def _fixes(spec: RunSpec, facts: DataFacts, summary: Summary, largest: int, most: int) -> Iterator[Fix]:
    """The largest layer narrower, where that is enough; fewer words; all of them narrower; and without the largest."""
    for fix in (
        _narrowed(spec, facts, summary, (largest,), most),
        _fewer_words(spec, facts, summary, most),
        _narrowed(spec, facts, summary, range(len(spec.model.layers)), most),
    ):
        if fix:
            yield fix
            break
    # Without an Embedding the layers below it would take the numbers of words for quantities.
    reads = (facts.is_text or facts.words) and spec.model.layers[largest].type_name == "Embedding"
    if not reads and largest != _answers(spec):
        yield remove_fix(spec, largest)


def _answers(spec: RunSpec) -> int:
    """The layer that gives the answers: the last one with a width of its own. Without it nothing is learned."""
    layers = spec.model.layers
    return max(
        (at for at, layer in enumerate(layers) if layer.units and not layer.disabled), default=len(layers)
    )


def _fewer_words(spec: RunSpec, facts: DataFacts, summary: Summary, most: int) -> Fix | None:
    """Reduce the vocabulary to the most words such that the whole has at most `most` parameters."""
    layers = spec.model.layers
    places = {
        type_name: at
        for at, layer in enumerate(layers)
        for type_name in (layer.type_name,)
        if type_name in WORD_LAYERS
    }
    if set(places) != set(WORD_LAYERS):
        return None
    for words in WORDS:
        model = spec.model
        for type_name, option in WORD_LAYERS.items():
            at = places[type_name]
            now = layers[at].options[option]
            if not isinstance(now, int) or now <= words:
                break
            model = model.change(at, layers[at].with_options(**{option: words}))
        else:
            found = summarize(model, facts.input_shape, facts.is_text)
            if not found.mismatch and found.total <= most:
                return Fix(f"keep at most {words:,} words", spec.with_model(model))
    return None


def _narrowed(
    spec: RunSpec, facts: DataFacts, summary: Summary, only: Sequence[int], most: int
) -> Fix | None:
    """The widest power of two to which these layers can be cut, such that the whole has at most `most` parameters."""
    for width in WIDTHS:
        model = spec.model
        for at in only:
            for option in ("units", "filters", *(("output_dim",) if facts.is_text or facts.words else ())):
                now = model.layers[at].options.get(option)
                if isinstance(now, int) and now > width and summary.rows[at].shape != summary.output:
                    model = model.change(at, model.layers[at].with_options(**{option: width}))
        found = summarize(model, facts.input_shape, facts.is_text)
        if not found.mismatch and found.output == summary.output and found.total <= most:
            which = f"layer {only[0] + 1}" if len(only) == 1 else "every layer"
            return Fix(f"make {which} at most {width:,} wide", spec.with_model(model))
    return None
