"""One training from the spec to the saved network, in order. session.py holds the lock and writes the ending."""

from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any, Literal

import keras

from tuinn.atomic_io import replacing
from tuinn.errors import WorkerError
from tuinn.runs.events import Checkpointed, Event, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.spec.run import RunSpec
from tuinn.spec.training import target_scaling
from tuinn.worker import devices
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer, Checkpoint
from tuinn.worker.commands import CommandQueue
from tuinn.worker.data.batches import InputPipeline, held_batch, steps_per_execution
from tuinn.worker.data.run_data import RunData, load, load_for_questions, remember, telling
from tuinn.worker.data.streaming import StreamingPipeline, fits, room
from tuinn.worker.errors import first_line
from tuinn.worker.event_log import Say
from tuinn.worker.heartbeat import LONG, Heartbeat
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.model import build, compilation, learning_rate
from tuinn.worker.model.feature_encoder import encoder_of
from tuinn.worker.model.network import Network, joined, taken_apart, words_first
from tuinn.worker.model.target_scaler import TargetScaler, target_scaler
from tuinn.worker.system_monitor import SystemMonitor, find_card
from tuinn.worker.training import callbacks, fit_loop
from tuinn.worker.training.control import TrainingControl
from tuinn.worker.training.reporter import Reporter


def train(
    folder: RunFolder,
    spec: RunSpec,
    wishes: CommandQueue,
    say: Say,
    start: Checkpoint | None = None,
    epochs: int | None = None,
    watch: Callable[[Any], None] = lambda model: None,
    keep_best: int = 1,
) -> tuple[Evaluator, RunEnded]:
    """Train, measure and save. The ending comes back unsaid, with the network ready for questions.

    `start`: where to go on; None: from the beginning. `epochs`: how many, where it isn't what the spec says.
    `watch` is shown the network once it is built. `keep_best`: epochs that keep a checkpoint of their own.
    Raises WorkerError, SpecError, or whatever TensorFlow raises.
    """
    pulse = Heartbeat(folder.heartbeat_file)
    pulse.expect(LONG)
    device = devices.choose(spec.fit.device)
    keras.utils.set_random_seed(spec.fit.seed)

    material = load(spec, telling(say, pulse, wishes), folder.data_info() if start else None)
    remember(folder, material)
    say(material.event())
    for note in material.notes:
        say(note)

    made = network(spec, material)
    model = made.model
    built = build.event(made.stack, material.loss, device)
    say(built)
    if why := build.shape_mismatch(material.summary, built):
        say(Noted(message=why, level="warning"))
    watch(model)

    exam = examine(folder, made, material, spec.fit.seed)
    exam.samples.weigh(compilation.sample_weights(spec.fit, material.arrays.y_train, material.training))
    steering = callbacks.callbacks_of(spec)

    def keep_network(epoch: int) -> None:
        save(made, folder.model_file)
        say(Checkpointed(epoch=epoch, file=folder.model_file.name))

    keeper = AsyncCheckpointer(folder, keep_best)
    helm = TrainingControl(wishes, keeper, epochs or spec.fit.epochs, pulse, keep_network)
    reporter = Reporter(
        say,
        helm,
        exam.answer,
        Forgiving(exam.predict, pulse.check_folder),
        len(material.training),
        spec.fit.batch_size,
        beat=pulse.beat,
        measure=SystemMonitor(
            devices.cores(),
            find_card(devices.card_number(spec.fit.device)),
            lambda: exam.samples.seconds_read,
        ).read,
    )
    try:
        fit_loop.fit(exam, spec.fit.batch_size, spec.fit.shuffle, reporter, helm, steering, start)
    finally:
        keeper.close()
        helm.tell_written(reporter)
    pulse.expect(LONG)

    best = wishes.best or callbacks.wants_best(steering, spec)
    kept = restore_best(model, keeper) if best else callbacks.restored_epoch(steering)
    if kept or not reporter.whole:
        reporter.tell_predictions(kept or reporter.epoch)
    say(exam.evaluate())
    keep_network(kept or reporter.epoch)
    return exam, ending(
        reporter, helm.epochs, callbacks.early_end(steering, spec, kept), kept if wishes.best else 0
    )


class Forgiving:
    """Predictions that can't be written are told once, and don't end a training, unless its folder is gone."""

    def __init__(self, predict: Callable[[int], Event], check_folder: Callable[[], None]) -> None:
        self.predict, self.check_folder, self.told = predict, check_folder, False

    def __call__(self, epoch: int) -> Event | None:
        try:
            return self.predict(epoch)
        except OSError as error:
            self.check_folder()
            if self.told:
                return None
            self.told = True
            why = f"The predictions cannot be written ({error.strerror or error}). The training goes on."
            return Noted(message=why, level="warning")


