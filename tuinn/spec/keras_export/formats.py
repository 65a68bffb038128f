"""The files as which a trained network leaves tuinn, and what each of them can't hold: said before it is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.types.recurrent_attention import RECURRENT
from tuinn.text import join_names

Format = Literal["keras", "weights", "saved-model", "litert", "litert-int8", "litert-full-int8", "onnx"]
"""As `tuinn export --to` has them."""


@dataclass(frozen=True)
class FileFormat:
    """A row of the table: one format."""

    name: Format
    title: str
    ending: str
    """Of its file or folder, after the name that the user gives."""
    help: str
    modules: tuple[str, ...] = ()
    """What is to be installed beside tuinn to write it and to run it."""
    extra: str = ""
    """The extra of tuinn that installs those; or what opens the file with its own runtime."""

    @property
    def is_litert(self) -> bool:
        return self.name.startswith("litert")

    @property
    def takes_numbers_only(self) -> bool:
        """Words are to be looked up before: only TensorFlow has what does it."""
        return self.is_litert or self.name == "onnx"

    @property
    def is_quantized(self) -> bool:
        """Its weights are rounded to 8 bits."""
        return "int8" in self.name


FILE_FORMATS: tuple[FileFormat, ...] = (
    FileFormat("keras", "Keras", ".keras", "the whole network, for Keras 3 and for tuinn"),
    FileFormat("weights", "Keras weights", ".weights.h5", "the numbers alone, for load_weights"),
    FileFormat("saved-model", "SavedModel", "-saved-model", "a folder for TensorFlow Serving"),
    FileFormat(
        "litert",
        "LiteRT",
        ".tflite",
        "for phones and small computers, float32",
        extra="litert",
    ),
    FileFormat(
        "litert-int8",
        "LiteRT int8",
        "-int8.tflite",
        "weights in 8 bits: a quarter of the size",
        extra="litert",
    ),
    FileFormat(
        "litert-full-int8",
        "LiteRT full int8",
        "-full-int8.tflite",
        "all in 8 bits, also what it takes and gives",
        extra="litert",
    ),
    FileFormat(
        "onnx",
        "ONNX",
        ".onnx",
        "for ONNX Runtime and other programs",
        modules=("tf2onnx", "onnxruntime"),
        extra="onnx",
    ),
)


def file_format(name: str) -> FileFormat:
    """The row of this name. Raises KeyError."""
    return {row.name: row for row in FILE_FORMATS}[name]  # type: ignore[index]


def limits(row: FileFormat, model: ModelSpec, facts: DataFacts | None) -> Iterator[str]:
    """What this network can't do in this format, or not as in Keras: a sentence each, to be said before it is written."""
    if not row.takes_numbers_only:
        return
    if facts is not None and facts.is_text:
        yield (
            f"{row.title} has no TextVectorization: the exported network takes the numbers of words. "
            "The words are written beside it, in the order of their numbers."
        )
    elif facts is not None and any(column.kind == "category" for column in facts.columns):
        yield (
            f"{row.title} looks up no words: the exported network takes a row of numbers, in which a word is "
            "its number. Columns and words are written beside it."
        )
    recurrent = _recurrent(model)
    if recurrent and row.is_litert:
        yield (
            f"{join_names(recurrent)} would need TensorFlow's own operations (Flex) for batches of any size, which "
            "LiteRT's runtime lacks. It is exported for one sample at a time, and needs none."
        )
    if recurrent and row.name == "onnx":
        yield f"{join_names(recurrent)} is traced on the processor: on a GPU it would hold operations of CUDA."


def refusal(row: FileFormat, model: ModelSpec, facts: DataFacts | None) -> str:
    """Why this network can't be written in this format at all, and what to write instead; empty where it can."""
    if row.name == "weights" and facts is not None and facts.is_text:
        return "Weights alone hold none of the words that TextVectorization knows. Export keras, which does."
    if row.name != "litert-full-int8":
        return ""
    if recurrent := _recurrent(model):
        return f"{row.title} can't round {join_names(recurrent)}. Export litert-int8, which rounds the weights alone."
    if facts is not None and (facts.is_text or facts.words):
        return (
            f"{row.title} can't hold the numbers of words, as 8 bits count to 255. Export litert-int8, which rounds the "
            "weights alone."
        )
    if facts is not None and facts.columns:
        return (
            f"{row.title} has one scale for all columns and no sign for a gap. Export litert-int8, which rounds the "
            "weights alone."
        )
    return ""


def takes_one_at_a_time(row: FileFormat, model: ModelSpec) -> bool:
    """Whether the exported network takes a batch of one sample, and no other."""
    return row.is_litert and bool(_recurrent(model))


def _recurrent(model: ModelSpec) -> list[str]:
    """The recurrent layer types in it, each once."""
    names = {layer_type.name for layer_type in RECURRENT}

    def type_names(layer: LayerSpec) -> Iterator[str]:
        inner = layer.inner
        if inner is not None:
            yield from type_names(inner)
        elif layer.type_name in names:
            yield layer.type_name

    return list(
        dict.fromkeys(name for layer in model.layers if not layer.disabled for name in type_names(layer))
    )
