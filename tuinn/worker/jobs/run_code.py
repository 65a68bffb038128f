"""Run a file of Python and describe the network that one of its functions gives. Only by the user's explicit word."""

import json
import runpy
import sys
from pathlib import Path

import keras

from tuinn.errors import WorkerError
from tuinn.runs.jobs import CodeRun, RunCode
from tuinn.worker.errors import first_line


def run_code(job: RunCode) -> CodeRun:
    """Raises WorkerError with what went wrong in the code."""
    file = Path(job.file)
    # As `python FILE` does: modules beside the file can be imported.
    sys.path.insert(0, str(file.parent))
    try:
        names = runpy.run_path(str(file), run_name=file.stem)
        function = names.get(job.function)
        if not callable(function):
            raise WorkerError(f"{file.name} has no function called {job.function}.")
        model = function()
    except WorkerError:
        raise
    except SystemExit:
        raise WorkerError(f"{file.name} ended the process before it gave a network.") from None
    except Exception as error:
        raise WorkerError(f"{file.name} failed with {type(error).__name__}: {first_line(error)}.") from error
    if not isinstance(model, keras.Model):
        raise WorkerError(f"{job.function} gives {type(model).__name__}, not a network of Keras.")
    return CodeRun(config=json.dumps(keras.saving.serialize_keras_object(model)))
