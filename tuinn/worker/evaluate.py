"""How good the network is on samples that it never trained on."""

from typing import Any

from tuinn.runs.events import Evaluated, finite


def evaluate(model: Any, test: Any, samples: int, request: str = "") -> Evaluated:
    """Loss and metrics over `test`, a dataset of `samples` samples. Resets the model's running means."""
    logs = model.evaluate(test, verbose=0, return_dict=True)
    return Evaluated(metrics=finite(logs), samples=samples, request=request)
