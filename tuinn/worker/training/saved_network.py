"""The network of a run that ended, as it was saved; where its file is gone or damaged, as the checkpoints have it."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras
import msgspec

from tuinn.errors import WorkerError
from tuinn.runs.events import Checkpointed, Noted
from tuinn.runs.folder import RunFolder
from tuinn.spec.device import alone
from tuinn.spec.run import RunSpec
from tuinn.spec.training import target_scaling
from tuinn.worker import devices
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import Checkpoint, read_spec
from tuinn.worker.checkpoints.start import spec_changes
from tuinn.worker.commands import PastCommands
from tuinn.worker.data.run_data import RunData, changed_files, load_for_questions
from tuinn.worker.errors import first_line
from tuinn.worker.event_log import Emit
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.keras_types import Callback, Model, Optimizer
from tuinn.worker.model import build
from tuinn.worker.model.first_weights import read_adapted
from tuinn.worker.model.network import Network, split_full_model
from tuinn.worker.model.target_scaler import TargetScaler
from tuinn.worker.training import callbacks, trainer


def load_evaluator(folder: RunFolder, spec: RunSpec, emit: Emit) -> Evaluator:
    """The network of a run that ended, ready for questions. Where its file is gone or damaged, it is written again
    from a checkpoint. Raises WorkerError where that can't be.
    """
    devices.choose(alone(spec.fit.device))
    spec = trained_spec(folder, spec, emit)
    known = folder.data_info()
    data = load_for_questions(spec, known)
    try:
        full = load_network(folder, spec)
    except WorkerError as problem:
        epoch, network = network_of_checkpoint(folder, spec, data, str(problem))
        trainer.save(network, folder.model_file)
        emit(Noted(message=f"{problem} It is written again, from a checkpoint."))
        emit(Checkpointed(epoch=epoch, file=folder.model_file.name))
    else:
        network = network_of_file(folder, spec, data, full)
    evaluator = trainer.evaluator_of(folder, network, data, spec.fit.seed)
    epoch = PastCommands.read(folder).network_epoch or 0
    evaluator.network_epoch = lambda: epoch
    evaluator.save_network = lambda: trainer.save(network, folder.model_file)
    if known is not None and len(data.arrays.x_test):

        def check_data() -> None:
            for note in changed_files(spec.dataset, known):
                emit(note)

        evaluator.check_data = check_data
    return evaluator


def trained_spec(folder: RunFolder, spec: RunSpec, emit: Emit) -> RunSpec:
    """The spec with which the run was trained, as far as its numbers depend on it: it may have been edited since."""
    for file in (folder.last_checkpoint, folder.best_checkpoint):
        trained = read_spec(file)
        if trained is None:
            continue
        if not (changed := spec_changes(folder, trained, spec)):
            return spec
        emit(Noted(message=f"{changed} It answers as it was trained."))
        dataset = trained.dataset
        if dataset.path and spec.dataset.path:
            dataset = msgspec.structs.replace(dataset, path=spec.dataset.path)  # they may have moved
        return RunSpec(dataset, trained.model, trained.fit, trained.weights)
    return spec


def load_network(folder: RunFolder, spec: RunSpec) -> Model:
    """The saved network. Raises WorkerError where it is gone or damaged."""
    if not folder.model_file.is_file():
        raise WorkerError(f"{folder.name} has no {folder.model_file.name}.")
    if not zipfile.is_zipfile(folder.model_file):  # of which Keras would say that there is no such file
        raise WorkerError(f"{folder.model_file} is damaged: it is no whole .keras file.")
    build.allow_depth(len(spec.model.layers))
    try:
        full: Model = keras.saving.load_model(folder.model_file, safe_mode=True)
    except Exception as error:  # zip, HDF5, JSON and Keras each have their own names for "damaged"
        raise WorkerError(f"{folder.model_file} cannot be loaded ({first_line(error)}).") from error
    return full


def network_of_file(folder: RunFolder, spec: RunSpec, data: RunData, full: Model) -> Network:
    """The parts of a saved network. Raises WorkerError where it is another one than the spec describes."""
    try:
        stack, encoder, scale, offset = split_full_model(full, data.info.facts)
    except ValueError as error:
        raise WorkerError(
            f"{folder.model_file} is of another network than {folder.spec_file.name}. Run it again."
        ) from error
    powers = target_scaling.unit_powers(data.loss, spec.fit.metrics, bool(data.info.facts.target_names))
    scaler = TargetScaler(scale, offset, powers)
    saved = getattr(full, "optimizer", None)
    network = trainer.compiled(spec, data, stack, encoder, full, scaler)
    if saved is not None:
        _take_state(network.model, saved)
    return network


def _take_state(model: Model, saved: Optimizer) -> None:
    """Give the model's optimizer the state of the saved one, so that it isn't lost where the network is saved again."""
    fresh = model.optimizer
    fresh.build(model.trainable_variables)
    pairs = list(zip(fresh.variables, saved.variables, strict=False))
    if len(saved.variables) == len(fresh.variables) and all(new.shape == old.shape for new, old in pairs):
        for new, old in pairs:
            new.assign(old)


def network_of_checkpoint(
    folder: RunFolder, spec: RunSpec, data: RunData, problem: str
) -> tuple[int, Network]:
    """The network that the run saved last, and its epoch, as the checkpoints have it.

    Raises WorkerError, which begins with `problem`, where they don't.
    """
    epoch = PastCommands.read(folder).network_epoch
    if epoch is None:
        raise WorkerError(
            f"{problem} The run ended before it was saved. Resume it: tuinn resume {folder.name}"
        )
    if not len(data.arrays.x_train):
        raise WorkerError(f"{problem} It can't be written again without the data. Put them back.")
    keras.utils.set_random_seed(spec.fit.seed)
    network = trainer.build_network(spec, data, read_adapted(folder))
    network.model.optimizer.build(network.model.trainable_variables)
    if not restore_epoch(folder, epoch, network.model, callbacks.callbacks_of(spec)):
        raise WorkerError(
            f"{problem} No checkpoint has the weights of its epoch {epoch}. "
            f"Train again: tuinn train {folder.spec_file}"
        )
    return epoch, network


def restore_epoch(folder: RunFolder, epoch: int, model: Model, steering: Sequence[Callback]) -> bool:
    """Give the model the weights with which it was saved, as of this epoch. False where no checkpoint has them."""
    files = (folder.last_checkpoint, folder.best_checkpoint, folder.checkpoints / f"epoch-{epoch}.npz")
    found = [checkpoint for checkpoint in map(readable, files) if checkpoint is not None]
    if not found:
        return False
    # The optimizer is that of the last step, whatever weights were kept.
    training_state.restore(found[0].state, model, steering)
    stopping = callbacks.early_stopping_of(steering)
    if found[0].last_epoch == epoch:
        return True
    if stopping is not None and callbacks.restored_epoch(steering) == epoch:
        model.set_weights(stopping.best_weights)
        return True
    for checkpoint in found[1:]:
        if checkpoint.last_epoch == epoch:
            training_state.restore_weights(checkpoint.state, model)
            return True
    return False


def readable(file: Path) -> Checkpoint | None:
    """The checkpoint; None where there is none, or it can't be read."""
    try:
        return Checkpoint.read(file)
    except (OSError, WorkerError):
        return None
