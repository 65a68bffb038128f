"""What may be asked of a worker, as wishes. Any UI or the command line appends them, the worker obeys."""

import secrets

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One line of `commands.jsonl`."""


class Stop(Command, frozen=True, tag=True):
    """End the training after the batch in hand, evaluate and save what there is."""


class Predict(Command, frozen=True, tag=True):
    """Say what this picture shows."""

    request: str
    """Comes back in the answer."""
    file: str
    """Absolute path."""


class Evaluate(Command, frozen=True, tag=True):
    """Measure the network on the test set."""

    request: str


class Quit(Command, frozen=True, tag=True):
    """Nobody needs the worker any more: end once the training is over."""


AnyCommand = Stop | Predict | Evaluate | Quit


def new_request() -> str:
    """A word by which an answer is known."""
    return secrets.token_hex(6)
