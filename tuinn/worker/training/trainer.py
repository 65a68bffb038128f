"""One training from the spec to the saved network, in order. session.py holds the lock and writes the last event."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Literal

import keras

from tuinn.atomic_io import FULL, replacing
from tuinn.errors import WorkerError
from tuinn.runs.events import Checkpointed, Event, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.machine import card_check
from tuinn.runs.machine.card_check import Card
from tuinn.spec.advice.several_devices import several_device_problems
from tuinn.spec.run import RunSpec
from tuinn.worker import devices
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer, Checkpoint
from tuinn.worker.commands import CommandQueue
from tuinn.worker.data import streaming
from tuinn.worker.data.batches import inference_batch, steps_per_execution
from tuinn.worker.data.run_data import RunData, load, progress_events, save_info
from tuinn.worker.data.shares import ShareSteps
from tuinn.worker.devices import Device
from tuinn.worker.distribution import ALONE, Replicas
from tuinn.worker.errors import user_message
from tuinn.worker.event_log import Emit, EventLog
from tuinn.worker.heartbeat import LONG, Heartbeat
from tuinn.worker.inference.evaluator import Evaluator, Unsaved
from tuinn.worker.keras_types import Callback, Model
from tuinn.worker.model import build, compilation, first_weights, learning_rate, seeds, written_step
from tuinn.worker.model.feature_encoder import encoder_of
from tuinn.worker.model.network import Network, full_model, split_words
from tuinn.worker.model.target_scaler import TargetScaler, target_scaler
from tuinn.worker.system_monitor import SystemMonitor, find_card
from tuinn.worker.training import callbacks, fit_loop
from tuinn.worker.training.batch_stepper import BatchStepper
from tuinn.worker.training.checkpoints import TrainingCheckpoints
from tuinn.worker.training.control import TrainingControl
from tuinn.worker.training.device_comparison import DeviceComparison
from tuinn.worker.training.progress import TrainingProgress
from tuinn.worker.training.reporter import Reporter


def train(
    folder: RunFolder,
    spec: RunSpec,
    commands: CommandQueue,
    log: EventLog,
    start: Checkpoint | None = None,
    epochs: int | None = None,
    keep_best: int = 1,
) -> tuple[Evaluator, RunEnded]:
    """Train, evaluate and save. The last event comes back unwritten, with the network ready for questions.

    `start`: where to go on; None: from the beginning. `epochs`: how many, where it isn't what the spec says.
    `keep_best`: epochs that keep a checkpoint of their own.
    Raises WorkerError, SpecError, or whatever TensorFlow raises.
    """
    heartbeat = Heartbeat(folder.heartbeat_file)
    heartbeat.expect(LONG)
    device = choose_device(spec, commands, log.emit)
    evaluator = prepare(folder, spec, commands, log, heartbeat, device, resumed=start is not None)
    steering = callbacks.callbacks_of(spec)
    progress = TrainingProgress(
        evaluator.pipeline.counts["training"],
        spec.fit.batch_size,
        epochs or spec.fit.epochs,
        commands.settings_changed,
    )
    evaluator.network_epoch = lambda: progress.epoch - (progress.step == 0)
    checkpointer = AsyncCheckpointer(folder, keep_best)
    checkpoints = TrainingCheckpoints(evaluator.model, steering, progress, checkpointer, log, spec)

    def save_network(epoch: int) -> None:
        save(evaluator.network, folder.model_file)
        log.emit(Checkpointed(epoch=epoch, file=folder.model_file.name))

    control = TrainingControl(
        evaluator.model,
        commands,
        progress,
        checkpoints,
        log,
        heartbeat,
        evaluator.answer,
        save_network,
        system_monitor(device, evaluator).read,
    )
    if step := evaluator.network.written_step:
        control.stepper = BatchStepper(evaluator, step, progress)
    predict = TolerantPrediction(evaluator.predict, heartbeat.check_folder)
    reporter = Reporter(progress, log, control, predict, heartbeat.beat)
    comparison = None
    if device.names:
        comparison = DeviceComparison(evaluator, spec.fit, len(device.names), log.emit, heartbeat.beat)
    try:
        fit_loop.FitLoop(evaluator, reporter, spec.fit.shuffle, comparison).run(start)
    finally:
        checkpointer.close()
        checkpoints.report_written()
    heartbeat.expect(LONG)
    return evaluator, finish(evaluator, reporter, checkpointer, spec, commands.stop_with_best)


def finish(
    evaluator: Evaluator,
    reporter: Reporter,
    checkpointer: AsyncCheckpointer,
    spec: RunSpec,
    stop_with_best: bool,
) -> RunEnded:
    """Restore the best weights where they are wanted, evaluate and save; the last event comes back unwritten."""
    progress, control = reporter.progress, reporter.control
    steering = control.checkpoints.callbacks
    if stop_with_best or callbacks.wants_best(steering, spec):
        kept = restore_best(evaluator.model, checkpointer, control.log.emit)
    else:
        kept = callbacks.restored_epoch(steering)
    evaluator.network_epoch = lambda: kept or progress.epoch
    evaluator.save_network = lambda: save(evaluator.network, evaluator.folder.model_file)
    # Whoever sends a signal, such as a batch system, may not wait for long.
    evaluator.predicts_all = evaluator.predicts_all or not control.commands.signal
    if kept or not progress.epoch_done or evaluator.is_behind or reporter.predictions_behind:
        reporter.report_predictions(kept or progress.epoch)
    control.log.emit(evaluator.evaluate())
    ended = ending(progress, steering, spec, kept, stop_with_best)

    def save_all() -> None:
        try:
            checkpointer.write_unwritten()
        except OSError:
            if ended.outcome == "stopped":  # it is to be resumed from there
                raise
        control.checkpoints.report_written()
        control.save(kept or progress.epoch)

    try:
        save_all()
    except OSError as error:
        if error.errno not in FULL:
            raise
        evaluator.unsaved = Unsaved(save_all, ended)
        why = user_message(error, folder=evaluator.folder.path)
        keeps = (
            "Until then the worker keeps it in memory, for an hour, and saves it as soon as there is room."
        )
        return RunEnded(outcome="failed", message=f"{why} {keeps}")
    return ended


def choose_device(spec: RunSpec, commands: CommandQueue, emit: Emit) -> Device:
    """What computes; why it is not the card that was wanted is noted. A card is tried first, where it never was."""

    def began(card: Card) -> None:
        emit(Noted(message=f"{card.label} is tried first, once for this driver and this TensorFlow."))

    check = partial(card_check.check_card, tick=commands.check_stop, began=began)
    device = devices.choose(spec.fit.device, check, commands.check_stop)
    for note in (devices.unused_card(spec.fit.device), *device.notes):
        if note:
            emit(Noted(level="warning", message=note))
    return device


def prepare(
    folder: RunFolder,
    spec: RunSpec,
    commands: CommandQueue,
    log: EventLog,
    heartbeat: Heartbeat,
    device: Device,
    resumed: bool,
) -> Evaluator:
    """Load the data and build the network, with their events. `device`: what computes."""
    replicas = together(device, spec)
    keras.utils.set_random_seed(spec.fit.seed)
    known = folder.data_info() if resumed else None
    if resumed and known is None and folder.facts_file.exists() and spec.dataset.path:
        words = (
            f"{folder.facts_file.name} is damaged: nothing tells whether {spec.dataset.label} is what it was"
        )
        log.emit(
            Noted(level="warning", message=f"{words} when this run began. If it isn't, its numbers differ.")
        )
    data = load(spec, progress_events(log.emit, heartbeat, commands), known)
    save_info(folder, data)
    for event in (data.event(), *data.notes):
        log.emit(event)
    known_layers = first_weights.read_adapted(folder) if resumed else None
    network = build_network(spec, data, known_layers, replicas)
    if not resumed and first_weights.starting_layers(spec):
        first_weights.keep_adapted(folder, network.stack, spec)
        log.emit(Noted(message=first_weights.first_weights_words(spec)))
    report_built(network, data, device, log.emit)
    log.model_built(network.model)
    evaluator = evaluator_of(folder, network, data, spec.fit.seed)
    share_batches(evaluator, replicas, spec.fit.batch_size)
    evaluator.pipeline.set_weights(compilation.sample_weights(spec.fit, data.arrays.y_train, data.training))
    return evaluator


def together(device: Device, spec: RunSpec) -> Replicas:
    """The devices that train. Raises WorkerError for what several can't."""
    for problem in several_device_problems(spec, len(device.names)):
        raise WorkerError(str(problem))
    return Replicas(device.names)


