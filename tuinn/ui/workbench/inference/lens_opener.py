"""Open the lens on the sample that the pane of predictions shows."""

from collections.abc import Callable, Sequence

from tuinn.runs.decision import read_decision
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.training.outputs import numbers_words, predicted_classes
from tuinn.text import printable
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.inference.inference_controller import (
    InferenceController,
    OwnSample,
    Row,
    dataset_info_of,
)
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.test_samples import TestSamples, listed
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower


class LensOpener:
    """Says why there is nothing to look into, or shows it."""

    def __init__(
        self, host: Host, runs: RunController, inference: InferenceController, pane: PredictPane
    ) -> None:
        self.host, self.runs, self.inference, self.pane = host, runs, inference, pane

    def open(self) -> None:
        run, samples = self.runs.run, self.pane.samples
        if run is None or not (run.folder.model_file.exists() or (run.is_active and run.view.built)):
            self.host.show_message(
                "There is no network to look into yet: r trains one, l lists the runs.", "warning"
            )
        elif samples is not None and samples.dataset != run.spec.dataset:
            theirs, shown = run.spec.dataset.label, samples.dataset.label
            self.host.show_message(
                f"The network was trained on {theirs}, and these samples are of {shown}. Choose {theirs} in pane 1.",
                "warning",
            )
        elif self.pane.answer is not None and self.inference.last_own is not None:
            self._show(run, samples, self.inference.last_own)
        elif samples is None:
            self.host.show_message("There is no test sample to look at. o takes one of your own.", "warning")
        else:
            self._show(run, samples, None)

    def _show(self, run: RunFollower, samples: TestSamples | None, own: OwnSample | None) -> None:
        from tuinn.ui.lens.controller import LensController, Sample
        from tuinn.ui.lens.screen import LensScreen, LensSubject

        facts = dataset_info_of(run).facts
        thresholds = read_decision(run.folder).of(facts)

        def looked_at(sample: OwnSample) -> Sample:
            is_file = isinstance(sample, str) and not (facts.is_text or facts.is_table)
            return Sample(file=str(sample)) if is_file else Sample(own=sample)

        def choose_own(then: Callable[[Sample], None]) -> None:
            def chosen(sample: OwnSample | None) -> None:
                if sample is not None:
                    then(looked_at(sample))

            self.inference.choose(run, chosen, example())

        def example() -> Row | None:
            """The row that is looked at, to change a value of it."""
            shown = controller.sample
            if shown.test is not None and samples is not None and facts.is_table:
                return samples.cells(shown.test)
            return shown.own if isinstance(shown.own, dict) else None

        def is_gone() -> bool:
            child = run.worker
            return (child is None or child.poll() is not None) and not run.folder.is_alive()

        controller = LensController(
            run.folder,
            lambda question: self.inference.ask(run, question),
            is_gone,
            Sample(test=self.pane.at) if own is None else looked_at(own),
        )
        subject = LensSubject(
            dataset_info_of(run).title,
            run.folder.name,
            facts,
            samples.count if samples else 0,
            (lambda at: true_words(samples, at)) if samples else (lambda at: ""),
            lambda outputs: said_words(outputs, facts, thresholds),
            choose_own,
        )
        self.host.open_dialog(LensScreen(controller, subject), lambda _: None)


def said_words(outputs: Sequence[float], facts: DataFacts, thresholds: tuple[float, ...]) -> str:
    """The classes that a network gives with these outputs, of which the thresholds decide."""
    chosen = predicted_classes(outputs, facts, thresholds)
    return "" if chosen is None else listed([facts.classes[at] for at in chosen if at < len(facts.classes)])


def true_words(samples: TestSamples, at: int) -> str:
    """What a test sample really is."""
    if samples.facts.task is Task.LABELS:
        return listed(samples.labels(at))
    if samples.facts.task is Task.REGRESSION:
        words = numbers_words(samples.numbers(at), samples.facts)
        return words if samples.facts.target_names else f"{printable(samples.facts.target) or 'true'} {words}"
    truth = samples.truth(at)
    return "" if truth is None else printable(samples.facts.classes[int(truth)])
