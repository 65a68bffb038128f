"""What loading a described network would run, or read from other files: found in its description, and named."""

from collections.abc import Iterator, Mapping

from tuinn.text import shorten

_PATHS = ("vocabulary", "filepath", "idf_weights", "file")
"""Settings of layers that may name a file."""

_KERAS = ("keras", "tf_keras", "builtins")
"""Packages whose classes are Keras' own."""


def would_run(description: object) -> Iterator[str]:
    """What in a description is no plain Keras object, a few words each."""
    waiting = [description]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += reversed(part)
        if not isinstance(part, dict):
            continue
        if (words := _foreign(part)) is not None:
            yield words
            continue  # what is inside it is part of it
        yield from _outside_files(part)
        waiting += reversed(list(part.values()))


def _foreign(part: Mapping[str, object]) -> str | None:
    """Of an object in a description: what is foreign about it; None: nothing."""
    name, module = part.get("class_name"), part.get("module")
    if not isinstance(name, str) or "config" not in part:
        return None
    config = part.get("config")
    own = config.get("name") if isinstance(config, dict) else None
    called = f" {shorten(str(own))}" if own else ""
    if name == "Lambda":
        return f"the Lambda layer{called} holds Python code"
    if name in ("__lambda__", "function"):
        what = part.get("registered_name") if name == "function" else None
        return (
            f"the function {shorten(str(what or config))} is no part of Keras"
            if name == "function"
            else "a lambda"
        )
    if name == "TFSMLayer":
        return f"the TFSMLayer{called} runs a SavedModel of its own"
    registered = part.get("registered_name")
    if isinstance(module, str):
        head = module.partition(".")[0]
        return None if head in _KERAS else f"the class {shorten(name)} is of {shorten(module)}"
    if isinstance(registered, str) and registered != name:
        return f"the class {shorten(registered)} is no part of Keras"
    return None


def _outside_files(part: Mapping[str, object]) -> Iterator[str]:
    config = part.get("config")
    if not isinstance(config, dict) or not isinstance(part.get("class_name"), str):
        return
    for key in _PATHS:
        value = config.get(key)
        if isinstance(value, str) and value:
            yield f"{shorten(str(config.get('name') or part['class_name']))} reads the file {shorten(value)}"
