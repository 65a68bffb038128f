"""The learning rate schedules that a spec may name: a row each, with its options."""

from dataclasses import dataclass, replace

from tuinn.spec.options import Float, Int, Option


@dataclass(frozen=True)
class Schedule:
    """A row of the table."""

    name: str
    help: str
    options: tuple[Option, ...] = ()


_RATE = Float(
    "decay_rate",
    0.9,
    low=0,
    exclude_low=True,
    high=1,
    help="factor at each decay",
    formula="rate = learning_rate · decay_rate ^ decays so far",
)
_ALPHA = Float(
    "alpha",
    0.0,
    low=0,
    high=1,
    help="the rate at the end, as a share of learning_rate",
    formula="last rate = alpha · learning_rate",
)

SCHEDULES: tuple[Schedule, ...] = (
    Schedule("constant", "the same rate throughout"),
    Schedule(
        "step",
        "the rate falls by decay_rate every few epochs",
        (
            Int("step_epochs", 5, high=1_000_000, help="epochs between two falls"),
            replace(_RATE, default=0.5),
        ),
    ),
    Schedule("exponential", "the rate falls smoothly, by decay_rate per epoch", (_RATE,)),
    Schedule("cosine", "half a cosine from the rate down to alpha × the rate", (_ALPHA,)),
    Schedule(
        "cosine_warmup",
        "a straight rise from 0, then a cosine down; for large rates and batches",
        (Int("warmup_epochs", 1, high=1_000_000, help="epochs of the rise"), _ALPHA),
    ),
    Schedule(
        "one_cycle",
        "up from a 25th of the rate, then a cosine down to nearly 0; fast with large rates",
        (
            Float(
                "peak_at",
                0.3,
                low=0,
                exclude_low=True,
                high=1,
                exclude_high=True,
                help="where the peak is, as a share of the run",
            ),
            replace(_ALPHA, default=1e-4),
        ),
    ),
    Schedule(
        "reduce_on_plateau",
        "the rate falls when the monitored number stands still",
        (
            Float(
                "factor",
                0.5,
                low=0,
                exclude_low=True,
                high=1,
                exclude_high=True,
                help="the new rate is this × the old one",
            ),
            Int("patience", 3, high=1_000_000, help="epochs without improvement before the rate falls"),
            Float("min_lr", 0.0, low=0, high=100, help="the rate never falls below this"),
        ),
    ),
)

BY_NAME = {row.name: row for row in SCHEDULES}