def share_batches(evaluator: Evaluator, replicas: Replicas, batch_size: int) -> None:
    """From now on each of several devices takes a share of every batch."""
    if replicas.count > 1:
        batches = (batch_size, evaluator.batch)
        ShareSteps(evaluator.model, evaluator.pipeline, replicas, batches).attach()


def report_built(network: Network, data: RunData, device: Device, emit: Emit) -> None:
    """Write the network as Keras built it, and a warning where it is not what was shown."""
    built = build.event(network.stack, data.loss, device.words, len(device.names) or 1)
    emit(built)
    if mismatch := build.shape_mismatch(data.summary, built):
        emit(Noted(message=mismatch, level="warning"))


def system_monitor(device: Device, evaluator: Evaluator) -> SystemMonitor:
    """Of the machine, the card that computes, and the time spent reading samples."""
    return SystemMonitor(devices.cores(), find_card(device.card), lambda: evaluator.pipeline.seconds_read)


class TolerantPrediction:
    """Predictions that can't be written are noted once, and don't end a training, unless its folder is gone."""

    def __init__(self, predict: Callable[[int], Event], check_folder: Callable[[], None]) -> None:
        self.predict, self.check_folder, self.noted = predict, check_folder, False

    def __call__(self, epoch: int) -> Event | None:
        try:
            return self.predict(epoch)
        except OSError as error:
            self.check_folder()
            if self.noted:
                return None
            self.noted = True
            why = f"The predictions cannot be written ({error.strerror or error}). The training goes on."
            return Noted(message=why, level="warning")


