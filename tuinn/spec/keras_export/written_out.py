"""A script without any Keras layer: Dense, Sequential, the batches, the loss and the optimizer's step written out."""

from collections.abc import Iterator

from tuinn.spec.dataset import Task
from tuinn.spec.keras_export.plan import EVALUATION_BATCH_SIZE, Plan
from tuinn.spec.keras_export.update_step import update_lines
from tuinn.spec.layers.catalog import LayerSpec

ACTIVATIONS = {
    "linear": "",
    "relu": "tf.maximum(x, 0)",
    "sigmoid": "tf.sigmoid(x)",
    "tanh": "tf.tanh(x)",
    "softmax": "tf.nn.softmax(x)",
}
"""Activation → its formula; those that a written out Dense may have."""

LOSSES = {
    "sparse_categorical_crossentropy": "-tf.math.log(tf.gather(sure(outputs), y, batch_dims=1))",
    "categorical_crossentropy": "-tf.reduce_sum(y * tf.math.log(sure(outputs)), axis=-1)",
    "binary_crossentropy": (
        "-tf.reduce_mean(y * tf.math.log(sure(outputs)) + (1 - y) * tf.math.log(sure(1 - outputs)), axis=-1)"
    ),
    "mean_squared_error": "tf.reduce_mean((y - outputs) ** 2, axis=-1)",
}
"""Loss → the loss of each sample."""

DENSE_OPTIONS = {"kind", "name", "units", "activation", "use_bias"}

FIT_OPTIONS = {
    *("optimizer", "learning_rate", "loss", "metrics", "epochs", "batch_size", "seed", "device", "shuffle"),
    *("rho", "epsilon"),
}
"""Settings that may differ from their default."""

WRITTEN_OPTIONS = FIT_OPTIONS | {"train_step", "momentum", "nesterov", "beta_1", "beta_2"}
"""Those of a run whose train_step is written out."""


def can_be_written_out(plan: Plan) -> bool:
    """Whether the network is a stack of Dense, after Flatten and Rescaling, and its optimizer has a written out update."""
    fit, model = plan.spec.fit, plan.spec.model
    is_written = fit.train_step == "written_out"
    live = [layer for layer in model.layers if not layer.disabled]
    dense = [layer for layer in live if layer.type_name == "Dense"]
    changed = {name for name, value in fit.raw().items() if value != getattr(type(fit)(), name)}
    widths = [row.shape for row in plan.summary.rows if not row.layer.disabled]
    return (
        (fit.optimizer in ("sgd", "rmsprop") or is_written)
        and changed <= (WRITTEN_OPTIONS if is_written else FIT_OPTIONS)
        and not fit.not_written_out
        and bool(dense)
        and all(_is_plain(layer) for layer in live)
        and not any(layer.sources for layer in live)
        and all(shape is not None and len(shape) == 1 for shape in widths[live.index(dense[0]) :])
        and plan.loss.name in LOSSES
        and not plan.loss.from_logits
        and plan.target_scaling == "none"
        and plan.facts.task is not Task.LABELS
        and not plan.facts.is_text
        and not plan.facts.columns
        and not plan.facts.target_names
    )


def _is_plain(layer: LayerSpec) -> bool:
    raw = layer.raw()
    match layer.type_name:
        case "Dense":
            return raw.keys() <= DENSE_OPTIONS and layer.activation in ACTIVATIONS
        case "Flatten":
            return raw.keys() <= {"kind", "name"}
        case "Rescaling":
            plain = all(isinstance(layer.options[name], int | float) for name in ("scale", "offset"))
            return raw.keys() <= {"kind", "name", "scale", "offset"} and plain
        case _:
            return False


