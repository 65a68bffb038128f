"""The arguments of `compile` and `fit` → fit settings, each of them said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tuinn.errors import SpecError
from tuinn.spec.fit import FIT_OPTIONS, FitSpec
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.values import Call, Network, describe, is_known
from tuinn.spec.keras_import.training.callbacks import read_callbacks
from tuinn.spec.keras_import.training.objects import read_loss, read_metrics, read_optimizer
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.options import Option, Value
from tuinn.spec.training.decay import Decay

_OPTIONS: dict[str, Option] = {option.name: option for option in FIT_OPTIONS}
_COMPILE = ("optimizer", "loss", "loss_weights", "metrics")
_FIT = (
    "x",
    "y",
    "batch_size",
    "epochs",
    "verbose",
    "callbacks",
    "validation_split",
    "validation_data",
    "shuffle",
)
_PASSED = ("verbose", "x", "y", "jit_compile", "steps_per_execution", "run_eagerly", "auto_scale_loss")
KERAS_BATCH_SIZE = 32


@dataclass
class TrainingSettings:
    """What could be taken over."""

    fit: dict[str, Value] = field(default_factory=dict)
    validation: float | None = None
    decay: Decay | None = None


def read_training(construction: Construction, network: Network, last: LayerSpec) -> TrainingSettings:
    """The settings that this network is compiled and fitted with. `last`: the layer that it ends in."""
    found = TrainingSettings()
    if construction.seed is not None:
        _put(construction, found, "seed", construction.seed[0], construction.seed[1])
    if network.compiled is not None:
        _compile(construction, network.compiled, found, last)
    if network.learning_rate is not None:
        _put(construction, found, "learning_rate", *network.learning_rate)
    if construction.precision is not None:
        _put(construction, found, "precision", *construction.precision)
    if network.fitted is not None:
        _fit(construction, network.fitted, found)
    return found


def _named(call: Call, names: tuple[str, ...]) -> dict[str, object]:
    return dict(zip(names, call.args, strict=False)) | dict(call.kwargs)


def _compile(construction: Construction, call: Call, found: TrainingSettings, last: LayerSpec) -> None:
    given = _named(call, _COMPILE)
    if not call.certain:
        construction.note("left out", "compile, for it may not run", call.line)
        return
    optimizer = read_optimizer(construction, given.get("optimizer", "rmsprop"), call.line)
    found.decay = optimizer.pop("decay", None)  # type: ignore[assignment]
    for name, value in optimizer.items():
        _put(construction, found, name, value, call.line)
    if found.decay is not None:
        construction.note("taken over", f"schedule {found.decay.text()}", call.line)
    for name, value in read_loss(construction, given.get("loss"), call.line, last).items():
        _put(construction, found, name, value, call.line)
    metrics = read_metrics(construction, given.get("metrics"), call.line)
    if metrics is not None:
        _put(construction, found, "metrics", metrics, call.line)
    for name in given:
        if name not in (*_COMPILE, *_PASSED):
            construction.note("left out", f"{name} of compile", call.line)
    if given.get("loss_weights") is not None:
        construction.note("left out", "loss_weights of compile; there is one output", call.line)


def _fit(construction: Construction, call: Call, found: TrainingSettings) -> None:
    given = _named(call, _FIT)
    if not call.certain:
        construction.note("left out", "fit, for it may not run", call.line)
        return
    epochs = given.get("epochs", given.get("nb_epoch", 1))
    _put(construction, found, "epochs", epochs, call.line)
    if "batch_size" in given:
        _put(construction, found, "batch_size", given["batch_size"], call.line)
    elif "y" in given and "steps_per_epoch" not in given:
        _put(construction, found, "batch_size", KERAS_BATCH_SIZE, call.line, " (Keras' own)")
    _validation(construction, given, found, call.line)
    if given.get("shuffle") is False:
        _put(construction, found, "shuffle", False, call.line)
    for name in ("class_weight", "sample_weight"):
        if given.get(name) is not None:
            construction.note("left out", f"{name}; class_weights = balanced is there", call.line)
    callbacks = given.get("callbacks")
    for name, value in read_callbacks(construction, callbacks, call.line).items():
        _put(construction, found, name, value, call.line)


def _validation(
    construction: Construction, given: Mapping[str, object], found: TrainingSettings, line: int
) -> None:
    share = given.get("validation_split")
    if isinstance(share, int | float) and 0 < share < 1:
        found.validation = float(share)
        construction.note("taken over", f"validation {share:g}", line)
    elif share not in (None, 0, 0.0):
        construction.note("left out", f"validation_split is {describe(share)}", line)


def _put(
    construction: Construction, found: TrainingSettings, name: str, value: object, line: int, more: str = ""
) -> None:
    """Take a setting over where the option allows it; say either."""
    option = _OPTIONS[name]
    if isinstance(value, int) and not isinstance(value, bool) and option.name in ("learning_rate", "epsilon"):
        value = float(value)
    try:
        checked = option.check(value)
    except SpecError as problem:
        what = describe(value)
        why = ", and that isn't known here" if not is_known(value) else f"; {name} {problem.message}"
        construction.note("left out", f"{name} is {what}{why}".rstrip("."), line)
        return
    found.fit[name] = checked
    construction.note("taken over", f"{name} {option.show(checked) or 'none'}{more}", line)


def fit_with(base: FitSpec, settings: Mapping[str, Value], decay: Decay | None, samples: int) -> FitSpec:
    """The fit settings with these taken over; those that the code doesn't say stay.

    `samples`: how many there are to learn from, for a rate that falls by steps.
    """
    fit = base.with_values(settings)
    if decay is None or "schedule" in settings:
        return fit
    return fit.with_values(decay.settings(-(-samples // fit.batch_size)))
