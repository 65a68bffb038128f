"""The update of each weight as an optimizer makes it, written out in plain TensorFlow operations."""

from collections.abc import Iterator
from dataclasses import dataclass

from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.plan import Plan


@dataclass(frozen=True)
class Update:
    """An update as source. In its lines `{rate}` is the learning rate, `{squared}` the gradient squared."""

    about: str
    kept: dict[str, str]
    """What is kept for each weight: a name in the singular → what it is; empty where the one before says it."""
    lines: tuple[str, ...]
    """In the loop over the weights."""
    constants: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    """Before that loop."""


def update_of(fit: FitSpec) -> Update:
    """Return the update of this optimizer, which is one of `WRITTEN_OUT`."""
    match fit.optimizer:
        case "sgd":
            return _sgd(fit)
        case "rmsprop":
            return _rmsprop(fit)
        case _:
            return _adam(fit)


def _sgd(fit: FitSpec) -> Update:
    if not fit.value("momentum"):
        plain = ("weight.assign_sub({rate} * gradient)",)
        return Update("Each weight goes a step against its gradient: SGD.", {}, plain)
    ahead = "MOMENTUM * step - {rate} * gradient"
    lines = (f"step.assign({ahead})", f"weight.assign_add({ahead if fit.value('nesterov') else 'step'})")
    about = "A step against the gradient, and a share of the step before: SGD with momentum."
    return Update(about, {"step": "its last step"}, lines, (f"MOMENTUM = {fit.value('momentum')!r}",))


def _rmsprop(fit: FitSpec) -> Update:
    step = f"{{rate}} * gradient / tf.sqrt(square + {fit.value('epsilon')!r})"
    kept = {"square": "the mean of its squared gradients, in which the past fades away"}
    constants, lines = (
        [f"RHO = {fit.value('rho')!r}"],
        ["square.assign(RHO * square + (1 - RHO) * {squared})"],
    )
    if fit.value("momentum"):
        kept["step"] = "its last step"
        constants.append(f"MOMENTUM = {fit.value('momentum')!r}")
        lines += [f"step.assign(MOMENTUM * step + {step})", "weight.assign_sub(step)"]
    else:
        lines.append(f"weight.assign_sub({step})")
    about = "A step against the gradient, divided by its recent size: RMSprop."
    return Update(about, kept, tuple(lines), tuple(constants))


def _adam(fit: FitSpec) -> Update:
    kept = {
        "mean": "the means of its gradients and of their squares; in both the past fades away",
        "square": "",
    }
    return Update(
        "A step against the mean gradient, divided by its recent size: Adam.",
        kept,
        (
            "mean.assign(BETA_1 * mean + (1 - BETA_1) * gradient)",
            "square.assign(BETA_2 * square + (1 - BETA_2) * {squared})",
            f"weight.assign_sub({{rate}} * size * mean / (tf.sqrt(square) + {fit.value('epsilon')!r}))",
        ),
        (
            f"BETA_1, BETA_2 = {fit.value('beta_1')!r}, {fit.value('beta_2')!r}",
            "count = tf.Variable(0.0)  # updates so far",
        ),
        (
            "count.assign_add(1)",
            "# Both means began at 0, and are too small at first.",
            "size = tf.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)",
        ),
    )


def update_lines(fit: FitSpec) -> Iterator[str]:
    """Constants, what is kept for each weight, and `update_weights(gradients)`; the rate stays as it is."""
    yield f"LEARNING_RATE = {float(fit.learning_rate)!r}"
    yield from _lines(update_of(fit), "LEARNING_RATE", "model.weights")


SLICES = '''def squares_of(gradient):
    """Each number squared; of an Embedding each row by itself, also where a word comes twice in the batch."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.convert_to_tensor(tf.IndexedSlices(gradient.values**2, gradient.indices, gradient.dense_shape))
    return gradient**2'''


def model_update_lines(plan: Plan) -> Iterator[str]:
    """The same for a Keras model, with the rate that its optimizer has at each step."""
    layers = [layer for layer in plan.spec.model.layers if not layer.disabled]
    before, after, squared = ["rate = optimizer.learning_rate"], [], "gradient**2"
    if any(layer.type_name == "Embedding" for layer in layers):
        yield from SLICES.split("\n")
        yield from ("", "")
        before.append("squared = [squares_of(gradient) for gradient in gradients]")
        before.append("gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]")
        squared = "squared"
    if any(name.endswith("_constraint") for layer in layers for name in layer.raw()):
        after = ["    if weight.constraint is not None:", "        weight.assign(weight.constraint(weight))"]
    after.append("optimizer.iterations.assign_add(1)")
    yield from _lines(update_of(plan.spec.fit), "rate", "model.trainable_variables", before, after, squared)


def _lines(
    update: Update,
    rate: str,
    weights: str,
    before: list[str] | None = None,
    after: list[str] | None = None,
    squared: str = "gradient**2",
) -> Iterator[str]:
    yield from update.constants
    for name, what in update.kept.items():
        yield from ("", f"# For each weight, {what}.") if what else ()
        yield f"{name}s = [tf.Variable(tf.zeros(weight.shape)) for weight in {weights}]"
    yield from ("", "", "def update_weights(gradients):", f'    """{update.about}"""')
    yield from (f"    {line}" for line in (*(before or ()), *update.counts))
    kept, more = tuple(update.kept), [squared] * (squared == "squared")
    names = ("weight", *kept, "gradient", *more)
    lists = (weights, *(f"{name}s" for name in kept), "gradients", *more)
    yield f"    for {', '.join(names)} in zip({', '.join(lists)}):"
    yield from (f"        {line.format(rate=rate, squared=squared)}" for line in update.lines)
    yield from (f"    {line}" for line in after or ())
