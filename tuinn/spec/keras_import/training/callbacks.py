"""The callbacks of `fit` → fit settings: EarlyStopping and ReduceLROnPlateau; the others are said."""

from collections.abc import Mapping

from tuinn.spec.fit import MONITORS
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.values import KerasObject, Unknown, describe

_STOPPING = "monitor min_delta patience verbose mode baseline restore_best_weights start_from_epoch"
_PLATEAU = "monitor factor patience verbose mode min_delta cooldown min_lr"
_BY_ITSELF = {
    "ModelCheckpoint": "tuinn keeps checkpoints by itself",
    "TensorBoard": "tuinn writes TensorBoard's files by itself",
    "CSVLogger": "tuinn writes history.csv by itself",
    "History": "tuinn keeps the history by itself",
    "ProgbarLogger": "tuinn shows the progress by itself",
    "TerminateOnNaN": "tuinn says when the loss is not finite",
    "BackupAndRestore": "tuinn resumes by itself",
    "LambdaCallback": "code cannot be taken over",
    "LearningRateScheduler": "code cannot be taken over; there is a setting schedule",
}
_METRICS = {"acc": "accuracy", "mae": "mean_absolute_error", "mse": "mean_squared_error"}


def read_callbacks(construction: Construction, value: object, line: int) -> dict[str, object]:
    """The settings that do what these callbacks do."""
    found: dict[str, object] = {}
    if value is None:
        return found
    if isinstance(value, Unknown) or construction.is_spoiled(value):
        construction.note("left out", f"callbacks; what {describe(value)} holds isn't known here", line)
        return found
    for one in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(one, KerasObject):
            construction.note("left out", f"the callback {describe(one)}", line)
        elif one.name == "EarlyStopping":
            _stopping(construction, one, found)
        elif one.name == "ReduceLROnPlateau":
            _plateau(construction, one, found)
        else:
            why = _BY_ITSELF.get(one.name, "tuinn has no setting for it")
            construction.note("left out", f"the callback {one.name}; {why}", one.line)
    return found


def _arguments(callback: KerasObject, names: str) -> dict[str, object]:
    return dict(zip(names.split(), callback.args, strict=False)) | dict(callback.kwargs)


def _stopping(construction: Construction, callback: KerasObject, found: dict[str, object]) -> None:
    given = _arguments(callback, _STOPPING)
    patience = given.get("patience", 0)
    # Keras stops at the first epoch without improvement for a patience of 0 as for one of 1.
    found["early_stopping_patience"] = 1 if patience == 0 else patience
    found["restore_best"] = given.get("restore_best_weights", False)
    _monitor(construction, callback, given, found)
    for name, usual in (("min_delta", 0), ("baseline", None), ("start_from_epoch", 0)):
        if given.get(name, usual) != usual:
            construction.note("left out", f"{name} of EarlyStopping", callback.line)


def _plateau(construction: Construction, callback: KerasObject, found: dict[str, object]) -> None:
    given = _arguments(callback, _PLATEAU)
    found["schedule"] = "reduce_on_plateau"
    for name, usual in (("factor", 0.1), ("patience", 10), ("min_lr", 0.0)):
        number = given.get(name, usual)
        found[name] = float(number) if isinstance(number, int) and name != "patience" else number
    _monitor(construction, callback, given, found)
    for name, usual in (("min_delta", 1e-4), ("cooldown", 0)):
        if given.get(name, usual) not in (usual, 0):
            construction.note("left out", f"{name} of ReduceLROnPlateau", callback.line)


def _monitor(
    construction: Construction, callback: KerasObject, given: Mapping[str, object], found: dict[str, object]
) -> None:
    word = given.get("monitor", "val_loss")
    if not isinstance(word, str):
        word = describe(word)
    part = "val_" if word.startswith("val_") else ""
    name = word.removeprefix("val_")
    name = part + _METRICS.get(name, name)
    if name not in MONITORS:
        construction.note(
            "changed", f"{callback.name} watches {word}; here it watches val_loss", callback.line
        )
        return
    if found.setdefault("monitor", name) != name:
        construction.note(
            "changed", f"{callback.name} watches {found['monitor']} too, not {name}", callback.line
        )
