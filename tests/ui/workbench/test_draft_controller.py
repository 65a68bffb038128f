"""Edits, undo, fixes and the dataset in use, without an app."""

from pathlib import Path

import msgspec
import pytest

from tests.conftest import Write
from tests.factories import opening, whole_run
from tests.ui.workbench.fake_host import FakeHost
from tuinn.data import loader
from tuinn.runs.events import EpochEnded
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower


def test_every_edit_is_drawn_and_can_be_undone_and_redone(
    host: FakeHost, drafts: DraftController, shown: list[Draft]
) -> None:
    first = drafts.draft
    drafts.edit_spec(first.spec.with_fit(epochs=7))
    drafts.undo()
    drafts.redo()
    assert [draft.spec.fit.epochs for draft in shown] == [7, first.spec.fit.epochs, 7]
    drafts.redo()
    assert host.last == "There is nothing to redo."
    drafts.undo()
    drafts.undo()
    assert host.last == "There is nothing to undo."
    assert drafts.draft is first


def test_the_dataset_in_use_is_replaced_with_a_network_that_fits(
    host: FakeHost, drafts: DraftController, shown: list[Draft]
) -> None:
    drafts.use(DatasetSpec("iris"))
    assert drafts.draft.spec == PRESETS["iris-lab"]()
    assert host.work == []
    assert shown == [drafts.draft]


def test_data_of_which_nothing_is_known_are_described_in_a_thread_before_they_are_used(
    host: FakeHost, drafts: DraftController, shown: list[Draft], flats: DatasetSpec
) -> None:
    drafts.use(flats)
    assert drafts.draft.spec == default_draft()
    assert shown == []
    host.do_work()
    assert drafts.draft.spec.dataset == flats
    assert drafts.draft.problems == ()


