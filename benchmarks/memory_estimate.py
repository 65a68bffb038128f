"""The estimate of memory in training against what a real run takes on this machine's CPU.

    python -m benchmarks.memory_estimate [--steps 6]

Each network is trained for a few steps in a process of its own, on made-up samples, by Keras alone. "Measured" is how much
the process's peak of resident memory grew from before the network was built, less the samples; two batch sizes give
what one more sample costs, free of what TensorFlow's kernels and thread pools take once. The estimate leaves out what
kernels borrow, so it should be a little below.
"""

import argparse
import json
import subprocess
import sys

from tuinn.spec.cost import estimate_memory
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_cnn
from tuinn.spec.presets.images import residual_cnn
from tuinn.spec.presets.tables_and_texts import text_lstm
from tuinn.spec.run import stack

SHAPE = (64, 64, 3)

CHILD = """
import json, os, resource, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.worker import build
raw, shape, batch, steps = json.loads(sys.stdin.read())
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
x = np.random.default_rng(0).integers(0, 255, (batch * steps, *shape), dtype=np.uint8)
tiny = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
tiny.compile("adam", "mse"); tiny.fit(np.zeros((8, 4)), np.zeros(8), verbose=0)
before = peak()
model = build.build(ModelSpec.of_raw(raw), tuple(shape))
model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
y = np.zeros(len(x), np.int64)
model.fit(x, y, batch_size=batch, epochs=1, verbose=0, shuffle=False)
print("grew", peak() - before)
"""


def measured(model: ModelSpec, shape: tuple[int, ...], batch: int, steps: int) -> int:
    """Bytes by which the peak of resident memory grew in training."""
    told = json.dumps([model.raw(), shape, batch, steps])
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=told, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


NETWORKS = {
    "wide MLP, 51 M parameters": (
        stack(
            LayerSpec.of("Rescaling", scale=1 / 255),
            LayerSpec.of("Flatten"),
            LayerSpec.of("Dense", units=4096, activation="relu"),
            LayerSpec.of("Dense", units=10, activation="softmax"),
        ),
        (16, 64),
    ),
    "small CNN, 64 × 64 × 3": (fashion_cnn(SHAPE).model, (128, 512)),
    "residual CNN, 64 × 64 × 3": (residual_cnn(SHAPE).model, (128, 512)),
}


NETWORKS["LSTM, 200 words"] = (text_lstm().model, (64, 256))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3)
    steps = parser.parse_args().steps
    for name, (model, batches) in NETWORKS.items():
        shape = (200,) if "LSTM" in name else SHAPE
        found = summarize(model, shape)
        said = [estimate_memory(found, FitSpec(batch_size=batch)) for batch in batches]
        took = [measured(model, shape, batch, steps) for batch in batches]
        more = batches[1] - batches[0]
        whole = ", ".join(
            f"batch {batch}: {told.total / 1e6:,.0f} MB said, {real / 1e6:,.0f} MB measured"
            for batch, told, real in zip(batches, said, took, strict=True)
        )
        slope = (said[1].total - said[0].total) / more, (took[1] - took[0]) / more
        print(
            f"{name}: {whole}; a sample {slope[0] / 1e3:,.0f} kB said, {slope[1] / 1e3:,.0f} kB measured, "
            f"{slope[1] / slope[0]:.2f} ×"
        )


if __name__ == "__main__":
    main()
