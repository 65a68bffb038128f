"""A conductor works from a folder of its own: what it is given must hold anywhere."""

from dataclasses import replace

import msgspec

from tuinn.data.paths import expand
from tuinn.spec.run import RunSpec


def at_home_anywhere(spec: RunSpec) -> RunSpec:
    """The spec with the whole path of its data: a conductor works from another folder. Raises SpecProblem."""
    if not spec.dataset.path:
        return spec
    whole = str(expand(spec.dataset.path).absolute())
    return replace(spec, dataset=msgspec.structs.replace(spec.dataset, path=whole))
