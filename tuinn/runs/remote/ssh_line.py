"""One `ssh` process with `tuinn relay` at its other end: frames go in, and frames come out."""

import subprocess
import tempfile
import zlib
from contextlib import suppress

from tuinn.errors import FolderError
from tuinn.runs.remote.address import THERE, Address
from tuinn.runs.remote.frames import FromHere, FromThere, Refused, read_from_there, written

NO_SUCH_COMMAND, SSH_FAILED = 127, 255
"""Exit codes of a shell that doesn't find tuinn, and of ssh itself."""

LEAVING_SECONDS = 2.0
"""That ssh gets to pass on what it holds, and to leave."""


class SshLine:
    """Open until the process ends, or somebody hangs up."""

    def __init__(self, address: Address, may_ask: bool) -> None:
        """`may_ask`: ssh may ask for a password on the terminal. Raises FolderError where there is no ssh."""
        self.host = address.host
        self.unpacker = zlib.decompressobj()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - read when the line ends
        try:
            self.process = subprocess.Popen(
                address.ssh("relay", may_ask),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                start_new_session=not may_ask,  # without a terminal it can't ask
            )
        except OSError as error:
            raise FolderError(no_ssh(error)) from None

    def send(self, frame: FromHere) -> None:
        """Raises OSError where the line has ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(written(frame))
            self.process.stdin.flush()
        except ValueError as error:  # somebody has hung up
            raise BrokenPipeError(str(error)) from None

    def next(self) -> FromThere:
        """Wait for the next frame; what a shell says at the login is passed over.

        Raises FolderError where the line ends or the other side refuses.
        """
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with suppress(ValueError):
                frame = read_from_there(line)
                if isinstance(frame, Refused):
                    raise FolderError(f"{self.host}: {frame.problem}")
                return frame
        code = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines() or [""]
        raise FolderError(why_no_line(self.host, code, lines[-1].strip().rstrip(".")))

    def unpacked(self, data: bytes) -> bytes:
        """What was packed into a frame, which come in their order. Raises zlib.error where it is damaged."""
        return self.unpacker.decompress(data)

    def hang_up(self) -> None:
        """End the line once what was sent has gone, and wait for ssh to leave."""
        with suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        try:
            self.process.wait(timeout=LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def no_ssh(error: OSError) -> str:
    """Why ssh could not be started, and what to do."""
    return f"ssh cannot be started ({error.strerror}). Install it: openssh-client."


def why_no_line(host: str, code: int, told: str) -> str:
    """Why ssh ended with this exit code, in a sentence with what to do. `told`: the last line that it said."""
    if code == NO_SUCH_COMMAND:
        said = f" ({told})" if told else ""
        return (
            f"There is no tuinn on {host}{said}. Install it there, or say where it is: {THERE}=/path/to/tuinn"
        )
    if code == SSH_FAILED:
        return f"There is no line to {host}{f': {told}' if told else ''}. Try: ssh {host}"
    return f"The line to {host} has ended ({told or f'exit code {code}'})."
