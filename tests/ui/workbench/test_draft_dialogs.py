"""The dialogs that edit the draft, answered without an app."""

import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.workbench.fake_host import FakeHost
from tuinn.runs.examination import Examination, ExaminedLayer
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.spec.keras_import.source_code import read_source
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.dialogs.fixes import FixesDialog
from tuinn.ui.dialogs.form import Form
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.draft_dialogs import DraftDialogs
from tuinn.view.run_follower import RunFollower


class Stack:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.put_in: list[tuple[int, LayerSpec, bool]] = []
        self.inserted: list[LayerSpec] = []
        self.replaced: tuple[LayerSpec, ...] = ()
        self.as_network = False
        self.cursor = 2

    def put(self, at: int, layer: LayerSpec, new: bool) -> None:
        self.put_in.append((at, layer, new))

    def insert_at_cursor(self, layers: tuple[LayerSpec, ...], network: bool = False) -> None:
        self.inserted += layers
        self.as_network = network

    def replace_all(self, layers: tuple[LayerSpec, ...]) -> None:
        self.replaced = layers


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.fixture
def dialogs(host: FakeHost, drafts: DraftController, stack: Stack) -> DraftDialogs:
    return DraftDialogs(host, drafts, stack)


def test_a_new_layer_is_a_type_and_its_options(host: FakeHost, dialogs: DraftDialogs, stack: Stack) -> None:
    dialogs.add_layer(2)
    host.answer("Dense")
    assert isinstance(host.dialog, Form)
    host.answer({"units": 32})
    assert stack.put_in == [(2, LayerSpec("Dense", {"units": 32}), True)]


def test_a_type_without_common_options_needs_no_form(
    host: FakeHost, dialogs: DraftDialogs, stack: Stack
) -> None:
    dialogs.add_layer(0)
    host.answer("Flatten")
    assert host.dialogs == []
    assert stack.put_in == [(0, LayerSpec.of("Flatten"), True)]


@pytest.mark.parametrize("answers", [[None], ["Dense", None]], ids=["no type", "no options"])
def test_escape_adds_nothing(
    host: FakeHost, dialogs: DraftDialogs, stack: Stack, answers: list[str | None]
) -> None:
    dialogs.add_layer(0)
    for answer in answers:
        host.answer(answer)
    assert (stack.put_in, host.dialogs) == ([], [])


def test_a_layer_is_edited_from_the_options_that_it_has(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs, stack: Stack
) -> None:
    dialogs.edit_layer(2)
    assert isinstance(host.dialog, Form)
    assert host.dialog.values == drafts.draft.spec.model.layers[2].options
    host.answer({"units": 9})
    assert stack.put_in == [(2, LayerSpec("Dense", {"units": 9}), False)]


def test_the_form_says_what_the_layer_gives_or_why_it_does_not_fit(
    host: FakeHost, dialogs: DraftDialogs
) -> None:
    dialogs.edit_layer(2)
    assert isinstance(host.dialog, Form)
    assert host.dialog.outcome is not None
    words, fits = host.dialog.outcome(dict(LayerSpec.of("Dense", units=32).options))
    assert (words, fits) == ("→ 32, 25,120 parameters\nDense(32)", True)
    dialogs.add_layer(1)
    host.answer("Conv2D")
    assert isinstance(host.dialog, Form)
    assert host.dialog.outcome is not None
    words, fits = host.dialog.outcome(dict(LayerSpec.of("Conv2D", filters=8, kernel_size=3).options))
    assert words.startswith("! ")
    assert "Conv2D needs height" in words
    assert not fits


def test_typed_layers_go_to_the_cursor(host: FakeHost, dialogs: DraftDialogs, stack: Stack) -> None:
    layers = (LayerSpec.of("Dense", units=7), LayerSpec.of("Flatten"))
    for answer in (None, ParsedLayers(layers)):
        dialogs.type_layers("dense 7")
        host.answer(answer)
    assert (stack.inserted, host.dialogs) == (list(layers), [])


@pytest.mark.parametrize("chosen", ["replace", "insert", None])
def test_of_a_whole_network_is_asked_whether_it_takes_the_place_of_the_stack(
    host: FakeHost, dialogs: DraftDialogs, stack: Stack, chosen: str | None
) -> None:
    network = read_source("model = keras.Sequential([layers.Flatten(), layers.Dense(10)])")
    dialogs.type_layers()
    host.answer(network)
    assert (stack.inserted, stack.replaced) == ([], ()), "nothing is done before the answer"
    lines = [text.plain for _, text in host.top(Choose).lines]
    assert lines == [
        "Replace the stack (6 layers) by the 2 layers pasted",
        "Insert the 2 layers below layer 3",
    ]
    host.answer(chosen)
    assert stack.replaced == (network.layers if chosen == "replace" else ())
    assert stack.inserted == (list(network.layers) if chosen == "insert" else [])
    assert stack.as_network is (chosen == "insert"), "what takes the input takes the layer above"


SCRIPT = """
model = keras.Sequential([layers.Flatten(), layers.Dense(10)])
rate = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=1000, decay_rate=0.5, staircase=True)
model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3, batch_size=50, validation_split=0.2)
"""


