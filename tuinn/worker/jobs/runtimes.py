"""Open an exported network with its format's own runtime, as a function from a batch to outputs."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.spec.keras_export.formats import FileFormat
from tuinn.worker.jobs.network_file import Inputs
from tuinn.worker.keras_types import Array, Model

Run = Callable[[Inputs], NDArray[np.float32]]
"""A batch → (n, outputs), float32 whatever the format computes in."""


@dataclass(frozen=True)
class Runtime:
    """What opened the file."""

    name: str
    """With its version."""
    run: Run
    inputs: tuple[str, ...] = ()
    """What it takes, a few words for each input."""
    outputs: tuple[str, ...] = ()


def open_exported(row: FileFormat, file: Path, original: Model) -> Runtime:
    """Raises whatever the runtime raises for a file that it can't run."""
    if row.is_litert:
        return _litert(file)
    if row.name == "onnx":
        return _onnx(file)
    if row.name == "saved-model":
        saved = tf.saved_model.load(str(file))  # kept: its functions don't keep their variables
        return _keras_like(f"TensorFlow {tf.__version__}", lambda inputs: saved.serve(inputs), original)
    if row.name == "weights":
        model: Model = original.__class__.from_config(original.get_config())  # type: ignore[attr-defined]
        model.load_weights(file)  # type: ignore[attr-defined]
    else:
        model = keras.saving.load_model(file, safe_mode=True)
    return in_keras(model)


def in_keras(model: Model) -> Runtime:
    """The network in Keras, compiled to a graph."""
    graph = tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)
    return _keras_like(f"Keras {keras.__version__}", graph, model)


def _keras_like(name: str, call: Callable[[object], object], model: Model) -> Runtime:
    def run(inputs: Inputs) -> NDArray[np.float32]:
        return np.asarray(call(_tensors(inputs)), dtype=np.float32)

    described = tuple(f"{one.name} {one.dtype} {_shape(one.shape)}" for one in model.inputs)  # type: ignore[attr-defined]
    return Runtime(name, run, described, (f"{model.output.dtype} {_shape(model.output.shape)}",))


def _tensors(inputs: Inputs) -> object:
    if isinstance(inputs, Mapping):
        return {name: tf.constant(values) for name, values in inputs.items()}
    return tf.constant(inputs)


def _shape(shape: object) -> str:
    sizes = ["batch" if size in (None, -1) else str(size) for size in list(shape)]  # type: ignore[call-overload]
    return f"({', '.join(sizes)})"


class Interpreter(Protocol):
    """What is used of LiteRT's interpreter."""

    def get_input_details(self) -> list[dict[str, object]]: ...

    def get_output_details(self) -> list[dict[str, object]]: ...

    def resize_tensor_input(self, index: int, shape: tuple[int, ...], strict: bool) -> None: ...

    def allocate_tensors(self) -> None: ...

    def set_tensor(self, index: int, values: Array) -> None: ...

    def invoke(self) -> None: ...

    def get_tensor(self, index: int) -> Array: ...


@dataclass(frozen=True)
class LiteRTTensor:
    """An input or output of a LiteRT network. Whole numbers of 8 bits stand for scale × (number - zero)."""

    index: int
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    """-1: of any size."""
    scale: float
    zero: int

    @classmethod
    def of(cls, told: Mapping[str, object]) -> "LiteRTTensor":
        """From what the interpreter says of it."""
        scale, zero = np.asarray(told["quantization"], np.float64)
        shape = tuple(np.asarray(told["shape_signature"], np.int64).tolist())
        index = int(np.asarray(told["index"], np.int64))
        return cls(index, np.dtype(told["dtype"]), shape, float(scale), int(zero))  # type: ignore[call-overload]

    @property
    def is_rounded(self) -> bool:
        return self.dtype == np.int8 and self.scale > 0

    @property
    def words(self) -> str:
        words = f"{self.dtype.name} {_shape(self.shape)}"
        if not self.is_rounded:
            return words
        sign = "−" if self.zero > 0 else "+"
        return f"{words}, value = {self.scale:.6g} × (number {sign} {abs(self.zero)})"

    def rounded(self, values: Array) -> Array:
        """The values as the network takes them."""
        if not self.is_rounded:
            return values.astype(self.dtype)
        whole = np.rint(values.astype(np.float64) / self.scale) + self.zero
        rounded: NDArray[np.int8] = np.clip(whole, -128, 127).astype(np.int8)
        return rounded

    def restored(self, values: Array) -> NDArray[np.float32]:
        """The values that the network means."""
        if not self.is_rounded:
            return values.astype(np.float32)
        return (values.astype(np.float32) - np.float32(self.zero)) * np.float32(self.scale)


def _litert(file: Path) -> Runtime:
    if importlib.util.find_spec("ai_edge_litert"):
        module, name = importlib.import_module("ai_edge_litert.interpreter"), "ai-edge-litert"
    else:
        module, name = tf.lite, "tensorflow"
    interpreter: Interpreter = module.Interpreter(str(file))
    (told_input,), (told_output,) = interpreter.get_input_details(), interpreter.get_output_details()
    taken, given = LiteRTTensor.of(told_input), LiteRTTensor.of(told_output)
    is_flexible, size = taken.shape[0] == -1, 0

    def batch(values: Array) -> NDArray[np.float32]:
        nonlocal size
        if len(values) != size:
            size = len(values)
            if is_flexible:
                interpreter.resize_tensor_input(taken.index, values.shape, strict=True)
            interpreter.allocate_tensors()
        interpreter.set_tensor(taken.index, taken.rounded(values))
        interpreter.invoke()
        return given.restored(interpreter.get_tensor(given.index))

    def run(inputs: Inputs) -> NDArray[np.float32]:
        assert isinstance(inputs, np.ndarray)
        if is_flexible:
            return batch(inputs)
        return np.concatenate([batch(inputs[at : at + 1]) for at in range(len(inputs))])

    return Runtime(f"{name} {version(name)}", run, (taken.words,), (given.words,))


def _onnx(file: Path) -> Runtime:
    onnxruntime = importlib.import_module("onnxruntime")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    taken, given = session.get_inputs(), session.get_outputs()

    def run(inputs: Inputs) -> NDArray[np.float32]:
        assert isinstance(inputs, np.ndarray)
        feed = {taken[0].name: inputs}
        return np.asarray(session.run(None, feed)[0], dtype=np.float32)

    def words(one: object) -> str:
        sizes = [size if isinstance(size, int) else None for size in one.shape]  # type: ignore[attr-defined]
        return f"{one.name} {one.type.partition('(')[2].rstrip(')')} {_shape(sizes)}"  # type: ignore[attr-defined]

    return Runtime(
        f"onnxruntime {onnxruntime.__version__}",
        run,
        tuple(words(one) for one in taken),
        tuple(words(one) for one in given),
    )
