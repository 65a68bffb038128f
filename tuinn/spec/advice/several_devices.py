"""What several devices can't train together."""

from collections.abc import Iterator

from tuinn.spec.advice.fix import Fix, Problem
from tuinn.spec.device import alone
from tuinn.spec.run import RunSpec


def several_device_problems(spec: RunSpec, devices: int) -> Iterator[Problem]:
    """Why these settings can't be trained on so many devices, each with what to change. Nothing on one."""
    if devices < 2:
        return
    one = alone(spec.fit.device)
    on_one = Fix(f"set device to {one}", spec.with_fit(device=one))
    if spec.fit.batch_size < devices:
        yield Problem(
            f"batch_size {spec.fit.batch_size} has no sample for each of {devices} devices. "
            f"Set batch_size to {devices} or more, or device to {one}.",
            fixes=(Fix(f"set batch_size to {devices}", spec.with_fit(batch_size=devices)), on_one),
        )
    if spec.fit.train_step == "written_out":
        yield Problem(
            f"train_step written_out takes whole batches, and {devices} devices take shares of them. "
            f"Set train_step to keras, or device to {one}.",
            fixes=(Fix("set train_step to keras", spec.with_fit(train_step="keras")), on_one),
        )
