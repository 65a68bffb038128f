"""From the pane of predictions into the network."""

import subprocess

import msgspec
import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, epoch, opening, whole_run
from tests.ui.conftest import NARROW, Opener
from tests.ui.lens.inspections import answer
from tests.ui.workbench.fake_host import FakeHost
from tuinn.data.inspection import About, file_name, save_arrays
from tuinn.runs.commands import ExplainData, Inspect
from tuinn.runs.events import Inspected
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.presets.catalog import PRESETS
from tuinn.ui.lens.controller import Sample
from tuinn.ui.lens.screen import LensScreen
from tuinn.ui.workbench.inference.inference_controller import InferenceController
from tuinn.ui.workbench.inference.lens_opener import LensOpener, said_words, true_words
from tuinn.ui.workbench.inference.own_sample import OwnRow
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.test_samples import listed, load_test_samples
from tuinn.ui.workbench.run_controller import RunController


class Pane(PredictPane):
    """What is used of the pane, without an app."""

    def __init__(self, name: str) -> None:
        self.samples = load_test_samples(PRESETS[name]().dataset)
        self.at, self.answer = 2, None


@pytest.fixture
def lenses(host: FakeHost, runs: RunController) -> LensOpener:
    return LensOpener(host, runs, InferenceController(host, runs, lambda _: None), Pane("iris-lab"))


def test_without_a_network_there_is_nothing_to_look_into(
    host: FakeHost, runs: RunController, lenses: LensOpener, write_run: Write
) -> None:
    lenses.open()
    runs.attach(write_run(whole_run(), PRESETS["iris-lab"]()).name)  # ended, and its file is gone
    lenses.open()
    assert [words for _, words in host.messages] == [
        "There is no network to look into yet: r trains one, l lists the runs."
    ] * 2
    assert not host.dialogs


def test_a_network_of_other_data_takes_none_of_these_samples(
    host: FakeHost, runs: RunController, lenses: LensOpener, write_run: Write
) -> None:
    folder = write_run(whole_run(), PRESETS["wine-mlp"]())
    folder.model_file.touch()
    runs.attach(folder.name)
    lenses.open()
    assert host.last == (
        "The network was trained on wine, and these samples are of iris. Choose wine in pane 1."
    )


def test_what_a_sample_really_is_stands_in_words() -> None:
    assert true_words(load_test_samples(PRESETS["iris-lab"]().dataset), 0) in (
        "setosa",
        "versicolor",
        "virginica",
    )
    assert true_words(load_test_samples(PRESETS["diabetes-regression"]().dataset), 0).split()[-1].isdigit()


def test_what_is_predicted_is_decided_by_the_thresholds_and_named_as_what_is_true() -> None:
    names = ("a", "b", "c", "d", "e", "f")
    labels = DataFacts(Task.LABELS, (2,), "float32", 0.0, 1.0, names, 1, 1)
    assert said_words([0.9] * 6, labels, ()) == listed(names)
    assert said_words([0.1] * 6, labels, ()) == listed(())
    assert said_words([0.9, 0.4, 0, 0, 0, 0], labels, (0.95, 0.3, 0.5, 0.5, 0.5, 0.5)) == "b"
    two = DataFacts(Task.BINARY, (2,), "float32", 0.0, 1.0, ("no", "yes"), 1, 1)
    assert [said_words([0.4], two, kept) for kept in ((), (0.3,))] == ["no", "yes"]


async def test_a_click_on_a_point_of_the_scatter_opens_its_sample(
    bench: Opener, write_run: Write, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    spec = PRESETS["iris-lab"]()
    folder = write_run(whole_run(), spec)
    folder.model_file.touch()
    async with bench(NARROW, spec, folder) as here:
        await here.press("5", "i")
        lens = here.top(LensScreen)
        answer(folder, folder.commands().read_all()[-1].request)  # type: ignore[union-attr]
        lens._poll()
        await here.press("a")
        asked = folder.commands().read_all()[-1]
        assert isinstance(asked, ExplainData)
        file = folder.inspection / file_name(asked.request)
        points = np.array([[0, 0], [5, 5]], np.float32)
        arrays = {"points": points, "targets": np.array([0, 2])}
        save_arrays(file, arrays, msgspec.json.encode(About(3, shares=(0.9, 0.1))))
        append(folder, Inspected(request=asked.request, file=file.name))
        lens._poll()
        await here.settle()
        assert "→ 90 % ↑ 10 % of the variance" in here.words()
        unit = lens.query_one("#lens-unit")
        await here.pilot.click("#lens-unit", offset=(unit.size.width, 1))  # the corner at the top right
        await here.settle()
        asked = folder.commands().read_all()[-1]
        assert isinstance(asked, Inspect)
        assert asked.test == 1


async def test_keys_lead_through_the_network(
    bench: Opener, write_run: Write, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    spec = PRESETS["iris-lab"]()
    folder = write_run(whole_run(), spec)
    folder.model_file.touch()
    async with bench(NARROW, spec, folder) as here:
        await here.press("5", "i")
        lens = here.top(LensScreen)
        asked = folder.commands().read_all()[-1]
        assert isinstance(asked, Inspect)
        assert "asking the worker" in here.words()
        answer(folder, asked.request)
        lens._poll()
        await here.settle()
        assert "in numpy v1 = v0 @ dense.kernel + dense.bias" in here.words()
        assert "(1,4)@(4,3)+(3,)→(1,3)" in here.words()
        assert "Σ x·w + b" in here.text()
        await here.press("w")
        assert "kernel 4×3" in here.text()
        await here.press("w", "down")
        assert "v2 = np.maximum(v1, 0)" in here.text()
        await here.press("n")
        asked = folder.commands().read_all()[-1]
        assert isinstance(asked, Inspect)
        assert asked.test == 1
        append(folder, Inspected(request=asked.request, problem="The memory was not enough."))
        lens._poll()
        await here.settle()
        assert "✗ The memory was not enough." in here.text()
        await here.press("escape")
        assert here.app.screen is here.screen


def test_a_network_that_trains_is_looked_into_as_soon_as_it_stands(
    host: FakeHost,
    runs: RunController,
    lenses: LensOpener,
    write_run: Write,
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)], PRESETS["iris-lab"]())
    with folder.hold_lock():
        runs.attach(folder.name)
        lenses.open()
    ((dialog, _),) = host.dialogs
    assert isinstance(dialog, LensScreen)
    assert dialog.controller.sample.test == 2


def test_a_row_of_ones_own_begins_as_the_one_that_is_looked_at(
    host: FakeHost, runs: RunController, lenses: LensOpener, write_run: Write
) -> None:
    folder = write_run(whole_run(), PRESETS["iris-lab"]())
    folder.model_file.touch()
    runs.attach(folder.name)
    lenses.open()
    lens = host.dialogs[-1][0]
    assert isinstance(lens, LensScreen)
    taken: list[Sample] = []
    lens.subject.choose_own(taken.append)
    form, answered = host.dialogs[-1]
    assert isinstance(form, OwnRow)
    assert lenses.pane.samples is not None
    row = lenses.pane.samples.cells(2)
    assert [str(option.default) for option in form.options.values()] == list(row.values())
    answered(None)
    assert taken == []
    answered({option.name: option.default for option in form.options.values()})
    assert taken == [Sample(own=row)]
