"""The hub: lessons as steps that lead to the workbench and mark themselves done; lab pages; search."""

from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening
from tests.labs.test_lessons import LESSON
from tests.ui.conftest import NARROW, ROOMY, Opener
from tests.ui.test_keys import classes
from tuinn.labs.lessons.library import library
from tuinn.labs.lessons.progress import note_run, read_progress, steps_done
from tuinn.labs.places import PAGES, WORKBENCH
from tuinn.spec.presets.catalog import iris_lab
from tuinn.ui.datasets.viewer import DatasetViewer
from tuinn.ui.keys.table import TABLE, action_of
from tuinn.ui.labs.hub import LabsHub, StepChosen
from tuinn.ui.labs.hub_rows import LessonList, rows
from tuinn.ui.labs.page import LabPage, PageStep
from tuinn.ui.labs.registry import SCREENS, make_page
from tuinn.ui.workbench.layout import CHARTS, LAYERS, PREDICT
from tuinn.ui.workbench.lesson_guide import COVERS
from tuinn.ui.workbench.screen import Workbench
from tuinn.view.draft import Draft


@pytest.fixture
def two(own_home: Path) -> str:
    """A lesson of the user's own: look at iris, then train."""
    (own_home / "lessons").mkdir(parents=True)
    (own_home / "lessons" / "two.toml").write_text(LESSON)
    return "two"


def done(name: str) -> list[bool]:
    return steps_done(library().find(name), read_progress())


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_0_opens_the_labs_anywhere_and_escape_leads_back(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        for pane in "12345":
            await here.press(pane, "0")
            here.top(LabsHub)
            assert "Fashion lab" in here.text()
            assert "published" in here.text()
            await here.press("escape")
            here.top(Workbench)


async def test_a_step_takes_its_data_network_and_settings_goes_there_and_is_marked(
    bench: Opener, two: str
) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        assert "Two steps" in here.text()
        await here.press("enter")
        here.top(DatasetViewer)
        assert here.screen.draft.spec == iris_lab().with_fit(epochs=3)
        assert done(two) == [True, False]
        await here.press("escape")
        assert "Look for: petals." in here.words()
        await here.press("0")
        assert "✓ 1 look" in here.words()


async def test_the_run_of_a_step_marks_it_and_its_figure_stands_beside_the_published_one(
    bench: Opener, two: str
) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        await here.press("down", "enter")
        assert here.screen.tabs.shown == CHARTS
        assert done(two) == [False, False]
        await here.press("r")
        run = here.screen.run
        assert run is not None
        append(run.folder, *opening(), *epoch(1, 1.0), *ending())
        await here.tick()
        assert done(two) == [False, True]
        await here.press("0", "down")
        assert "published test accuracy: 0.9500" in here.words()
        assert "yours 0." in here.words()


@pytest.mark.parametrize("units", [5, 8])
async def test_a_run_started_from_another_step_counts_where_it_is_the_lessons(
    bench: Opener, two: str, units: int
) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        await here.press("enter", "escape")
        assert done(two) == [True, False]
        here.screen.drafts.edit(Draft(here.screen.draft.spec.with_setting("layers[1].units", str(units))))
        await here.press("r")
        run = here.screen.run
        assert run is not None
        append(run.folder, *opening(), *epoch(1, 1.0), *ending())
        await here.tick()
        assert done(two) == [True, units == 5]


async def test_a_step_that_looks_at_a_network_shows_the_lessons_run_or_says_what_trains_it(
    bench: Opener, own_home: Path, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *ending()], iris_lab())
    (own_home / "lessons").mkdir(parents=True)
    text = LESSON + '\n[[steps]]\ntitle = "see"\ndo = "See."\nlook = "it."\nscreen = "predict"\n'
    (own_home / "lessons" / "two.toml").write_text(text)
    told = library().find("two")
    async with bench() as here:
        here.screen.lessons.open("two")
        await here.settle()
        await here.press("end", *["up"] * (len(PAGES) + bool(PAGES)), *["up"] * 20, "down")
        hub = here.top(LabsHub)
        hub.show_rows(next(row for row in rows(hub.told, {"two"}) if row.lesson == told and row.at == 2))
        await here.press("enter")
        assert "The step “train” trains it" in here.text()
        note_run(told, told.steps[1], folder.name)
        await here.press("0")
        hub = here.top(LabsHub)
        hub.show_rows(next(row for row in hub.rows if row.lesson == told and row.at == 2))
        await here.press("enter")
        assert here.screen.run is not None
        assert here.screen.run.folder.name == folder.name
        assert here.screen.tabs.shown == PREDICT
        assert done("two") == [False, True, True]


async def test_e_ends_the_lesson_and_escape_leaves_it_as_it_is(bench: Opener, two: str) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        await here.press("enter", "escape", "0", "escape")
        assert "Look for: petals." in here.words()
        await here.press("0", "e")
        assert "Look for" not in here.words()
        assert here.screen.lessons.step is None