def restore_best(model: Model, checkpointer: AsyncCheckpointer, emit: Emit) -> int:
    """Give the network the weights of its best epoch, which comes back; 0 where there is none, or it can't be read."""
    try:
        best = checkpointer.best_checkpoint()
    except WorkerError as problem:
        emit(Noted(level="warning", message=f"{problem} The last weights are kept instead."))
        return 0
    if best is None:
        return 0
    training_state.restore_weights(best.state, model)
    return best.best.epoch


def build_network(
    spec: RunSpec,
    data: RunData,
    known: Mapping[str, first_weights.Adapted] | None = None,
    replicas: Replicas = ALONE,
) -> Network:
    """Built, with its first weights, adapted to the training part, and compiled, for these devices.

    `known`: what layers know that once started from a saved network, whose weights are still to come from a checkpoint;
    None: they start from it now. Raises WorkerError or SpecError.
    """
    compilation.set_precision(spec.fit)
    facts, x, training = data.info.facts, data.arrays.x_train, data.training
    with replicas.scope():
        stack = build.build(spec.model, facts.input_shape, words=facts.is_text)
        encoder = encoder_of(facts.columns, x, training) if facts.columns else None
    inputs = (lambda rows: encoder(x[rows])) if encoder else (lambda rows: x[rows])
    with seeds.unchanged(stack):
        if known is None:
            first_weights.start_layers(stack, spec)
        else:
            first_weights.restore_layers(stack, known)
        started = first_weights.starting_layers(spec)
        batch, budget = inference_batch(data.summary), streaming.memory_budget()
        build.adapt(stack, inputs, training, batch, budget, started)
    scaler = target_scaler(spec, facts.task, data.loss, data.arrays.y_train, training)
    with replicas.scope():
        return compiled(spec, data, stack, encoder, full_model(stack, encoder, facts, scaler), scaler)


def compiled(
    spec: RunSpec, data: RunData, stack: Model, encoder: Model | None, full: Model, scaler: TargetScaler
) -> Network:
    """Both models compiled, with one optimizer. The full one is never trained here; it may be, elsewhere."""
    batch, facts = spec.fit.batch_size, data.info.facts
    model = stack
    if facts.is_text:
        encoder, model = split_words(stack)
    steps = max(1, ceil(len(data.training) / batch))
    is_written_out = spec.fit.train_step == "written_out"
    together = 1 if is_written_out else steps_per_execution(data.summary, batch, steps)
    compilation.compile_model(model, spec.fit, data.loss, facts.task, together, steps)
    step = written_step.write_out(model) if is_written_out else None
    if full is not model and not facts.columns:  # of a table it holds the compiled one as a layer
        full.compile(
            optimizer=model.optimizer,
            loss=compilation.loss_function(spec.fit, data.loss),
            metrics=[compilation.metric(name, data.loss, facts.task) for name in spec.fit.metrics],
        )
    return Network(model, stack, full, encoder, data.loss, scaler, step)


def evaluator_of(folder: RunFolder, network: Network, data: RunData, seed: int) -> Evaluator:
    """The samples on the device, and the network attached to them."""
    arrays, loss, scaler = data.arrays, data.loss, network.scaler
    targets = (
        compilation.targets(scaler.scaled(arrays.y_train), loss, data.outputs),
        compilation.targets(scaler.scaled(arrays.y_test), loss, data.outputs),
    )
    make_pipeline = streaming.pipeline_class(arrays, data.info.facts)
    pipeline = make_pipeline(arrays, targets, data.training, data.validation, seed, network)
    pipeline.attach(network.model)
    scaler.unscale_logs(network.model)
    return Evaluator(folder, network, data.info, arrays, pipeline, inference_batch(data.summary))


def save(network: Network, file: Path) -> None:
    """Write the full model with its weights and optimizer, whole or not at all. Raises OSError."""
    with replacing(file) as temporary, learning_rate.as_compiled(network.model):
        network.full_model.save(temporary)


def ending(
    progress: TrainingProgress,
    steering: Sequence[Callback],
    spec: RunSpec,
    kept: int,
    stop_with_best: bool,
) -> RunEnded:
    """How the training ended, for the journal. `kept`: the epoch whose weights were restored, else 0."""
    early = callbacks.early_end(steering, spec, kept)
    outcome: Literal["finished", "stopped"] = "finished" if early or progress.finished else "stopped"
    if outcome == "finished":
        return RunEnded(outcome=outcome, message=early)
    message = (
        f"Stopped in epoch {progress.epoch} of {progress.epochs}, "
        f"after {progress.step} of {progress.steps} steps."
    )
    if stop_with_best and kept:
        message += f" The weights of epoch {kept} are kept."
    return RunEnded(outcome=outcome, message=message)
