"""What the lens asks, and what it makes of the answers; without an app."""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.ui.lens.inspections import answer
from tuinn.data.inspection import About, file_name, save_arrays
from tuinn.runs.commands import Explain, ExplainData, Inspect, InspectionQuestion, InspectUnits
from tuinn.runs.events import Inspected, Noted
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import PRESETS
from tuinn.ui.lens.controller import GONE, LensController, Sample, next_test_sample


@dataclass
class Lens:
    """A controller, and what it has asked."""

    folder: RunFolder
    asked: list[InspectionQuestion] = field(default_factory=list)
    gone: bool = False
    controller: LensController = field(init=False)

    def __post_init__(self) -> None:
        self.controller = LensController(self.folder, self.take, lambda: self.gone, Sample(test=0))

    def take(self, question: InspectionQuestion) -> bool:
        self.asked.append(question)
        return True

    @property
    def last(self) -> InspectionQuestion:
        return self.asked[-1]


@pytest.fixture
def lens(write_run: Write) -> Lens:
    return Lens(write_run(whole_run(), PRESETS["iris-lab"]()))


def opened(lens: Lens) -> LensController:
    lens.controller.look()
    answer(lens.folder, lens.last.request)
    assert lens.controller.poll()
    return lens.controller


def test_an_answer_shows_the_first_layer_with_weights_and_its_largest_unit(lens: Lens) -> None:
    controller = opened(lens)
    assert lens.last == Inspect(request=lens.last.request, test=0)
    assert controller.shown_step.layer == "dense"
    assert controller.place == (1,)  # 2 · 2 − 1 is the largest
    assert not controller.is_waiting


def test_an_answer_to_an_older_question_is_not_shown(lens: Lens) -> None:
    controller = opened(lens)
    before = controller.inspection
    controller.look(Sample(test=1))
    first = lens.last.request
    controller.look(Sample(test=2))
    answer(lens.folder, first)
    assert not controller.poll()
    assert controller.inspection is before
    answer(lens.folder, lens.last.request)
    assert controller.poll()
    assert controller.inspection is not before


def test_a_problem_is_said_and_what_was_there_stays(lens: Lens) -> None:
    controller = opened(lens)
    before = controller.inspection
    controller.look(Sample(file="/nowhere.png"))
    append(lens.folder, Inspected(request=lens.last.request, problem="There is no such picture."))
    assert controller.poll()
    assert (controller.problem, controller.inspection) == ("There is no such picture.", before)
    assert controller.sample == Sample(test=0)  # the one that is shown


def test_a_worker_that_ends_before_it_answers_is_told_of_with_its_last_warning(lens: Lens) -> None:
    controller = lens.controller
    controller.look()
    assert not controller.poll()
    lens.gone = True
    assert controller.poll()
    assert controller.problem == GONE
    assert not controller.is_waiting
    controller.look()
    append(lens.folder, Noted(level="warning", message="model.keras is damaged."))
    assert controller.poll()
    assert controller.problem == "model.keras is damaged."


def test_a_last_answer_of_a_worker_that_has_ended_counts(lens: Lens) -> None:
    lens.controller.look()
    lens.gone = True
    answer(lens.folder, lens.last.request)
    assert lens.controller.poll()
    assert lens.controller.inspection is not None
    assert lens.controller.problem == ""


def test_a_damaged_file_is_said(lens: Lens) -> None:
    lens.controller.look()
    answer(lens.folder, lens.last.request).write_bytes(b"PK nonsense")
    assert lens.controller.poll()
    assert "cannot be read" in lens.controller.problem


def test_epochs_are_those_of_the_checkpoints_and_then_the_network_as_it_is(lens: Lens) -> None:
    controller = opened(lens)  # of epoch 3, which has a checkpoint, too
    controller.move_epoch(-1)
    assert lens.last.epoch == 1
    answer(lens.folder, lens.last.request, epoch=1)
    controller.poll()
    asked = len(lens.asked)
    controller.move_epoch(-1)
    assert len(lens.asked) == asked
    assert controller.problem == "No checkpoint is of an earlier epoch."
    controller.move_epoch(1)
    assert lens.last.epoch == 3
    controller.move_epoch(1)
    assert lens.last.epoch is None


def test_units_over_the_test_set_are_asked_for_once(lens: Lens) -> None:
    controller = opened(lens)
    controller.ask_units()
    assert lens.last == InspectUnits(request=lens.last.request, step=1)
    file = lens.folder.inspection / file_name(lens.last.request)
    values = {"means": np.eye(3, dtype=np.float32), "dead": np.zeros(3, bool), "targets": np.arange(3)}
    save_arrays(file, values)
    append(lens.folder, Inspected(request=lens.last.request, file=file.name))
    controller.ask_units()  # nothing: the first is still waited for
    assert controller.poll()
    asked = len(lens.asked)
    controller.ask_units()
    assert len(lens.asked) == asked
    assert controller.unit_values is not None
    controller.move_step(1)
    controller.ask_units()
    assert lens.last == InspectUnits(request=lens.last.request, step=2)


