"""InputPipeline per second: tuinn's way of feeding Keras against plain `model.fit(x, y)`, side by side.

    python benchmarks/throughput.py [--preset fashion-lab] [--pairs 7] [--samples 30000] [--steps N]

Both train the same network, with the same batch size and no callbacks, on the dataset's own samples repeated
to `--samples`. A pair is one timed epoch of each, in alternating order; the ratio is taken within a pair, so
what else the machine does hits both alike. The first epoch of each, which traces, is not counted.
"""

import argparse
import os
import statistics
import time

from tuinn.data import loader
from tuinn.worker.keras_types import Model

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from tuinn.data.catalog import catalog
from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.data.batches import InputPipeline, steps_per_execution
from tuinn.worker.model import build, compilation


def main() -> None:
    told = arguments()
    spec = PRESETS[told.preset]()
    facts = catalog.find(spec.dataset.name).facts
    arrays = loader.load(spec.dataset)
    x = np.resize(arrays.x_train, (told.samples, *facts.shape))
    summary = summarize(spec.model, facts.shape)
    assert summary.output is not None
    loss = compilation.loss_of(spec, facts, summary.output[-1])
    y = compilation.targets(np.resize(arrays.y_train, told.samples), loss, summary.output[-1])
    batch = spec.fit.batch_size
    together = told.steps or steps_per_execution(summary, batch, -(-told.samples // batch))

    def network() -> Model:
        keras.utils.set_random_seed(1)
        return build.build(spec.model, facts.shape)

    plain, ours = network(), network()
    compilation.compile_model(ours, spec.fit, loss, facts.task, together)
    plain.compile(
        optimizer=compilation.optimizer(spec.fit, 1),
        loss=compilation.loss_function(spec.fit, loss),
        metrics=[compilation.metric(name, loss, facts.task) for name in spec.fit.metrics],
    )
    blank = Arrays(x, y, x[:0], y[:0])
    samples = InputPipeline(blank, (y, y[:0]), np.arange(len(x)), np.arange(0), seed=1)
    samples.attach(ours)
    spans = samples.spans("training", batch)

    def epoch_of_plain() -> None:
        plain.fit(x, y=y, batch_size=batch, verbose=0)

    def epoch_of_ours() -> None:
        samples.shuffle(0)
        ours.fit(spans, shuffle=False, verbose=0)

    ways = {"plain fit(x, y)": epoch_of_plain, "tuinn": epoch_of_ours}
    for way in ways.values():
        way()
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for pair in range(told.pairs):
        for name in list(ways) if pair % 2 else reversed(list(ways)):
            began = time.perf_counter()
            ways[name]()
            rates[name].append(told.samples / (time.perf_counter() - began))
    for name, found in rates.items():
        print(f"{name:16} {statistics.median(found):9,.0f} samples/s   {min(found):,.0f} … {max(found):,.0f}")
    ratios = sorted(mine / other for other, mine in zip(*rates.values(), strict=True))
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} … {ratios[-1]:.2f}), {told.pairs} pairs")
    seconds = batch / statistics.median(rates["tuinn"])
    print(
        f"{told.preset}: {1e3 * seconds:.2f} ms a step, {3 * summary.macs * batch / 1e6:.0f} M multiply-adds, {together} steps per execution: {1e3 * seconds * together:.0f} ms"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="fashion-lab", choices=PRESETS)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--samples", type=int, default=30_000)
    parser.add_argument("--steps", type=int, default=0, help="steps per execution; 0: as the worker chooses")
    return parser.parse_args()


if __name__ == "__main__":
    main()
