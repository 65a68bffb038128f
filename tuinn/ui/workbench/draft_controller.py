"""The draft and its edits: undo, fixes, presets, and which dataset it is trained on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tuinn.data import loader
from tuinn.data.paths import dataset_path
from tuinn.errors import SpecError
from tuinn.spec.advice.fix import Problem
from tuinn.spec.advice.training_result import result_fixes
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.run import RunSpec
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.view.draft import Draft, EditHistory, info_of_run
from tuinn.view.run_follower import RunFollower
from tuinn.view.verdict import Verdict, verdict

OFFER_SECONDS = 10.0
"""A message that is seen after the first look at a new screen. Ctrl+Y works longer than that."""


class Judged(NamedTuple):
    """What the curves of a run say."""

    what: tuple[str, int, bool]
    """The run, about how many epochs it had, and whether those were all."""
    dataset: DatasetSpec
    verdict: Verdict | None


@dataclass(frozen=True, eq=False)
class AwaitedDraft:
    """A draft whose data are being described in a thread."""

    make: Callable[[], Draft]


class DraftController:
    """Replaces the draft at every edit. What has to be read from disk for that is read in a thread."""

    def __init__(self, host: Host, draft: Draft, show_draft: Callable[[Draft], None]) -> None:
        self.host = host
        self.show_draft = show_draft
        """Draw the draft; called after every change."""
        self.history = EditHistory(draft)
        self.left: RunSpec | None = None
        """What another screen left when it ended without being asked."""
        self.noted_run = ""
        """The last run of which is known what it found in the user's own data."""
        self.judged: Judged | None = None
        """What the curves of the run on the screen say."""
        self.awaited: AwaitedDraft | None = None
        """Takes the place of the draft once its data are described, unless another is wanted meanwhile."""

    @property
    def draft(self) -> Draft:
        return self.history.draft

    # ------------------------------------------------------------------------------------------------ edits

    def edit(self, draft: Draft) -> None:
        """Replace the draft. Data of which nothing is known yet are described in a thread first."""
        self.awaited = None
        self._replace(draft)

    def edit_to_run(self, run: RunFollower) -> None:
        """Make the spec of a run the draft: at once, by what the run knows of its data, which are then looked at anew."""
        draft = Draft(run.spec, run.folder.facts())
        known = None if draft.is_known else info_of_run(run.folder, run.spec.dataset)
        self.edit(draft.knowing(known) if known else draft)
        if known:
            self.describe_again()

    def _replace(self, draft: Draft) -> None:
        before = self.draft
        if draft.spec.dataset == before.spec.dataset and before.is_known and not before.is_lost:
            draft = before.heir(draft.spec)
        if draft.is_known:
            self._keep(draft)
        else:
            self._await(lambda: Draft(draft.spec, draft.remembered))

    def edit_spec(self, spec: RunSpec) -> None:
        """Replace the spec of the draft; what is known of the same data is kept."""
        self._replace(self.draft.heir(spec))

    def _keep(self, draft: Draft) -> None:
        self.history.edit(draft)
        self.show_draft(self.draft)

    def _await(self, make: Callable[[], Draft]) -> None:
        """Make this draft in a thread, and keep it if it is still wanted then: a thread may end late."""
        awaited = self.awaited = AwaitedDraft(make)

        def keep(draft: Draft) -> None:
            if self.awaited is awaited:
                self.awaited = None
                self._keep(draft)

        self.host.run_in_thread("describe", lambda: _worked_out(make()), keep)

    def undo(self) -> None:
        self.awaited = None
        if self.history.undo():
            self.show_draft(self.draft)
        else:
            self.host.show_message("There is nothing to undo.")

    def redo(self) -> None:
        self.awaited = None
        if self.history.redo():
            self.show_draft(self.draft)
        elif self.left is not None:
            spec, self.left = self.left, None
            self.edit(Draft(spec))
        else:
            self.host.show_message("There is nothing to redo.")

    def offer(self, spec: RunSpec) -> None:
        """Have redo bring back the draft of a screen that ended without being asked."""
        self.left = spec
        words = "Your last network was not trained when tuinn was closed. Ctrl+Y brings it back."
        self.host.show_message(words, "warning", OFFER_SECONDS)

    def apply_fix(self, spec: RunSpec) -> None:
        """Take the spec of a fix. One that names another dataset brings a network that fits it."""
        if spec.dataset.label != self.draft.spec.dataset.label:
            self.use(spec.dataset)
        else:
            self.edit_spec(spec)

    def apply_first_fix(self) -> None:
        """Apply the fix that the screen names: one of the draft, or else one that the last run asks for."""
        fix, found = self.draft.fix, self.run_problem
        if fix is not None:
            self.apply_fix(fix.spec)
        elif found is not None and found.fixes:
            self.apply_fix(found.fixes[0].spec)
            self.host.show_message(
                f"The draft is changed: {found.fixes[0].label}. r trains it, u undoes that."
            )
        else:
            self.host.show_message("Nothing needs fixing.")

    def judge(self, run: RunFollower | None) -> None:
        """Take note of what the curves of this run say."""
        if run is None:
            self.judged = None
            return
        view, before = run.view, self.judged
        complete = view.ended is not None and view.ended.outcome == "finished"
        # In a long run an epoch more or less changes nothing, and looking at all of them takes milliseconds.
        done = len(view.finished)
        what = (run.folder.name, done - done % max(done // 100, 1), complete)
        if before is None or before.what != what:
            self.judged = Judged(what, run.spec.dataset, verdict(view.finished, complete))

    @property
    def run_problem(self) -> Problem | None:
        """What the last run shows; with changes of the draft, where that is about the same data."""
        if self.judged is None or self.judged.verdict is None:
            return None
        found, spec = self.judged.verdict, self.draft.spec
        same = spec.dataset.label == self.judged.dataset.label
        fixes = result_fixes(spec, found.result) if same else ()
        return Problem(found.words, severity="warning", fixes=fixes)

    def copy_spec(self, spec: RunSpec) -> None:
        """Make a draft of another run's spec."""
        self.edit(Draft(spec))
        self.host.show_message("The draft is a copy of that run's spec. u undoes that.")

    def is_settled(self) -> bool:
        """Whether the draft is what was wanted last; else say that its data are still being looked at."""
        if self.awaited is not None:
            self.host.show_message("The data are still being looked at. Press the key again in a moment.")
        return self.awaited is None

    def trainable_spec(self) -> RunSpec | None:
        """The spec to train; None where something is wrong with it, which is shown."""
        if not self.is_settled():
            return None
        draft = self.draft
        if draft.error is not None:
            fix = "  f: " + draft.error.fixes[0].label if draft.error.fixes else ""
            self.host.show_message(f"{draft.error}{fix}", "error", 8)
            return None
        try:
            if draft.spec.dataset.path:
                dataset_path(draft.spec.dataset)  # it may have been deleted since it was described
        except SpecError as problem:
            show_problem(self.host, problem, 8)
            loader.forget_inspected()
            self.describe_again()
            return None
        return draft.spec

    # ----------------------------------------------------------------------------------------------- dataset

    def use(self, dataset: DatasetSpec) -> None:
        """Train on this dataset from now on, with a network that fits it."""
        self.awaited, before = None, self.draft
        if Draft(before.spec.with_dataset(dataset)).is_known:
            self._keep(before.on(dataset))
        else:
            self._await(lambda: before.on(dataset))

    def describe_again(self) -> None:
        """Find out anew what is known of the data: they were downloaded, prepared, or changed by the user."""
        if self.awaited is not None:
            self._await(self.awaited.make)
            return
        old = self.draft

        def replace(fresh: Draft) -> None:
            if self.draft.spec == old.spec:
                self.history.draft = fresh
                self.show_draft(fresh)

        self.host.run_in_thread("describe", lambda: _worked_out(Draft(old.spec, old.remembered)), replace)

    def dataset_downloaded(self, name: str) -> None:
        if self.draft.spec.dataset.name == name:
            self.describe_again()

    def note_run(self, run: RunFollower | None) -> None:
        """A run that has read the user's own data knows more about them than could be told before."""
        if run is None or not run.view.data or not run.spec.dataset.path or run.folder.name == self.noted_run:
            return
        self.noted_run = run.folder.name
        loader.forget_inspected()
        self.describe_again()


def _worked_out(draft: Draft) -> Draft:
    """The draft, once all that follows from its data is known."""
    draft.problems  # noqa: B018 - reads the data
    return draft
