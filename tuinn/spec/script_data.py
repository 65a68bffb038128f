"""Where an exported script has its samples from: the file of a bundled dataset, keras.datasets, or prepared arrays."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinn.spec.script import Plan

LOADED = "(x_train, y_train), (x_test, y_test) = keras.datasets"

FROM_KERAS = {
    "mnist": "mnist.load_data()",
    "fashion_mnist": "fashion_mnist.load_data()",
    "cifar10": "cifar10.load_data()",
    "cifar100": "cifar100.load_data()",
    "california_housing": "california_housing.load_data()",
    "imdb": "imdb.load_data(num_words={words})",
    "reuters": "reuters.load_data(num_words={words})",
}
"""Dataset → the call that gives the samples which tuinn trains on."""


def samples(plan: "Plan") -> Iterator[str]:
    """The lines that give `x_train`, `y_train`, `x_test`, `y_test`."""
    name, facts = plan.spec.dataset.name, plan.facts
    if name in FROM_KERAS:
        yield f"{LOADED}.{FROM_KERAS[name].format(words=facts.words)}"
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
        yield from _texts() if facts.is_text else ()
        for part in ("x_train", "y_train", "x_test", "y_test"):
            if facts.is_text and part[0] == "x":
                yield f'{part} = texts("{part}")'
            else:
                yield f'{part} = np.load(f"{{FOLDER}}/{part}.npy", mmap_mode="r")'


def _texts() -> Iterator[str]:
    yield from ("", "", "def texts(part):")
    yield '    """The texts of a part, (n,), as bytes in UTF-8: they lie one after the other, with their ends beside them."""'
    yield '    blob, ends = np.load(f"{FOLDER}/{part}.utf8.npy"), np.load(f"{FOLDER}/{part}.ends.npy")'
    yield "    found = np.empty(len(ends), object)"
    yield "    found[:] = [bytes(text) for text in np.split(blob, ends[:-1])]"
    yield from ("    return found", "", "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
