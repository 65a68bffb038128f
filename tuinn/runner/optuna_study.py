"""The edge to Optuna: which values to try next, whether a trial is worth going on with, and which field mattered.

Every suggestion is drawn by a sampler of its own, whose seed follows from the sweep's and the trial's number. So a
sweep that was killed and resumed tries the same values as one straight through, given the same results.
"""

import random
import warnings
from collections.abc import Collection

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial, TrialState

from tuinn.sweeps.ranges import Between, Range, Setting
from tuinn.sweeps.spec import MOST_POINTS, SweepSpec, Values

ATTEMPTS = 20
"""Draws for a trial before one of the values that are left is taken."""

ENOUGH = 4
"""Trials that must have ended well before importance is estimated, or a trial given up."""

METHOD = "fANOVA"


class OptunaStudy:
    """A study in memory. Trials are known by their numbers, counted from 1."""

    def __init__(self, sweep: SweepSpec) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        self.sweep = sweep
        self.distributions = {one.path: _distribution(one) for one in sweep.ranges}
        self.study = optuna.create_study(
            direction="maximize" if sweep.rises else "minimize", pruner=_pruner(sweep)
        )
        self.trials: dict[int, Trial] = {}
        self.reported: dict[int, set[int]] = {}
        """Epochs that Optuna knows of, by trial: it takes each only once."""

    def suggest(self, number: int, tried: Collection[Values]) -> Values | None:
        """Return values for this trial that were not tried yet; None where all were."""
        if self.sweep.sampler == "grid":
            return self.sweep.grid_point(number)
        for attempt in range(ATTEMPTS):
            values = self._draw(number, attempt)
            if values not in tried:
                return values
        points = self.sweep.points
        if points is None or points > MOST_POINTS:
            return values
        left = [point for at in range(points) if (point := self.sweep.grid_point(at + 1)) not in tried]
        return random.Random(self._seed(number, ATTEMPTS)).choice(left) if left else None

    def _draw(self, number: int, attempt: int) -> Values:
        sampler = self._sampler(self._seed(number, attempt))
        blank = optuna.trial.create_trial(state=TrialState.RUNNING)
        return {
            one.path: _settled(
                one, sampler.sample_independent(self.study, blank, one.path, self.distributions[one.path])
            )
            for one in self.sweep.ranges
        }

    def _seed(self, number: int, attempt: int) -> int:
        return (self.sweep.seed * 1_000_003 + number * 1009 + attempt) % 2**32

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        if self.sweep.sampler == "random":
            return optuna.samplers.RandomSampler(seed=seed)
        startup = max(ENOUGH, min(10, self.sweep.trials // 3))
        return optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=startup, multivariate=False, constant_liar=self.sweep.parallel > 1
        )

    def begin(self, number: int, values: Values) -> None:
        """This trial has begun."""
        self.study.enqueue_trial(values)
        self.trials[number] = self.study.ask(self.distributions)
        self.reported[number] = set()

    def report(self, number: int, epoch: int, value: float) -> bool:
        """The metric after this epoch. True when the trial isn't worth going on with.

        To be called in the order of the epochs, also for trials of which it is known how they ended: the pruner keeps
        who got how far.
        """
        if epoch in self.reported[number]:
            return False
        self.reported[number].add(epoch)
        self.trials[number].report(value, epoch)
        return self.sweep.pruner != "none" and self.trials[number].should_prune()

    def end(self, number: int, value: float | None, outcome: str) -> None:
        """`value` is the best one; `outcome` as in TrialEnded."""
        if outcome == "finished" and value is not None:
            self.study.tell(self.trials[number], value)
        else:
            gave_up = outcome in ("pruned", "stopped")
            self.study.tell(self.trials[number], state=TrialState.PRUNED if gave_up else TrialState.FAIL)

    def estimate_importance(self) -> tuple[dict[str, float], int]:
        """How much each field mattered, by its path, and over how many trials; empty where it can't be said."""
        ended = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if len(ended) < ENOUGH or len(self.sweep.ranges) < 2:
            return {}, len(ended)
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=self.sweep.seed)
        try:
            shares = optuna.importance.get_param_importances(self.study, evaluator=evaluator)
        except (ValueError, RuntimeError):
            return {}, len(ended)  # all values alike: nothing mattered
        return {path: float(share) for path, share in shares.items()}, len(ended)


def _distribution(one: Range) -> BaseDistribution:
    if not isinstance(one, Between):
        return CategoricalDistribution(one.values)
    if one.whole:
        step = int(one.step or 1)
        last = int(one.point((one.countable or 1) - 1)) if not one.log else int(one.high)
        return IntDistribution(int(one.low), last, log=one.log, step=step)
    if one.step is None:
        return FloatDistribution(one.low, one.high, log=one.log)
    return FloatDistribution(one.low, float(one.point((one.countable or 1) - 1)), step=one.step)


def _settled(one: Range, value: object) -> Setting:
    if isinstance(one, Between) and isinstance(value, int | float):
        return one.rounded(value)
    assert isinstance(value, bool | int | float | str)
    return value


def _pruner(sweep: SweepSpec) -> optuna.pruners.BasePruner:
    epochs = sweep.base.fit.epochs
    if sweep.pruner == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=max(epochs // 8, 1), reduction_factor=2)
    # The first epochs say little about the last ones.
    return optuna.pruners.MedianPruner(n_startup_trials=ENOUGH, n_warmup_steps=max(epochs // 5, 1))