NETWORK = '''
class NaiveDense:
    """outputs = activation(inputs @ W + b)."""

    def __init__(self, inputs, outputs, activation, use_bias=True):
        # Keras' own first weights, so that the numbers are the same.
        self.W = tf.Variable(keras.initializers.GlorotUniform()((inputs, outputs)))
        self.b = tf.Variable(tf.zeros(outputs)) if use_bias else None
        self.activation = activation

    def __call__(self, x):
        x = x @ self.W
        if self.b is not None:
            x = x + self.b
        return self.activation(x)

    @property
    def weights(self):
        return [self.W] if self.b is None else [self.W, self.b]


class NaiveSequential:
    """Layers, each of which takes what the one before it gives."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        return [weight for layer in self.layers for weight in getattr(layer, "weights", [])]


class BatchGenerator:
    """Hands out samples and targets, batch by batch, in the order in which they are given."""

    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size

    def __iter__(self):
        for start in range(0, len(self.x), self.batch_size):
            end = start + self.batch_size
            yield self.x[start:end].astype("float32"), self.y[start:end]


'''

STEP = '''

def sure(probabilities):
    """Probabilities above 0, which has no logarithm."""
    return tf.maximum(probabilities, 1e-30)


def loss_of(y, outputs):
    """The mean over the batch of each sample's loss."""
    return tf.reduce_mean({loss})


@tf.function
def one_training_step(x, y):
    with tf.GradientTape() as tape:
        outputs = model(x)
        loss = loss_of(y, outputs)
    gradients = tape.gradient(loss, model.weights)
    update_weights(gradients)
    return outputs, loss


@tf.function
def look(x, y):
    outputs = model(x)
    return outputs, loss_of(y, outputs)


def measure(batches, part="", learn=False):
    """Mean loss and metrics over these batches; the weights change where the network learns."""
    for metric in metrics:
        metric.reset_state()
    total = samples = 0
    for x, y in batches:
        outputs, loss = one_training_step(x, y) if learn else look(x, y)
        total, samples = total + float(loss) * len(x), samples + len(x)
        for metric in metrics:
            metric.update_state(y, outputs)
    told = {{"loss": total / samples, **{{metric.name: float(metric.result()) for metric in metrics}}}}
    return {{part + name: value for name, value in told.items()}}


for epoch in range(EPOCHS):
    places = order(epoch)
    logs = measure(BatchGenerator(x_train[places], y_train[places], BATCH_SIZE), learn=True)'''


def network_lines(plan: Plan) -> Iterator[str]:
    """The classes, and the network made of them."""
    live = [(row.layer, row.shape) for row in plan.summary.rows if not row.layer.disabled]
    used = dict.fromkeys(layer.activation for layer, _ in live if layer.type_name == "Dense")
    yield from ("", "# ---- network", "")
    yield from NETWORK.rstrip("\n").split("\n")
    for name in used:
        assert name is not None
        formula = ACTIVATIONS[name] or "x"
        yield from ("", "", f"def {name}(x):", f"    return {formula}")
    yield from ("", "", "model = NaiveSequential(", "    [")
    width = plan.summary.input_shape[-1]
    for layer, shape in live:
        assert shape is not None
        assert width is not None
        yield f"        {_layer(layer, width)},"
        width = shape[-1]
    yield from ("    ]", ")")


def _layer(layer: LayerSpec, inputs: int) -> str:
    match layer.type_name:
        case "Dense":
            bias = "" if layer.options["use_bias"] else ", use_bias=False"
            return f"NaiveDense({inputs}, {layer.units}, {layer.activation}{bias})"
        case "Flatten":
            return "lambda x: tf.reshape(x, (len(x), -1))"
        case _:
            scale, offset = layer.options["scale"], layer.options["offset"]
            assert isinstance(scale, int | float)
            whole = round(1 / scale) if scale else 0
            words = f"(1 / {whole})" if whole > 1 and 1 / whole == scale else repr(scale)
            return f"lambda x: x * {words}{f' + {offset!r}' if offset else ''}"


def training_lines(plan: Plan) -> Iterator[str]:
    """The optimizer's step, the loop, the reports and the test."""
    yield f"metrics = [{', '.join(call.code('keras.metrics') for call in plan.metrics)}]"
    yield from update_lines(plan.spec.fit)
    yield from STEP.format(loss=LOSSES[plan.loss.name]).split("\n")
    size = EVALUATION_BATCH_SIZE
    if plan.validation_samples:
        yield f'    logs |= measure(BatchGenerator(x_train[validation], y_train[validation], {size}), part="val_")'
    yield '    report(f"epoch {epoch + 1}", logs)'
    yield ""
    yield f'report("test", measure(BatchGenerator(x_test, y_test, {size})))'
