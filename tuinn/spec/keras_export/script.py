"""A run as a Keras script of its own, which needs keras and not tuinn: the same data, network, order and settings."""

import json
from collections.abc import Iterator
from typing import Literal

from tuinn.errors import SpecError
from tuinn.spec.calls import callback_calls, loss_call, training_loss
from tuinn.spec.dataset import DataFacts
from tuinn.spec.device import alone
from tuinn.spec.keras_export import written_out
from tuinn.spec.keras_export.data import (
    encode_lines,
    load_lines,
    scale_target_lines,
    unscale_metrics_lines,
    unscale_output_lines,
)
from tuinn.spec.keras_export.first_weights import is_hdf5, open_saved_lines, start_lines
from tuinn.spec.keras_export.network import (
    adapt_lines,
    functional_lines,
    is_plain,
    script_names,
    sequential_lines,
    vectorize_texts,
)
from tuinn.spec.keras_export.plan import EVALUATION_BATCH_SIZE, Plan, starting_places
from tuinn.spec.keras_export.training_loop import loop_lines
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec, with_spec
from tuinn.text import plural, printable

Form = Literal["script", "functional", "from-scratch"]
IMPORT_LAYERS = "from keras import layers"
FORMS: tuple[Form, ...] = ("script", "functional", "from-scratch")


def export_script(spec: RunSpec, facts: DataFacts, data: str, form: Form = "script") -> str:
    """The source of the script. `data` is the absolute path of the .npz or the folder with the samples; what
    `keras.datasets` has needs none.

    Raises SpecError for a network that doesn't fit its data.
    """
    plan = _plan(spec, facts, data)
    if plan.summary.mismatch:
        at, why = plan.summary.mismatch
        raise SpecError(f"layer {at + 1}: {why}")
    network = sequential_lines if form == "script" and is_plain(spec.model) else functional_lines
    training = loop_lines if form == "from-scratch" else _fit_lines
    header = [*_header_lines(plan)]
    if form == "from-scratch" and written_out.can_be_written_out(plan):
        network, training = written_out.network_lines, written_out.training_lines
        header.remove(IMPORT_LAYERS)
    lines = [*header, *_data_lines(plan)]
    if facts.is_text:
        plan, words = vectorize_texts(plan)
        lines += words
    parts = (network, start_lines, adapt_lines, _order_lines, training, unscale_output_lines)
    script = "\n".join((*lines, *(line for part in parts for line in part(plan)))) + "\n"
    return with_spec(script, spec)


def _plan(spec: RunSpec, facts: DataFacts, data: str = "") -> Plan:
    summary = summarize(spec.model, facts.input_shape, facts.is_text)
    outputs = (summary.output or (1,))[-1]
    return Plan(spec, facts, data, summary, training_loss(spec.fit, spec.model, facts, outputs))


def _header_lines(plan: Plan) -> Iterator[str]:
    fit = plan.spec.fit
    title = f"{_title(plan)}: a network of {plan.summary.total:,} parameters."
    yield f'"""{title} Written by tuinn; it needs keras, tensorflow and numpy, and not tuinn."""'
    yield from ("", "import os", "", 'os.environ["KERAS_BACKEND"] = "tensorflow"', "")
    if starting_places(plan.spec) and is_hdf5(plan):
        yield "import h5py"
    yield from (
        "import keras",
        "import numpy as np",
        "import tensorflow as tf",
        IMPORT_LAYERS,
        "",
    )
    yield from (f"SEED = {fit.seed}", f"EPOCHS = {fit.epochs}", f"BATCH_SIZE = {fit.batch_size}", "")
    device = alone(fit.device)
    if device != fit.device:
        yield f"# tuinn trains this on several devices (device = {json.dumps(fit.device)}), with the losses of one."
    if device == "cpu":
        yield 'tf.config.set_visible_devices([], "GPU")'
    elif device.startswith("gpu:"):
        yield f'tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[{device[4:]}], "GPU")'
    if fit.precision != "float32":
        yield f'keras.config.set_dtype_policy("{fit.precision}")'
    yield from open_saved_lines(plan)
    yield "keras.utils.set_random_seed(SEED)"


def _title(plan: Plan) -> str:
    """The dataset's name in a docstring, whatever a path may hold."""
    return "".join(
        letter if letter.isprintable() and letter not in '"\\' else "_" for letter in plan.spec.dataset.label
    )