def test_units_go_round_and_steps_end(lens: Lens) -> None:
    controller = opened(lens)
    controller.move_unit(2)
    assert controller.place == (0,)
    controller.move_step(99)
    assert controller.step == 3
    controller.move_step(-99)
    assert controller.step == 0
    controller.move_place(1, 1)  # a row has no place to move over
    assert controller.cursor(0).place == ()


def test_test_samples_go_round_and_ones_own_lie_outside() -> None:
    assert next_test_sample(Sample(test=4), 1, 5) == Sample(test=0)
    assert next_test_sample(Sample(own="a text"), 1, 5) == Sample(test=0)
    assert next_test_sample(Sample(own="a text"), -1, 5) == Sample(test=4)
    assert next_test_sample(Sample(own="a text"), 1, 0) == Sample(own="a text")


def explain(lens: Lens, **arrays: object) -> None:
    """Answer the last question."""
    file = lens.folder.inspection / file_name(lens.last.request)
    save_arrays(
        file, {name: np.asarray(array) for name, array in arrays.items()}, msgspec.json.encode(About(3))
    )
    append(lens.folder, Inspected(request=lens.last.request, file=file.name))
    assert lens.controller.poll()


def test_a_view_asks_once_and_the_sample_before_has_its_answer_still(lens: Lens) -> None:
    controller = opened(lens)
    controller.next_why()
    assert lens.last == Explain(request=lens.last.request, test=0, method="occlusion")
    controller.ask_view()
    assert len(lens.asked) == 2
    explain(lens, parts=np.ones(4))
    assert controller.explanation is not None
    controller.look(Sample(test=1))
    answer(lens.folder, lens.last.request)
    controller.poll()  # the next sample is there, and is to be explained, too
    assert lens.last == Explain(request=lens.last.request, test=1, method="occlusion")
    explain(lens, parts=np.zeros(4))
    asked = len(lens.asked)
    controller.look(Sample(test=0))
    answer(lens.folder, lens.last.request)
    controller.poll()
    assert controller.explanation is not None
    assert len(lens.asked) == asked + 1


def test_ways_to_explain_follow_each_other_and_grad_cam_needs_maps(lens: Lens) -> None:
    controller = opened(lens)
    seen = []
    for _ in range(3):
        controller.next_why()
        seen.append(controller.view)
    assert seen == ["occlusion", "gradient", "unit"]


def test_what_the_worker_refused_is_not_asked_again_and_again(lens: Lens) -> None:
    controller = opened(lens)
    controller.show("importance")
    assert lens.last == ExplainData(request=lens.last.request, method="importance", step=1)
    append(lens.folder, Inspected(request=lens.last.request, problem="There are no columns."))
    assert controller.poll()
    asked = len(lens.asked)
    controller.problem = ""
    controller.ask_view()
    assert (len(lens.asked), controller.problem) == (asked, "There are no columns.")
    controller.show("importance")  # again: the unit
    assert controller.view == "unit"
    lens.gone = True
    controller.show("projection")
    assert controller.poll()
    controller.ask_view()
    assert controller.problem == GONE
    assert len(lens.asked) == asked + 1


def test_classes_follow_each_other_and_arrows_change_the_column_of_an_effect(lens: Lens) -> None:
    controller = opened(lens)
    controller.next_why()
    targets = []
    for _ in range(3):
        controller.next_target(2)
        targets.append(controller.target)
    assert targets == [0, 1, None]
    controller.show("effect")
    controller.move_unit(-1)
    controller.ask_view()
    assert lens.last == ExplainData(request=lens.last.request, method="effect", column=3, step=1)


def test_a_view_whose_answer_is_damaged_or_could_not_be_asked_for_is_asked_for_again(lens: Lens) -> None:
    controller = opened(lens)
    controller.show("gradient")
    damaged = file_name(lens.last.request)
    lens.folder.inspection.mkdir(exist_ok=True)
    (lens.folder.inspection / damaged).write_bytes(b"PK nonsense")
    append(lens.folder, Inspected(request=lens.last.request, file=damaged))
    assert controller.poll()
    assert controller.problem
    controller.ask = lambda _: False
    controller.ask_view()
    controller.ask = lens.take
    before = len(lens.asked)
    controller.ask_view()
    controller.ask_view()
    assert len(lens.asked) == before + 1
