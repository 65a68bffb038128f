"""The playground's data, network and training as a Keras script that runs by itself."""

import inspect

from tuinn.labs.playground.clouds import CLOUDS
from tuinn.labs.playground.features import FEATURES
from tuinn.labs.playground.network import OUTPUTS
from tuinn.labs.playground.own_data import MOST_ROWS, REACH
from tuinn.labs.playground.session import COUNT, Playground


def network_code(play: Playground) -> str:
    """Return the lines that build, compile and fit."""
    settings = play.settings
    penalty = settings.penalty
    extra = ""
    if penalty.kind != "none":
        extra = f", kernel_regularizer=keras.regularizers.{penalty.kind}({penalty.strength:g})"
    rows = [f"    layers.Input(({len(settings.features)},)),"]
    rows += [f'    layers.Dense({units}, "{settings.activation}"{extra}),' for units in settings.layers]
    rows.append(f'    layers.Dense({play.y.shape[1]}, "{OUTPUTS[play.kind]}"{extra}),')
    metrics = "" if play.kind == "number" else ', metrics=["accuracy"]'
    compiled = f'model.compile(keras.optimizers.SGD({settings.rate:g}), "{play.loss}"{metrics})'
    fit = f"model.fit(x[train], y[train], batch_size={play.batch}, epochs={max(play.epoch, 100)}, verbose=2)"
    return "\n".join(
        [
            "model = keras.Sequential([",
            *rows,
            "])",
            compiled,
            fit,
            "print(model.evaluate(x[test], y[test], verbose=0, return_dict=True))",
        ]
    )


def data_code(play: Playground) -> str:
    """Return the lines that make x, y, train and test."""
    settings = play.settings
    lines = [f"rng = np.random.default_rng({settings.seed})"]
    if play.own is not None:
        lines += _own_lines(play)
    else:
        cloud = CLOUDS[settings.cloud]
        source = inspect.getsource(cloud.make).replace(" -> Points", "")
        lines = [source, "", *lines]
        lines.append(f"points, y = {cloud.make.__name__}({COUNT}, {settings.noise:g}, rng)")
    names = ", ".join(FEATURES[name][1] for name in settings.features)
    lines += [
        "px, py = points.T",
        "x = np.stack([" + _renamed(names) + "], axis=1)",
    ]
    if play.kind == "classes":
        lines.append(f"y = keras.utils.to_categorical(y, {len(play.classes)})")
    first = len(play.train_at)
    lines += ["order = rng.permutation(len(x))", f"train, test = order[:{first}], order[{first}:]"]
    return "\n".join(lines)


def _renamed(names: str) -> str:
    """x and y of a feature are px and py in the script, where x is what the network takes."""
    import re

    return re.sub(r"\b([xy])\b", r"p\1", names)


def _own_lines(play: Playground) -> list[str]:
    own = play.own
    assert own is not None
    lines = [
        f"table = pl.read_csv({own.path!r}).select({own.x!r}, {own.y!r}, {own.target!r}).drop_nulls()",
        f"if len(table) > {MOST_ROWS}:",
        f"    table = table[np.linspace(0, len(table) - 1, {MOST_ROWS}).astype(int).tolist()]",
        "def stretched(name, reach):",
        "    values = table[name].to_numpy().astype(float)",
        "    return (values - values.min()) / np.ptp(values) * 2 * reach - reach",
        f"points = np.stack([stretched({own.x!r}, {REACH:g}), stretched({own.y!r}, {REACH:g})], axis=1)",
    ]
    if own.classes:
        lines.append(f"y = np.unique(table[{own.target!r}].to_numpy(), return_inverse=True)[1].astype(float)")
    else:
        lines.append(f"y = stretched({own.target!r}, 1)")
    return lines


def keras_code(play: Playground) -> str:
    """Return the whole script."""
    imports = ["import keras", "import numpy as np"]
    if play.own is not None:
        imports.append("import polars as pl")
    imports.append("from keras import layers")
    return "\n".join([*imports, "", data_code(play), "", network_code(play), ""])