def _data_lines(plan: Plan) -> Iterator[str]:
    yield from ("", "# ---- data", "")
    yield from load_lines(plan)
    yield ""
    yield f"kept = {plan.validation_samples}  # samples to validate on"
    if plan.facts.split != "random":
        yield "# The samples are in the order of time: the last ones are kept."
        yield "validation = np.arange(len(y_train) - kept, len(y_train))"
        gap = plan.facts.gap if plan.validation_samples else 0
        if gap:
            yield f"# {gap} windows before those have rows of both, and are in neither part."
        less = f" - {gap}" if gap else ""
        yield f"training = np.arange(max(1, len(y_train) - kept{less}))"
    else:
        yield from _random_split_lines(plan)
    yield from encode_lines(plan)
    if plan.spec.fit.class_weights == "balanced":
        yield ""
        yield "# Every class weighs the same, however rare."
        yield 'labels = y_train.astype("int64")'
        yield "counts = np.bincount(labels[training], minlength=labels.max() + 1)"
        yield "per_class = len(training) / (np.count_nonzero(counts) * np.maximum(counts, 1))"
        yield 'weights = per_class[labels].astype("float32")'
    yield ""
    match plan.loss.targets:
        case "label":
            yield 'y_train, y_test = y_train.astype("int64"), y_test.astype("int64")'
        case "one_hot":
            yield f'one_hot = np.eye({plan.outputs}, dtype="float32")'
            yield 'y_train, y_test = one_hot[y_train.astype("int64")], one_hot[y_test.astype("int64")]'
        case "number":
            yield from scale_target_lines(plan)
            yield 'y_train = y_train.astype("float32").reshape(len(y_train), -1)'
            yield 'y_test = y_test.astype("float32").reshape(len(y_test), -1)'


def _random_split_lines(plan: Plan) -> Iterator[str]:
    yield "shuffled = np.random.default_rng(SEED).permutation(len(y_train))"
    if plan.stratified:
        yield "# Each class gives its share; what is left over goes to the largest remainders."
        yield "classes, sizes = np.unique(y_train, return_counts=True)"
        yield "quotas, rest = np.divmod(sizes * kept, len(y_train))"
        yield 'quotas[np.argsort(-rest, kind="stable")[: kept - quotas.sum()]] += 1'
        yield "chosen = np.concatenate([shuffled[y_train[shuffled] == c][:n] for c, n in zip(classes, quotas)])"
    else:
        yield "chosen = shuffled[:kept]"
    yield "validation = np.sort(chosen)"
    yield "training = np.setdiff1d(np.arange(len(y_train)), chosen)"


def _order_lines(plan: Plan) -> Iterator[str]:
    yield from ("", "# ---- training", "", "", "def order(epoch):")
    if plan.spec.fit.shuffle:
        yield '    """The training samples in the order of this epoch, counted from 0."""'
        yield "    return tf.random.experimental.stateless_shuffle(training, seed=[SEED, epoch]).numpy()"
    else:
        yield '    """The training samples in their own order, in every epoch."""'
        yield "    return training"
    told = ["loss", "val_loss", *(part + name for name in plan.spec.fit.metrics for part in ("", "val_"))]
    yield from ("", "", "def report(what, logs):", f"    names = {json.dumps(told)}")
    yield '    print(what, *(f"{name}: {logs[name]:.9g}" for name in names if name in logs), flush=True)'
    yield from ("", "")


def _fit_lines(plan: Plan) -> Iterator[str]:
    weighted = plan.spec.fit.class_weights == "balanced"
    yield from ("STEPS = -(-len(training) // BATCH_SIZE)", "", "", "def batches():")
    yield '    """The training samples, in another order each epoch."""'
    yield "    for epoch in range(EPOCHS):"
    yield "        for chosen in np.split(order(epoch), range(BATCH_SIZE, len(training), BATCH_SIZE)):"
    yield f"            yield x_train[chosen], y_train[chosen]{', weights[chosen]' if weighted else ''}"
    yield from ("", "")
    if _keeps_states(plan):
        yield from KEEP_STATES
    yield from _compile_lines(plan, ("    jit_compile=False,",))
    yield from unscale_metrics_lines(plan)
    yield from ("model.fit(", "    batches(),")
    if plan.validation_samples:
        yield "    validation_data=(x_train[validation], y_train[validation]),"
        yield f"    validation_batch_size={EVALUATION_BATCH_SIZE},"
    yield "    steps_per_epoch=STEPS,"
    yield "    epochs=EPOCHS,"
    tell = 'keras.callbacks.LambdaCallback(on_epoch_end=lambda at, logs: report(f"epoch {at + 1}", logs))'
    steering = [call.code("keras.callbacks") for call in callback_calls(plan.spec.fit)]
    keeping = ["KeepStates()"] if _keeps_states(plan) else []
    yield from _list_lines("    callbacks=", [*keeping, tell, *steering])
    yield from ("    verbose=0,", ")", "")
    yield f'report("test", model.evaluate(x_test, y_test, batch_size={EVALUATION_BATCH_SIZE}, verbose=0, return_dict=True))'


