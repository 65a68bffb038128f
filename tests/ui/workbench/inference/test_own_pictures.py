"""The class that the screen shows for a picture of the user's own is that of the command line."""

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.cli.predict import as_text, prediction_of
from tuinn.runs.events import PictureAnswered, Predicted
from tuinn.spec.dataset import DataFacts, Task
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.predict_text import OwnAnswer


async def test_an_answer_stays_while_its_run_trains_on_and_goes_with_its_run(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run(whole_run())
    async with bench(NARROW, run=folder) as here:
        await here.press("5")
        told = facts(Task.CLASSES, "cat", "dog")
        here.screen.show_answer(OwnAnswer("x.png", told, (0.1, 0.9), pixels=np.zeros((8, 8), np.float32)))
        append(folder, Predicted(epoch=9, count=100, mistakes=20))
        await here.tick()
        assert "x.png · dog" in here.text()
        here.screen.runs.attach(write_run(whole_run()).name)
        await here.press("5")
        assert "x.png" not in here.text()
        assert "#1 of 1,000" in here.text()


def facts(task: Task, *classes: str) -> DataFacts:
    return DataFacts(task, (8, 8), "uint8", 0, 255, classes, 10, 10)


@pytest.mark.parametrize(
    ("told", "outputs", "head", "bars"),
    [
        (facts(Task.BINARY, "cat", "dog"), (0.9,), "x.png · dog", ["  cat 10.0 %", "▸ dog 90.0 %"]),
        (facts(Task.BINARY, "cat", "dog"), (0.2,), "x.png · cat", ["▸ cat 80.0 %", "  dog 20.0 %"]),
        (facts(Task.BINARY, "cat", "dog"), (0.6, 0.4), "x.png · cat", ["▸ cat 60.0 %", "  dog 40.0 %"]),
        (facts(Task.CLASSES, "cat", "dog", "owl"), (0.1, 0.2, 0.7), "x.png · owl", ["▸ owl 70.0 %"]),
        (facts(Task.LABELS, "cat", "dog", "owl"), (0.9, 0.2, 0.7), "x.png · cat + owl", ["▸ cat 90.0 %", "  dog 20.0 %", "▸ owl 70.0 %"]),
        (facts(Task.LABELS, "cat", "dog"), (0.1, 0.2), "x.png · none", ["  cat 10.0 %"]),
        (facts(Task.REGRESSION), (3.5,), "x.png · 3.5", []),
        (facts(Task.CLASSES, "cat", "dog"), (None, None), "x.png · the outputs are not finite", []),
        (facts(Task.REGRESSION), (None,), "x.png · the outputs are not finite", []),
    ],
)  # fmt: skip
async def test_a_picture_is_shown_as_the_command_line_tells_it(
    bench: Opener, told: DataFacts, outputs: tuple[float | None, ...], head: str, bars: list[str]
) -> None:
    answer = PictureAnswered(request="r", file="/pictures/x.png", outputs=outputs)
    async with bench(NARROW) as here:
        await here.press("5")
        pixels = np.zeros((8, 8), np.float32)
        here.screen.query_one(PredictPane).show_answer(OwnAnswer("x.png", told, outputs, pixels=pixels))
        await here.settle()
        lines = here.text().splitlines()
    assert any(head in line for line in lines)
    for bar in bars:
        sign, name, *share = bar[0], *bar[1:].split()
        assert any(
            f"{sign}  {name} " in line and line.rstrip(" │").endswith(" ".join(share)) for line in lines
        )
    prediction = prediction_of(answer, "x.png", told)
    if prediction.label:
        assert prediction.label.split(", ") == head.removeprefix("x.png · ").split(" + ")
    elif None not in outputs and told.task is Task.REGRESSION:
        assert as_text(prediction) == head.replace(" · ", "  ")
