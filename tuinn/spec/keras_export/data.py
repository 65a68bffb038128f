"""Where an exported script has its samples from: the file of a bundled dataset, keras.datasets, or prepared arrays."""

import json
from collections.abc import Iterator

from tuinn.spec.keras_export.plan import Plan
from tuinn.spec.training.target_scaling import unit_powers

_KERAS_DATASETS = "(x_train, y_train), (x_test, y_test) = keras.datasets"

KERAS_DATASETS = {
    "mnist": "mnist.load_data()",
    "fashion_mnist": "fashion_mnist.load_data()",
    "cifar10": "cifar10.load_data()",
    "cifar100": "cifar100.load_data()",
    "california_housing": "california_housing.load_data()",
    "imdb": "imdb.load_data(num_words={words})",
    "reuters": "reuters.load_data(num_words={words})",
}
"""Dataset → the call that gives the samples which tuinn trains on."""


def load_lines(plan: Plan) -> Iterator[str]:
    """The lines that give `x_train`, `y_train`, `x_test`, `y_test`."""
    name, facts = plan.spec.dataset.name, plan.facts
    if plan.spec.dataset.labels == "checked":
        yield "# The labels as the data give them: what was decided about them in tuinn is not used here."
    if name in KERAS_DATASETS:
        yield f"{_KERAS_DATASETS}.{KERAS_DATASETS[name].format(words=facts.words)}"
        if name.startswith("cifar"):
            yield "y_train, y_test = y_train[:, 0], y_test[:, 0]"
        if facts.words:
            for part in ("x_train", "x_test"):
                yield f"{part} = keras.utils.pad_sequences({part}, maxlen={facts.shape[0]})"
    elif plan.data.endswith(".npz"):
        yield f"with np.load({_quoted(plan.data)}, allow_pickle=False) as file:"
        yield '    x_train, y_train = file["x_train"], file["y_train"]'
        yield '    x_test, y_test = file["x_test"], file["y_test"]'
    else:
        yield f"FOLDER = {_quoted(plan.data)}  # the samples as tuinn prepared them"
        yield from _text_lines() if facts.is_text else ()
        for part in ("x_train", "y_train", "x_test", "y_test"):
            if facts.is_text and part[0] == "x":
                yield f'{part} = texts("{part}")'
            else:
                yield f'{part} = np.load(f"{{FOLDER}}/{part}.npy", mmap_mode="r")'


def _text_lines() -> Iterator[str]:
    yield from ("", "", "def texts(part):")
    yield '    """The texts of a part, (n,), as bytes in UTF-8: they lie one after the other, with their ends beside them."""'
    yield '    blob, ends = np.load(f"{FOLDER}/{part}.utf8.npy"), np.load(f"{FOLDER}/{part}.ends.npy")'
    yield "    found = np.empty(len(ends), object)"
    yield "    found[:] = [bytes(text) for text in np.split(blob, ends[:-1])]"
    yield from ("    return found", "", "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def encode_lines(plan: Plan) -> Iterator[str]:
    """The lines that make numbers of a table's columns, as the saved network does; nothing for other data."""
    columns = plan.facts.columns
    numbers = [at for at, column in enumerate(columns) if column.kind == "number"]
    words = {at: column.width for at, column in enumerate(columns) if column.kind == "category"}
    if not columns:
        return
    yield ""
    yield "# Numbers are normalised, and a gap becomes the mean; words become a 0 or 1 each."
    if numbers:
        yield f"NUMBERS = {numbers}  # their columns"
        yield 'seen = x_train[training][:, NUMBERS].astype("float64")'
        yield "seen[~np.isfinite(seen)] = np.nan"
        yield "seen[:, np.isnan(seen).all(axis=0)] = 0.0"
        yield 'mean = np.nanmean(seen, axis=0).astype("float32")'
        yield "constant = np.nanmin(seen, axis=0) == np.nanmax(seen, axis=0)"
        yield "deviation = np.sqrt(np.where(constant, 1.0, np.nanvar(seen, axis=0)))"
        yield 'deviation = np.maximum(deviation.astype("float32"), 1e-7)'
    if words:
        yield f"WORDS = {words}  # column: how many words it has, gaps and others included"
    yield from ("", "", "def encoded(x):")
    yield '    """Rows as they are kept → what the network takes."""'
    yield "    parts = []"
    if numbers:
        yield "    parts.append(np.nan_to_num((x[:, NUMBERS] - mean) / deviation))"
    if words:
        yield "    for at, width in WORDS.items():"
        yield '        parts.append(np.eye(width)[x[:, at].astype("int64")])'
    yield '    return np.concatenate(parts, axis=1).astype("float32")'
    yield from ("", "", "x_train, x_test = encoded(x_train), encoded(x_test)")
    yield "# What is the same in every training row teaches nothing, and is 0 in every row."
    yield "learned = np.ptp(x_train[training], axis=0) > 0"
    yield "x_train, x_test = x_train * learned, x_test * learned"


def scale_target_lines(plan: Plan) -> Iterator[str]:
    """The lines that scale the target of a regression for the training, and what gives its own unit back."""
    how = plan.target_scaling
    if how == "none":
        return
    yield "# The network is trained on a target around 0 and about 1 large: own = scale × trained + offset."
    yield 'seen = y_train[training].astype("float64")'
    several = bool(plan.facts.target_names)
    axis = "axis=0" if several else ""
    yield (
        f"offset = seen.mean({axis})"
        if how == "standard"
        else f"offset = {'0.0 * seen[0]' if several else '0.0'}"
    )
    yield f"scale = np.sqrt(np.mean((seen - offset) ** 2{', axis=0' if several else ''}))"
    if several:
        yield "offset, scale = np.where(scale > 0, offset, 0.0), np.where(scale > 0, scale, 1.0)"
    yield 'y_train, y_test = ((y.astype("float64") - offset) / scale for y in (y_train, y_test))'
    if not plan.scales_logs:
        yield "# Losses and metrics are told in standard deviations: the targets have no unit in common."
        return
    told = unit_powers(plan.loss, plan.spec.fit.metrics)
    factors = ", ".join(f"{json.dumps(name)}: scale**{power}" for name, power in told.items() if power)
    yield f"UNIT = {{{factors}}}  # losses and metrics are told in the target's own unit"


def unscale_metrics_lines(plan: Plan) -> Iterator[str]:
    """The lines after `compile` that make the logs be in the target's own unit."""
    if not plan.scales_logs:
        return
    yield "result = model.get_metrics_result"
    yield "model.get_metrics_result = lambda: {k: v * UNIT.get(k, 1.0) for k, v in result().items()}"


def unscale_output_lines(plan: Plan) -> Iterator[str]:
    """The lines that end the script: a network that predicts in the target's own unit."""
    if plan.target_scaling == "none":
        return
    yield from ("", "# It predicts in the target's own unit.")
    numbers = "scale.tolist(), offset=offset.tolist()" if plan.facts.target_names else "scale, offset=offset"
    yield f'model = keras.Sequential([model, layers.Rescaling({numbers}, dtype="float32")])'
