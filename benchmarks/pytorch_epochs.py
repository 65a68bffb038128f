"""The Fashion lab net in PyTorch, for `python -m benchmarks`: answers as the processes of tuinn.runs.benchmark do.

A Python with torch and numpy runs it: `PYTHON pytorch_epochs.py loader|tight`. It imports nothing of tuinn.

loader: as the tutorials do it, with a DataLoader over a TensorDataset and the loss and accuracy of each step.
tight: samples gathered in memory, Adam in one kernel, the sums of loss and accuracy kept as tensors.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = Path(__file__).parents[1] / "tuinn" / "data" / "bundled" / "fashion_mnist_mini.npz"
BATCH = 128


def network() -> nn.Module:
    """784-154-64-10."""
    first, second, last = nn.Linear(784, 154), nn.Linear(154, 64), nn.Linear(64, 10)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.Dropout(0.2), last)


def samples(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(count, 784) from 0 to 1, and labels."""
    with np.load(DATA) as file:
        x, y = np.resize(file["x_train"], (count, 784)), np.resize(file["y_train"], count)
    return torch.from_numpy(x.astype("float32") / 255), torch.from_numpy(y.astype("int64"))


def with_loader(x: torch.Tensor, y: torch.Tensor) -> Callable[[], object]:
    """An epoch as the tutorials have it."""
    model, loss_of = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)

    def epoch() -> tuple[float, int]:
        total, right = 0.0, 0
        model.train()
        for inputs, labels in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = loss_of(outputs, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            right += int((outputs.argmax(1) == labels).sum())
        return total, right

    return epoch


def tight(x: torch.Tensor, y: torch.Tensor) -> Callable[[], object]:
    """An epoch with as little around the arithmetic as PyTorch allows."""
    model, loss_of = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def epoch() -> tuple[float, int]:
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        model.train()
        for chosen in torch.randperm(len(x)).split(BATCH):
            labels = y[chosen]
            outputs = model(x[chosen])
            loss = loss_of(outputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += loss * len(labels)
                right += (outputs.argmax(1) == labels).sum()
        return float(total), int(right)

    return epoch


def use_fastest_threads(epoch: Callable[[], object]) -> int:
    """As many threads as this epoch is fastest with, which comes back: on shared cores two may be slower than one."""
    found = {}
    for threads in range(1, torch.get_num_threads() + 1):
        torch.set_num_threads(threads)
        epoch()
        found[threads] = seconds(epoch)
    best = min(found, key=lambda threads: found[threads])
    torch.set_num_threads(best)
    return best


def seconds(epoch: Callable[[], object]) -> float:
    """That an epoch takes."""
    began = time.perf_counter()
    epoch()
    return time.perf_counter() - began


def main() -> None:
    way = {"loader": with_loader, "tight": tight}[sys.argv[1]]
    epoch: Callable[[], object] = object
    answer: dict[str, object]
    for line in sys.stdin:
        question = json.loads(line)
        if question["ask"] == "OpenNetwork":
            count = question["samples"]
            torch.manual_seed(1)
            epoch = way(*samples(count))
            threads = use_fastest_threads(way(*samples(20 * BATCH)))
            told = {"samples": count, "steps": -(-count // BATCH), "versions": f"PyTorch {torch.__version__}"}
            answer = {"kind": "NetworkReady", "device": f"CPU · threads: {threads}", **told}
        elif question["ask"] == "TrainEpochs":
            value = sum(seconds(epoch) for _ in range(question["epochs"]))
            answer = {"kind": "Measured", "value": value}
        else:
            answer = {"kind": "Failed", "message": f"{question['ask']} is not for PyTorch."}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