def _compile_lines(plan: Plan, more: tuple[str, ...] = ()) -> Iterator[str]:
    yield "model.compile("
    yield f"    optimizer={plan.optimizer},"
    yield f"    loss={loss_call(plan.spec.fit, plan.loss).code('keras.losses')},"
    yield from _list_lines("    metrics=", [call.code("keras.metrics") for call in plan.metrics])
    yield from (*more, ")")


def compile_arguments(spec: RunSpec, facts: DataFacts) -> str:
    """What `compile` is given, in a line: optimizer and loss."""
    plan = _plan(spec, facts)
    loss = loss_call(spec.fit, plan.loss).code("keras.losses")
    call = f"{plan.optimizer}, loss={loss}"
    return call.replace("keras.optimizers.", "").replace("keras.losses.", "")


def _prepared_lines(plan: Plan) -> Iterator[str]:
    """What tuinn does before it fits, and what stands in a script: a line each, so that it isn't forgotten."""
    fit, started = plan.spec.fit, starting_places(plan.spec)
    for at, name in script_names(plan.spec.model).items():
        if plan.spec.model.layers[at].layer_type.adapts and at not in started:
            yield f"# {name} is adapted to the training samples"
    if started:
        yield f"# with first weights of {printable(plan.spec.weights.path)}: {plural(len(started), 'layer')}"
    if plan.target_scaling != "none":
        yield "# the target is scaled for the training, and its outputs back"
    if fit.class_weights == "balanced":
        yield "# each sample weighs by how rare its class is"
    if fit.precision != "float32":
        yield f'# before the layers: keras.config.set_dtype_policy("{fit.precision}")'


def draft_lines(spec: RunSpec, facts: DataFacts) -> list[str]:
    """A draft as one would write it by hand: network, compile and fit, without imports and data.

    Of a network that doesn't fit its data, the network alone, and why.
    """
    plan = _plan(spec, facts)
    network = sequential_lines if is_plain(spec.model) else functional_lines
    lines = [*network(plan)][3:]
    if plan.summary.mismatch:
        at, why = plan.summary.mismatch
        return [*lines, f"# layer {at + 1}: {why}"]
    if spec.fit.train_step == "written_out":
        return [*lines, "", *_prepared_lines(plan), *step_lines(spec, facts), *WRITTEN_LOOP]
    lines += ["", *_prepared_lines(plan), *_compile_lines(plan), "model.fit(", "    x_train,", "    y_train,"]
    if plan.validation_samples:
        lines.append("    validation_data=(x_validation, y_validation),")
    lines += [f"    batch_size={spec.fit.batch_size},", f"    epochs={spec.fit.epochs},"]
    if not spec.fit.shuffle:
        lines.append("    shuffle=False,")
    if calls := callback_calls(spec.fit):
        lines += _list_lines("    callbacks=", [call.code("keras.callbacks") for call in calls])
    return [*lines, ")"]


def step_lines(spec: RunSpec, facts: DataFacts) -> list[str]:
    """The loss, the update of the weights and the training step, as the script from scratch has them."""
    plan = _plan(spec, facts)
    training = written_out.training_lines if written_out.can_be_written_out(plan) else loop_lines
    lines = [line for line in "\n".join(training(plan)).split("\n") if not line.startswith("metrics = ")]
    return lines[: lines.index("    return outputs, loss") + 1]


WRITTEN_LOOP = (
    *("", "", "for epoch in range(EPOCHS):", "    for x, y in batches:"),
    "        outputs, loss = one_training_step(x, y)",
)


KEEP_STATES = (
    "class KeepStates(keras.callbacks.Callback):",
    '    """Puts the states of chance back after each validation."""',
    "",
    "    def on_test_begin(self, logs=None):",
    "        self.kept = states()",
    "",
    "    def on_test_end(self, logs=None):",
    "        restore(self.kept)",
    "",
    "",
)


def _keeps_states(plan: Plan) -> bool:
    return plan.draws_always and plan.validation_samples > 0


def _list_lines(head: str, items: list[str]) -> Iterator[str]:
    """`head[items],`, an item a line where there are several."""
    if len(items) < 2:
        yield f"{head}[{''.join(items)}],"
        return
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    yield f"{head}["
    yield from (f"{indent}{item}," for item in items)
    yield f"{indent[:-4]}],"
