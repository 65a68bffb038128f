"""The one exception for what a user wrote and cannot be done. Its text reaches the user unchanged."""


class SpecProblem(ValueError):  # noqa: N818 - a problem to solve, not a mistake of ours
    """Something in a spec is wrong: one sentence that says what, and what is allowed instead."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        """Where it stands in the spec, as `fit.epochs` or `layers[2].units`; empty when it is the whole."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def under(self, parent: str) -> "SpecProblem":
        """The same problem, seen from one table further out."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return SpecProblem(self.message, f"{parent}{joint}{self.path}")
