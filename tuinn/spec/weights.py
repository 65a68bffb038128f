"""The saved network from which layers of a run have their first weights. A layer's `weights` names which of its layers."""

from collections.abc import Mapping

import msgspec

from tuinn.spec.options import Option, Text, check_options

WEIGHTS_OPTIONS: tuple[Option, ...] = (
    Text(
        "path",
        "",
        optional=True,
        max_length=4096,
        help="a saved network, or the folder of a run, for the layers whose `weights` names one of its layers",
    ),
    Text(
        "fingerprint",
        "",
        optional=True,
        max_length=64,
        help="of the file as it was when the layers were taken; nothing: whatever is there",
    ),
)


class WeightsSpec(msgspec.Struct, frozen=True):
    """The [weights] of a run. `WEIGHTS_OPTIONS` says what each field may be."""

    path: str = ""
    """Empty: every layer starts as its initializers say."""
    fingerprint: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, object]) -> "WeightsSpec":
        """From a parsed TOML table. Raises SpecError for a key or value that is not allowed."""
        values = check_options(WEIGHTS_OPTIONS, raw, "weights")
        return cls(**values) if values["path"] else cls()

    def raw(self) -> dict[str, object]:
        """As a TOML table."""
        return {"path": self.path, **({"fingerprint": self.fingerprint} if self.fingerprint else {})}

    def with_value(self, name: str, value: object) -> "WeightsSpec":
        """One field changed. Another file has another fingerprint."""
        changed = {"fingerprint": "", name: value} if name == "path" else {name: value}
        return WeightsSpec.of({**msgspec.structs.asdict(self), **changed})