def test_the_settings_of_the_training_come_along(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs, stack: Stack
) -> None:
    dialogs.type_layers()
    host.answer(read_source(SCRIPT))
    lines = [text.plain for _, text in host.top(Choose).lines]
    assert lines[0] == "Replace the stack, and take over 9 settings of the training"
    host.answer("all")
    spec = drafts.draft.spec
    assert [layer.type_name for layer in spec.model.layers] == ["Flatten", "Dense"]
    assert (spec.fit.optimizer, spec.fit.learning_rate, spec.fit.momentum) == ("sgd", 0.05, 0.9)
    assert (spec.fit.epochs, spec.fit.batch_size, spec.dataset.validation) == (3, 50, 0.2)
    steps = drafts.draft.facts.train * 0.8 / 50
    assert (spec.fit.schedule, spec.fit.step_epochs) == ("step", round(1000 / steps))
    assert stack.replaced == ()


def test_the_spec_in_a_script_of_tuinns_own_comes_along_with_its_validation(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs
) -> None:
    written = default_draft().with_fit(epochs=3)
    written = written.with_dataset(written.dataset.with_value("validation", 0.3))
    reading = ParsedLayers(
        written.model.layers, is_model=True, fit=written.fit.values(), validation=0.3, spec=written
    )
    dialogs.type_layers()
    host.answer(reading)
    host.answer("all")
    assert drafts.draft.spec == written


def test_a_whole_network_goes_into_an_empty_stack_without_a_question(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs, stack: Stack
) -> None:
    drafts.edit_spec(default_draft().with_model(ModelSpec()))
    dialogs.type_layers()
    host.answer(read_source("keras.Sequential([layers.Dense(10)])"))
    assert (stack.inserted, host.dialogs) == ([LayerSpec.of("Dense", units=10)], [])


def test_settings_of_the_training_replace_those_of_the_draft(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs
) -> None:
    dialogs.edit_fit()
    host.answer(None)
    assert drafts.draft.spec == default_draft()
    dialogs.edit_fit()
    host.answer({"epochs": 3})
    assert drafts.draft.spec == default_draft().with_fit(epochs=3)


def test_settings_kept_after_other_data_have_come_are_those_of_the_draft_with_them(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    dialogs.edit_fit()
    host.do_work()
    host.answer({"epochs": 3})
    assert (drafts.draft.spec.dataset, drafts.draft.spec.fit.epochs) == (flats, 3)


def test_a_fix_is_chosen_only_where_something_is_wrong(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs
) -> None:
    dialogs.choose_fix()
    assert (host.last, host.dialogs) == ("Nothing needs fixing.", [])
    drafts.edit_spec(default_draft().with_fit(loss="binary_crossentropy"))
    dialogs.choose_fix()
    assert drafts.draft.error is not None
    host.answer(drafts.draft.error.fixes[0].spec)
    assert drafts.draft.spec.fit.loss == "auto"


def test_a_preset_replaces_the_draft(host: FakeHost, drafts: DraftController, dialogs: DraftDialogs) -> None:
    dialogs.choose_preset()
    host.answer("fashion-cnn")
    assert drafts.draft.spec == PRESETS["fashion-cnn"]()


@pytest.mark.parametrize(
    ("which", "dataset", "outputs"), [("own", "iris", 3), ("used", "fashion_mnist_mini", 10)]
)
def test_a_preset_made_for_another_dataset_asks_on_which_to_train(
    host: FakeHost, drafts: DraftController, dialogs: DraftDialogs, which: str, dataset: str, outputs: int
) -> None:
    dialogs.take_preset("iris-lab")
    assert drafts.draft.spec == default_draft()
    host.answer(which)
    spec = drafts.draft.spec
    assert spec.dataset.name == dataset
    assert spec.fit.optimizer == PRESETS["iris-lab"]().fit.optimizer
    assert spec.model.layers[-1].units == outputs


def test_what_the_doctor_found_changes_the_draft(
    host: FakeHost, dialogs: DraftDialogs, drafts: DraftController, write_run: Write
) -> None:
    run = RunFollower(write_run(whole_run()))
    ill = Examination(epoch=3, samples=500, layers=(ExaminedLayer("dense", 154, "relu", dead=154),))
    dialogs.show_findings(run, ill)
    box = host.top(FixesDialog)
    assert box.heading == "What the doctor found"
    (problem,) = box.problems
    assert problem.message.startswith("Certain: 154 of 154 units of dense give 0 for all 500 samples")
    host.answer(problem.fixes[0].spec)
    assert drafts.draft.spec.model.layers[2].options["activation"] == "leaky_relu"


def test_a_network_that_is_well_gets_one_line(
    host: FakeHost, dialogs: DraftDialogs, write_run: Write
) -> None:
    run = RunFollower(write_run(whole_run()))
    dialogs.show_findings(run, Examination(epoch=3, samples=500, layers=(ExaminedLayer("dense"),)))
    assert host.dialogs == []
    assert (
        host.last
        == f"{run.folder.name} looks well: nothing is wrong with 1 layer over 500 training samples; "
        "learning a few samples by heart could not be tried."
    )