def test_an_edit_of_such_a_draft_keeps_what_is_known(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.edit(Draft(default_draft().with_dataset(flats)))
    assert len(host.work) == 1
    host.do_work()
    drafts.edit(Draft(drafts.draft.spec.with_fit(epochs=3)))
    assert host.work == []
    assert drafts.draft.is_known


def test_what_is_found_out_about_data_that_were_replaced_meanwhile_is_dropped(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    host.do_work()
    drafts.describe_again()
    drafts.use(DatasetSpec("iris"))
    used = drafts.draft
    host.do_work()
    assert drafts.draft is used
    assert used.spec.dataset.name == "iris"


def test_data_are_described_again_without_an_edit_to_undo(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    host.do_work()
    edits, before = len(drafts.history.past), drafts.draft
    Path(flats.path).unlink()
    loader.forget_inspected()
    drafts.describe_again()
    host.do_work()
    assert drafts.draft is not before
    assert (drafts.draft.spec, len(drafts.history.past)) == (before.spec, edits)
    assert drafts.draft.is_lost


def test_only_the_dataset_in_use_is_described_again_once_it_is_downloaded(
    host: FakeHost, drafts: DraftController
) -> None:
    drafts.dataset_downloaded("mnist")
    assert host.work == []
    drafts.dataset_downloaded(drafts.draft.spec.dataset.name)
    assert len(host.work) == 1


def test_the_first_fix_is_applied_by_one_key(host: FakeHost, drafts: DraftController) -> None:
    drafts.apply_first_fix()
    assert host.last == "Nothing needs fixing."
    model = drafts.draft.spec.model.insert(1, LayerSpec.of("Conv2D", filters=8, kernel_size=3))
    drafts.edit_spec(drafts.draft.spec.with_model(model))
    assert drafts.draft.error is not None
    drafts.apply_first_fix()
    assert drafts.draft.error is None


def test_a_fix_that_names_other_data_brings_a_network_for_them(drafts: DraftController) -> None:
    drafts.apply_fix(drafts.draft.spec.with_dataset(DatasetSpec("wine")))
    assert drafts.draft.spec.dataset.name == "wine"
    assert drafts.draft.problems == ()


def test_a_draft_with_an_error_is_not_trained_and_its_fix_is_named(
    host: FakeHost, drafts: DraftController
) -> None:
    assert drafts.trainable_spec() == default_draft()
    drafts.edit_spec(default_draft().with_fit(loss="binary_crossentropy"))
    assert drafts.trainable_spec() is None
    assert host.last.endswith("f: set loss to auto")
    assert len(host.problems) == 1


def test_data_that_have_gone_since_they_were_described_are_not_trained_on(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    host.do_work()
    Path(flats.path).unlink()
    assert drafts.trainable_spec() is None
    assert len(host.problems) == 1
    host.do_work()
    assert drafts.draft.error is not None


def test_a_spec_is_copied_and_data_of_ones_own_are_looked_at_in_a_thread(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.copy_spec(PRESETS["iris-lab"]())
    assert drafts.draft.spec == PRESETS["iris-lab"]()
    drafts.undo()
    assert drafts.draft.spec == default_draft()
    drafts.copy_spec(default_draft().with_dataset(flats))
    assert drafts.draft.spec == default_draft()
    host.do_work()
    assert drafts.draft.spec.dataset == flats


def test_what_a_run_found_in_the_users_own_data_is_noted_once(
    host: FakeHost, drafts: DraftController, write_run: Write, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    host.do_work()
    own, other = write_run(opening(), drafts.draft.spec), write_run(opening())
    follower = RunFollower(own)
    drafts.note_run(None)
    drafts.note_run(follower)
    drafts.note_run(RunFollower(other))
    assert host.work == [], "the run has not read its data yet, or they are no data of the user's own"
    follower.catch_up()
    drafts.note_run(follower)
    drafts.note_run(follower)
    assert len(host.work) == 1


def test_a_reopened_run_on_data_of_ones_own_is_the_draft_whatever_it_says_of_them_meanwhile(
    host: FakeHost, drafts: DraftController, write_run: Write, flats: DatasetSpec
) -> None:
    run = RunFollower(write_run(whole_run(), Draft(default_draft()).on(flats).spec))
    drafts.edit(Draft(run.spec))
    run.catch_up()
    drafts.note_run(run)
    assert drafts.trainable_spec() is None, "the first draft is not what the screen shows a run of"
    host.do_work()
    assert drafts.trainable_spec() == run.spec
    assert [column.name for column in drafts.draft.facts.columns] == ["rooms", "floor"]


def test_a_reopened_run_that_knows_its_data_is_the_draft_at_once_until_they_are_looked_at_anew(
    host: FakeHost, drafts: DraftController, shown: list[Draft], write_run: Write, flats: DatasetSpec
) -> None:
    spec = Draft(default_draft()).on(flats).spec
    folder = write_run(whole_run(), spec)
    folder.facts_file.write_bytes(msgspec.json.encode(DataInfo(loader.describe(flats).facts, "My flats")))
    Path(flats.path).unlink()
    loader.forget_inspected()
    drafts.edit_to_run(RunFollower(folder))
    assert [(draft.spec, draft.entry.title, draft.error) for draft in shown] == [(spec, "My flats", None)]
    assert drafts.trainable_spec() is None, "the data are gone, and a look at the disk tells at once"
    host.do_work()
    assert drafts.draft.spec == spec
    assert drafts.draft.error is not None


@pytest.mark.parametrize("then", ["built in", "own", "same data", "undo"])
def test_a_description_that_ends_late_takes_the_place_of_nothing_that_was_wanted_after_it(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec, tmp_path: Path, then: str
) -> None:
    drafts.edit_spec(drafts.draft.spec.with_fit(epochs=7))
    drafts.use(flats)
    (late,) = host.work
    (tmp_path / "houses.csv").write_text(Path(flats.path).read_text())
    match then:
        case "built in":
            drafts.use(DatasetSpec("iris"))
        case "own":
            drafts.use(DatasetSpec.at(str(tmp_path / "houses.csv")))
            host.do_work()
        case "same data":
            drafts.edit(Draft(default_draft()))
        case _:
            drafts.undo()
    wanted = drafts.draft
    late()
    assert drafts.draft is wanted
    assert drafts.trainable_spec() == wanted.spec


def test_an_edit_of_the_network_while_data_are_described_keeps_them_wanted(
    host: FakeHost, drafts: DraftController, flats: DatasetSpec
) -> None:
    drafts.use(flats)
    drafts.edit_spec(drafts.draft.spec.with_fit(epochs=7))
    host.do_work()
    assert drafts.draft.spec.dataset == flats
    drafts.undo()
    assert drafts.draft.spec == default_draft().with_fit(epochs=7)


def overfitted(write_run: Write) -> RunFollower:
    """A run of eight epochs whose validation loss rises after the third."""
    losses = (
        (1.0, 1.0),
        (0.8, 0.8),
        (0.6, 0.7),
        (0.5, 0.72),
        (0.4, 0.75),
        (0.3, 0.8),
        (0.2, 0.85),
        (0.1, 0.9),
    )
    epochs = [
        EpochEnded(
            at=110, epoch=number, metrics={"loss": loss, "val_loss": val}, seconds=1, learning_rate=1e-3
        )
        for number, (loss, val) in enumerate(losses, start=1)
    ]
    run = RunFollower(write_run([*opening(epochs=8), *epochs]))
    run.catch_up()
    return run


def test_what_a_run_shows_is_answered_by_the_fix_key_where_the_draft_itself_is_right(
    host: FakeHost, drafts: DraftController, write_run: Write
) -> None:
    drafts.judge(overfitted(write_run))
    assert drafts.run_problem is not None
    assert "overfitting" in str(drafts.run_problem)
    drafts.apply_first_fix()
    assert drafts.draft.spec.fit.early_stopping_patience == 5
    assert host.last == "The draft is changed: stop early, patience 5. r trains it, u undoes that."
    drafts.apply_first_fix()
    assert drafts.draft.spec.model.layers[4].options["rate"] == 0.4


def test_a_run_on_other_data_than_the_drafts_has_no_fix_for_it(
    drafts: DraftController, write_run: Write
) -> None:
    drafts.judge(overfitted(write_run))
    drafts.use(DatasetSpec("iris"))
    assert drafts.run_problem is not None
    assert drafts.run_problem.fixes == ()


def test_the_fix_key_mends_the_draft_before_it_answers_a_run(
    drafts: DraftController, write_run: Write
) -> None:
    drafts.judge(overfitted(write_run))
    drafts.edit_spec(drafts.draft.spec.with_fit(loss="binary_crossentropy"))
    drafts.apply_first_fix()
    assert drafts.draft.spec.fit.loss == "auto"
    assert drafts.draft.spec.fit.early_stopping_patience == 0
