"""A learning rate that falls by steps of the optimizer, as Keras counts, in the epochs that a spec counts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Decay:
    """A learning rate that falls by steps of the optimizer, as Keras counts; a spec counts epochs."""

    keras: str
    """`ExponentialDecay` or `CosineDecay`."""
    numbers: Mapping[str, float]

    def text(self) -> str:
        """In a word and its numbers."""
        numbers = ", ".join(f"{name} {number:g}" for name, number in self.numbers.items())
        return f"{self.keras} with {numbers}"

    def settings(self, steps_per_epoch: int) -> dict[str, int | float | str]:
        """As fit settings, for so many steps an epoch."""
        number = self.numbers
        steps = max(1, steps_per_epoch)
        if self.keras == "ExponentialDecay":
            epochs = number["decay_steps"] / steps
            if number.get("staircase"):
                return {
                    "schedule": "step",
                    "step_epochs": max(1, round(epochs)),
                    "decay_rate": number["decay_rate"],
                }
            return {"schedule": "exponential", "decay_rate": number["decay_rate"] ** (1 / epochs)}
        alpha = number.get("alpha", 0.0)
        if not number.get("warmup_steps"):
            return {"schedule": "cosine", "alpha": alpha}
        rise, total = number["warmup_steps"], number["warmup_steps"] + number["decay_steps"]
        if number["initial_learning_rate"]:
            return {"schedule": "one_cycle", "peak_at": rise / total, "alpha": alpha}
        return {"schedule": "cosine_warmup", "warmup_epochs": max(1, round(rise / steps)), "alpha": alpha}
