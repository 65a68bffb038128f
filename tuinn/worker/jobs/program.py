"""`python -m tuinn.worker job`: the job comes on stdin, the answers go to stdout, all else that is printed to stderr."""

import os
import signal
import sys
import traceback
from types import FrameType

import msgspec

from tuinn.errors import TuinnError
from tuinn.runs.jobs import AnyAnswer, AnyJob, EvaluateOn, Export, JobFailed, PredictFiles, RunCode, Say
from tuinn.worker.errors import fills_disk, first_line, user_message


def main() -> int:
    """Do the job, and return the exit code. Every problem is an answer."""
    signal.signal(signal.SIGTERM, _leave)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # converters print; only answers may stand among the answers
    encoder = msgspec.json.Encoder()

    def say(answer: AnyAnswer) -> None:
        answers.write(encoder.encode(answer) + b"\n")
        answers.flush()

    try:
        job: AnyJob = msgspec.json.decode(sys.stdin.buffer.read(), type=AnyJob)
        say(do(job, say))
    except BrokenPipeError:
        return 1  # nobody waits any more
    except Exception as error:
        traceback.print_exc()
        say(JobFailed(message=problem_of(error)))
        return 1
    return 0


def do(job: AnyJob, say: Say) -> AnyAnswer:
    """The ending of the job. Raises TuinnError, or whatever Keras and TensorFlow raise."""
    match job:
        case Export():
            from tuinn.worker.jobs.export import export

            return export(job, say)
        case PredictFiles():
            from tuinn.worker.jobs.predict_files import predict_files

            return predict_files(job, say)
        case EvaluateOn():
            from tuinn.worker.jobs.evaluate_on import evaluate_on

            return evaluate_on(job, say)
        case RunCode():
            from tuinn.worker.jobs.run_code import run_code

            return run_code(job)


def problem_of(error: Exception) -> str:
    """What went wrong, as a sentence for the user."""
    if isinstance(error, TuinnError):
        return str(error)
    if fills_disk(error):
        return "The disk is full, so nothing was written. Free some space, or give another place with -o."
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be used ({error.strerror or first_line(error)})."
    if isinstance(error, MemoryError | ImportError):
        return user_message(error)
    return f"TensorFlow failed with {type(error).__name__}: {first_line(error)}."


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End as after an exception, so that what is not whole is removed."""
    sys.exit(1)