async def test_r_takes_what_the_lesson_trains_and_trains_it_at_once(bench: Opener, two: str) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        await here.press("r")
        assert here.screen.run is not None
        assert here.screen.run.spec.fit.epochs == 3
        assert read_progress().lessons["two"].runs == {"train": here.screen.run.folder.name}
        here.screen.lessons.open("two-neurons")
        await here.settle()
        await here.press("r")
        assert "No step of this lesson trains a network in the workbench." in here.words()


async def test_search_shows_what_has_all_words_and_escape_ends_it(bench: Opener) -> None:
    async with bench() as here:
        await here.press("0", "slash")
        await here.type("quagga")
        hub = here.top(LabsHub)
        assert hub.rows == []
        await here.press(*["backspace"] * 6)
        await here.type("softmax at the end")
        assert [row.at is not None for row in hub.rows] == [False, True]
        await here.press("escape")
        assert len(hub.rows) > 2
        await here.press("escape")
        here.top(Workbench)


async def test_f1_explains_the_words_that_the_lesson_needs(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.screen.lessons.open("fashion-lab")
        await here.settle()
        await here.press("f1")
        assert "One pass over all training samples." in here.words()
        await here.press("escape")
        here.top(LabsHub)


async def test_space_marks_a_step_and_takes_that_back(bench: Opener, two: str) -> None:
    async with bench() as here:
        here.screen.lessons.open(two)
        await here.settle()
        await here.press("space")
        assert done(two) == [True, False]
        await here.press("space")
        assert done(two) == [False, False]


async def test_a_lesson_that_cannot_be_read_is_told_of(bench: Opener, own_home: Path) -> None:
    (own_home / "lessons").mkdir(parents=True)
    (own_home / "lessons" / "wrong.toml").write_text("title = 1")
    async with bench() as here:
        await here.press("0")
        assert "wrong.toml, line 1" in here.words()


async def test_a_step_in_a_pane_shows_it(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.screen.lessons.open("fashion-lab")
        await here.settle()
        await here.press("down", "enter")
        assert here.screen.tabs.shown == LAYERS
        assert "2/8 the layers" in here.words()


@pytest.mark.parametrize("name", [lesson.name for lesson in library().lessons])
async def test_every_step_of_a_lesson_that_needs_no_run_opens_its_screen_and_is_marked(
    bench: Opener, name: str
) -> None:
    lesson = library().find(name)
    async with bench(NARROW) as here:
        for at, step in enumerate(lesson.steps):
            if step.screen in PAGES:
                here.app.push_screen(make_page(step.screen, PageStep(lesson, at)))
            elif WORKBENCH[step.screen].needs_run or (step.screen == "viewer" and not lesson.dataset):
                continue
            else:
                here.screen.lessons.go(StepChosen(lesson, at))
            await here.settle()
            assert step.screen in PAGES or here.screen.lessons.at == at
            assert done(name)[at] or step.done != "opened", step.title
            while len(here.app.screen_stack) > 2:
                await here.press("escape")
            here.top(Workbench)


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_a_lesson_on_lab_pages_is_followed_to_its_end_with_enter_and_escape(
    bench: Opener, size: tuple[int, int]
) -> None:
    async with bench(size) as here:
        here.screen.lessons.open("two-neurons")
        await here.settle()
        for at, keys in enumerate(["2+", "1+", "w", "tt", "3"]):
            await here.press("enter")
            here.top(LabPage)
            step = library().find("two-neurons").steps[at]
            assert f"Step {at + 1} of 5" in here.text()
            assert step.look in here.words(), "told to its end"
            while not done("two-neurons")[at]:
                await here.press(*keys)
            await here.press("escape")
        assert "5 of 5" in here.text()


def test_the_list_begins_where_one_left_off() -> None:
    lessons = library().lessons
    told = LessonList(lessons, {lesson.name: [False] * len(lesson.steps) for lesson in lessons})
    assert told.current() == lessons[0]
    told.done[lessons[1].name][0] = True
    assert told.current() == lessons[1]
    assert told.next_step(lessons[1]) == 1
    told.done[lessons[1].name][3] = True
    assert told.next_step(lessons[1], 3) == 4, "on from where the user is"
    told.done[lessons[1].name][1:] = [True] * (len(lessons[1].steps) - 1)
    told.done[lessons[1].name][0] = False
    assert told.next_step(lessons[1], 3) == 0, "then what was left out"


def test_places_lead_where_the_keys_of_the_workbench_lead() -> None:
    panes = ("", "dataset", "layers", "summary", "charts", "predict")
    for place in WORKBENCH.values():
        first, *others = place.keys.split()
        assert action_of("workbench", first)
        assert all(action_of(panes[int(first)], key) for key in others)
    assert set(COVERS) == {name for name, place in WORKBENCH.items() if not place.keys.isdigit()}
    assert {name for names in COVERS.values() for name in names} <= {kind.__name__ for kind in classes()}


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_a_screen_and_keys(name: str) -> None:
    assert isinstance(make_page(name), LabPage)
    assert f"lab_{name}" in TABLE


def test_no_screen_is_without_a_page() -> None:
    assert set(SCREENS) == set(PAGES)
