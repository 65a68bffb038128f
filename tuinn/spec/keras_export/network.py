"""The network of an exported script: a Sequential where it can be one, else functional."""

import json
from collections.abc import Iterator
from dataclasses import replace

from tuinn.spec.keras_export.plan import EVALUATION_BATCH_SIZE, Plan, starting_places
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize

SEEDS = (
    "",
    "# A recurrent layer draws masks of dropout while it predicts, too; those must not change the ones of the training.",
    "weights = {id(weight) for weight in model.weights}",
    "seeds = [variable for variable in model.variables if id(variable) not in weights]",
    "",
    "",
    "def states():",
    '    """The states of chance in the layers."""',
    "    return [np.array(seed.numpy()) for seed in seeds]",
    "",
    "",
    "def restore(kept):",
    "    for seed, state in zip(seeds, kept):",
    "        seed.assign(state)",
    "",
    "",
)

KEEP_SCALE = (
    "# A feature that is the same in all of them keeps its scale, where Keras would divide by 1e-7.",
    "constant = np.ptp(seen.reshape(-1, seen.shape[-1]), axis=0) == 0",
    "layer.adapt_variance.assign(np.where(constant, 1.0, layer.adapt_variance.numpy()))",
    "layer.finalize_state()",
)


def _active(model: ModelSpec) -> list[int]:
    """The places of the layers that are in the network."""
    return [at for at, layer in enumerate(model.layers) if not layer.disabled]


def script_names(model: ModelSpec) -> dict[int, str]:
    """The place of each layer that is in the network → the name that Keras gives it there."""
    live = _active(model)
    names = ModelSpec(tuple(model.layers[at] for at in live)).names()
    return dict(zip(live, names, strict=True))


def is_plain(model: ModelSpec) -> bool:
    """True when each layer takes one layer, the one before it."""
    live = _active(model)
    sources = [link.sources for link in model.links]
    return all(
        sources[at] == (before,) and model.layers[at].type_name != "MultiHeadAttention"
        for before, at in zip((-1, *live), live, strict=False)
    )


def _input(plan: Plan) -> str:
    return f"keras.Input({plan.summary.input_shape!r})"


def sequential_lines(plan: Plan) -> Iterator[str]:
    """The lines of a `keras.Sequential`."""
    yield from ("", "# ---- network", "", "model = keras.Sequential(", "    [", f"        {_input(plan)},")
    for at in _active(plan.spec.model):
        yield f"        {plan.spec.model.layers[at].code(built=True)},"
    yield from ("    ]", ")")
    yield from _frozen_lines(plan)


def functional_lines(plan: Plan) -> Iterator[str]:
    """The lines of a functional network; what is taken further down gets a name."""
    model = plan.spec.model
    sources, live, names = [link.sources for link in model.links], _active(model), model.names()
    before = dict(zip(live, (-1, *live), strict=False))
    asked = {source for at in live for source in sources[at] if source != before[at]}
    variables = {at: _variable(names[at]) for at in live} | {-1: "inputs"}
    yield from ("", "# ---- network", "", f"x = inputs = {_input(plan)}")
    for at in live:
        given = ["x" if source == before[at] else variables[source] for source in sources[at]]
        layer = model.layers[at]
        if layer.layer_type.merges:
            given = [f"[{', '.join(given)}]"]
        elif layer.type_name == "MultiHeadAttention":
            given *= 2
        named = f"{variables[at]} = " if at in asked else ""
        yield f"x = {named}{layer.code(built=True)}({', '.join(given)})"
    yield "model = keras.Model(inputs, x)"
    yield from _frozen_lines(plan)


def _frozen_lines(plan: Plan) -> Iterator[str]:
    """The layers whose weights training leaves alone."""
    model = plan.spec.model
    for at, name in script_names(model).items():
        if not model.layers[at].options.get("trainable", True):
            yield f'model.get_layer("{name}").trainable = False'


def _variable(name: str) -> str:
    """A layer's name as a Python name that no other name of the script is."""
    return "of_" + "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)


def adapt_lines(plan: Plan) -> Iterator[str]:
    """The lines in which layers measure the training samples."""
    names = script_names(plan.spec.model)
    started = starting_places(plan.spec)
    adapted = [at for at in names if plan.spec.model.layers[at].layer_type.adapts and at not in started]
    if plan.draws_always:
        yield from SEEDS
    for at in adapted:
        layer = plan.spec.model.layers[at]
        yield ""
        yield f"# {names[at]} measures the training samples, as the layers above hand them down."
        yield f'layer = model.get_layer("{names[at]}")'
        yield "above = keras.Model(model.inputs, layer.input)"
        if plan.draws_always:
            yield "kept = states()"
        yield f"parts = np.split(training, range({EVALUATION_BATCH_SIZE}, len(training), {EVALUATION_BATCH_SIZE}))"
        yield 'seen = np.concatenate([above(x_train[part].astype("float32")) for part in parts])'
        yield "layer.adapt(seen)"
        if layer.type_name == "Normalization":
            yield from KEEP_SCALE
        if plan.draws_always:
            yield "restore(kept)"


def vectorize_texts(plan: Plan) -> tuple[Plan, Iterator[str]]:
    """The plan of the network after the layer that reads the texts, and the lines of that layer."""
    model, summary = plan.spec.model, plan.summary
    at = next(at for at, row in enumerate(summary.rows) if not row.layer.disabled)
    layer, shape = model.layers[at], summary.rows[at].shape
    assert shape is not None
    rest = model.change(at, layer.with_options(disabled=True))
    lines = (
        *("", "# ---- words: learned from the training texts, and each text made numbers once", ""),
        *_word_lines(plan, layer),
        "x_train, x_test = words(tf.constant(x_train)).numpy(), words(tf.constant(x_test)).numpy()",
    )
    return replace(plan, spec=plan.spec.with_model(rest), summary=summarize(rest, shape)), iter(lines)


def _word_lines(plan: Plan, layer: LayerSpec) -> Iterator[str]:
    if layer.weights and plan.spec.weights.path:
        yield f"words = saved_layer({json.dumps(layer.weights)})"
    else:
        yield f"words = {layer.code()}"
        yield "words.adapt(tf.constant(x_train[training]))"
