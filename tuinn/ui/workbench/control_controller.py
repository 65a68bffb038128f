"""Commands to the run on the screen: stop, pause, change its training, resume it after its end."""

from collections.abc import Callable, Mapping
from functools import partial

from tuinn.errors import FolderError
from tuinn.runs.commands import AnyCommand, Pause, Resume, Stop
from tuinn.runs.state import RunState
from tuinn.spec.options import Value
from tuinn.spec.run import RunSpec
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower


class ControlController:
    """Every command becomes a line in the run's commands.jsonl; what comes of it stands in its journal."""

    def __init__(self, host: Host, runs: RunController) -> None:
        self.host = host
        self.runs = runs

    def stop(self) -> None:
        if (run := self.runs.active_run) is not None:
            words = "Stopping after this batch; then it is tested and saved. z resumes it."
            self.send(Stop(), words, lambda: not run.is_active)

    def pause_or_continue(self) -> None:
        run = self.runs.active_run
        if run is not None and run.view.paused:
            self.send(Resume(), "Continuing.", lambda: not run.view.paused)
        elif run is not None:
            self.send(Pause(), "Pausing after this batch.", lambda: run.view.paused or not run.is_active)

    def send(self, command: AnyCommand, words: str, until: Callable[[], bool] | None = None) -> None:
        """Write a command for the worker, and show these words, until what they announce has happened.

        Where it can't answer, say what to do instead.
        """
        run = self.runs.run
        if run is None:
            return
        if run.waits_for_job:
            self.host.show_message(
                f"Its Slurm job has not begun. It is cancelled by: tuinn stop {run.folder.name}", "warning"
            )
            return
        if run.state is RunState.STALLED:
            self.host.show_message(run.cause, "warning")
            return
        try:
            run.ask(command)
            self.host.show_message(words, until=until)
        except FolderError as problem:
            show_problem(self.host, problem)

    def open_batches(
        self, drafts: DraftController, beside: Callable[[RunSpec], bool], start: Callable[[], None]
    ) -> None:
        """Take the batches of a written out training one by one; where none is in progress, start the draft for that.

        `beside` trains a spec beside the run, `start` the draft.
        """
        from tuinn.ui.runs.batch_screen import BatchScreen

        run = self.runs.run
        is_on = run is not None and run.is_active
        if not is_on and drafts.draft.spec.fit.train_step == "written_out":
            start()
            run = self.runs.run
        if run is None or run.spec.fit.train_step != "written_out":
            words = (
                "Batches are taken one by one where train_step is written_out: t sets it, then B trains so."
            )
            self.host.show_message(words if not is_on else f"{words} The run in progress has Keras' own.")
            return
        spec = run.spec
        page = BatchScreen(
            run,
            drafts.draft.heir(spec).facts,
            lambda: beside(spec.with_fit(train_step="keras")),
        )
        self.host.open_dialog(page, lambda _: None)

    def open_dialog(self) -> None:
        """Offer every command that makes sense for the run as it is now."""
        from tuinn.ui.runs.control_dialog import control_dialog

        if self.runs.run is None:
            self.host.show_message("There is no run to control yet. r starts one, l lists earlier ones.")
        else:
            self.host.open_dialog(control_dialog(self.runs.run), self._chosen)

    def _chosen(self, name: str | None) -> None:
        from tuinn.ui.dialogs.form import Form
        from tuinn.ui.runs.control_dialog import HALVE, MORE, RESUME, RESUME_BEST, RESUME_LONGER, actions

        run = self.runs.run
        if name is None or run is None:
            return
        if name in (RESUME, RESUME_LONGER):
            self.resume(run, run.view.epochs + MORE if name == RESUME_LONGER else None)
            return
        if name == RESUME_BEST:
            self.resume(run, from_best=True)
            return
        if name == HALVE:
            self.halve(run)
            return
        choice = actions(run).get(name)
        if choice is None:
            self.host.show_message("The run has changed meanwhile. Press z again.")
        elif choice.command is not None:
            self.send(choice.command, f"Sent: {choice.words}.")
        elif choice.number is not None:
            form = Form(choice.words, [choice.number], {})
            self.host.open_dialog(form, partial(self._number_typed, name))

    def _number_typed(self, name: str, values: Mapping[str, Value] | None) -> None:
        from tuinn.ui.runs.control_dialog import command_for

        run = self.runs.run
        if values is None or run is None:
            return
        ((option, value),) = values.items()
        if not isinstance(value, int | float):
            return
        if not run.is_active:
            self.resume(run, int(value))
        else:
            self.send(command_for(name, value, run), f"Sent: {option} {value:g}.")

    def halve(self, run: RunFollower) -> None:
        """Go on from its last checkpoint in a new run with half the batch, which takes less memory."""
        try:
            self.runs.follow(self.runs.launcher.halve(run))
        except FolderError as problem:
            show_problem(self.host, problem)

    def resume(self, run: RunFollower, epochs: int | None = None, from_best: bool = False) -> None:
        """Start a worker that continues a run that ended or was lost; `epochs` in all, None: as many as before."""
        try:
            self.runs.launcher.resume(run, epochs, from_best)
        except FolderError as problem:
            show_problem(self.host, problem)
            return
        words = f"Resuming from the {'best epoch' if from_best else 'last checkpoint'}."
        self.host.show_message(words, until=lambda: run.is_active and run.view.is_active)
        self.runs.poll_on()