def restore_best(model: Any, keeper: AsyncCheckpointer) -> int:
    """Give the network the weights of its best epoch, which comes back; 0 where there is none, or it was the last."""
    best = keeper.best_checkpoint()
    if best is None:
        return 0
    training_state.restore_weights(best.state, model)
    return best.best.epoch


def network(spec: RunSpec, material: RunData) -> Network:
    """Built, adapted to the training part, and compiled."""
    compilation.set_precision(spec.fit)
    facts, x, training = material.entry.facts, material.arrays.x_train, material.training
    stack = build.build(spec.model, facts.input_shape, words=facts.is_text)
    encoder = encoder_of(facts.columns, x, training) if facts.columns else None
    take = (lambda places: encoder(x[places])) if encoder else (lambda places: x[places])
    build.adapt(stack, take, training, held_batch(material.summary), room())
    unit = target_scaler(spec, facts.task, material.loss, material.arrays.y_train, training)
    return put_together(spec, material, stack, encoder, joined(stack, encoder, facts, unit), unit)


def put_together(
    spec: RunSpec, material: RunData, stack: Any, encoder: Any, whole: Any, unit: TargetScaler
) -> Network:
    """Both models compiled, with one optimizer. The whole one is never trained here; it may be, elsewhere."""
    batch, facts = spec.fit.batch_size, material.entry.facts
    model = stack
    if facts.is_text:
        encoder, model = words_first(stack)
    steps = max(1, ceil(len(material.training) / batch))
    together = steps_per_execution(material.summary, batch, steps)
    compilation.ready(model, spec.fit, material.loss, facts.task, together, steps)
    if whole is not model and not facts.columns:  # of a table it holds the compiled one as a layer
        whole.compile(
            optimizer=model.optimizer,
            loss=compilation.loss_function(spec.fit, material.loss),
            metrics=[compilation.metric(name, material.loss, facts.task) for name in spec.fit.metrics],
        )
    return Network(model, stack, whole, encoder, material.loss, unit)


def examine(folder: RunFolder, network: Network, material: RunData, seed: int) -> Evaluator:
    """The samples on the device, and the network fed from them."""
    arrays, loss, unit = material.arrays, material.loss, network.unit
    answers = (
        compilation.targets(unit.trained(arrays.y_train), loss, material.outputs),
        compilation.targets(unit.trained(arrays.y_test), loss, material.outputs),
    )
    kind = InputPipeline if fits(arrays, material.entry.facts, room()) else StreamingPipeline
    samples = kind(arrays, answers, material.training, material.validation, seed, network)
    samples.feed(network.model)
    unit.tell_own(network.model)
    return Evaluator(folder, network, material.entry, arrays, samples, held_batch(material.summary))


def save(network: Network, file: Path) -> None:
    """The whole network with its weights and optimizer appears under `file` whole or not at all. Raises OSError."""
    with replacing(file) as temporary, learning_rate.as_compiled(network.model):
        network.whole.save(temporary)


def ending(reporter: Reporter, epochs: int, early: str = "", kept: int = 0) -> RunEnded:
    """How the training ended, for the journal. `early` says why it was enough before all epochs were done;
    `kept` is the best epoch where its weights were asked for, else 0."""
    outcome: Literal["finished", "stopped"] = "finished" if early or reporter.finished(epochs) else "stopped"
    if outcome == "finished":
        return RunEnded(outcome=outcome, message=early)
    message = (
        f"Stopped in epoch {reporter.epoch} of {epochs}, after {reporter.step} of {reporter.steps} steps."
    )
    return RunEnded(
        outcome=outcome, message=message + (f" The weights of epoch {kept} are kept." if kept else "")
    )


def load_again(folder: RunFolder, spec: RunSpec) -> Evaluator:
    """The network of a run that ended, ready for questions. Raises WorkerError where it was never saved."""
    devices.choose(spec.fit.device)
    if not folder.model_file.is_file():
        raise WorkerError(
            f"{folder.name} has no {folder.model_file.name}: it ended before it was saved. Run it again."
        )
    material = load_for_questions(spec, folder.data_info())
    build.allow_depth(len(spec.model.layers))
    try:
        whole = keras.saving.load_model(folder.model_file, safe_mode=True)
    except Exception as error:  # zip, HDF5, JSON and Keras each have their own names for "damaged"
        raise WorkerError(
            f"{folder.model_file} cannot be loaded ({first_line(error)}). Run it again."
        ) from error
    try:
        stack, encoder, scale, offset = taken_apart(whole, material.entry.facts)
    except ValueError as error:
        raise WorkerError(
            f"{folder.model_file} is of another network than {folder.spec_file.name}. Run it again."
        ) from error
    unit = TargetScaler(scale, offset, target_scaling.powers(material.loss, spec.fit.metrics))
    return examine(folder, put_together(spec, material, stack, encoder, whole, unit), material, spec.fit.seed)
