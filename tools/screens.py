"""Pictures of the screens, for README and guide: real runs in a home of their own, driven by keys without a terminal."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from PIL import Image
from textual.pilot import Pilot

from tuinn.runs.folder import RunFolder, all_runs, find_run
from tuinn.spec.presets.catalog import PRESETS, default_draft, fashion_cnn, fashion_lab, iris_lab
from tuinn.spec.run import RunSpec
from tuinn.ui.app import TuinnApp

WAIT_SECONDS = 120
"""How long a screen may take to show what it should."""

LOOKS_PER_SECOND = 5


@dataclass(frozen=True)
class Scene:
    """A picture, and how one comes to it."""

    name: str
    steps: tuple[tuple[str, str], ...]
    """Keys with spaces between them, and words that the screen shows once they are obeyed."""
    draft: RunSpec | None = None
    with_run: bool = False
    """Whether the newest run is shown, instead of a draft."""
    of: str = ""
    """Whether it is the newest of this preset, rather."""
    size: tuple[int, int] = (120, 40)
    light: bool = False


def without_flatten() -> RunSpec:
    """A draft that needs a fix."""
    spec = default_draft()
    return spec.with_model(spec.model.remove(1))


SCENES = (
    Scene("first", (("", "Press r to train"),), size=(80, 24)),
    Scene("workbench", (("5", "Next: "),), with_run=True),
    Scene("charts", (("4", "Next: "),), with_run=True, size=(80, 24)),
    Scene("light", (("4", "Next: "),), with_run=True, light=True),
    Scene("fixes", (("F", "Flatten"),), draft=without_flatten()),
    Scene("look", (("v", "as stored"), ("2 shift+down shift+down shift+right shift+right", "rank 2"))),
    Scene("confusion", (("5", "Next: "), ("c", "predicted as")), with_run=True, size=(80, 24)),
    Scene(
        "gallery",
        (("5", "Next: "), ("c", "predicted as"), ("enter", "said to be")),
        with_run=True,
        size=(80, 24),
    ),
    Scene(
        "lens",
        (("5", "Next: "), ("i", "in numpy"), ("", "over 30 test samples")),
        of="iris-lab",
        size=(80, 24),
    ),
    Scene(
        "lens-maps",
        (("5", "Next: "), ("i", "in numpy"), ("", "test samples")),
        of="fashion-cnn",
    ),
    Scene(
        "calibration", (("5", "Next: "), ("percent_sign", "Calibration error")), with_run=True, size=(80, 24)
    ),
    Scene(
        "lens-why",
        (("5", "Next: "), ("i", "in numpy"), ("x", "falls")),
        of="fashion-cnn",
        size=(80, 24),
    ),
    Scene("labels", (("5", "Next: "), ("W", "look wrong")), with_run=True, size=(80, 24)),
    Scene("report", (("5", "Next: "), ("e", "balanced accuracy")), with_run=True, size=(80, 30)),
    Scene("doctor", (("4", "Next: "), ("D", "doctor found")), with_run=True, size=(80, 24)),
    Scene(
        "own",
        (("5", "Next: "), ("o down enter", "Enter: steps"), ("enter", "a training sample")),
        of="fashion-cnn",
    ),
    Scene("runs", (("l", "Runs"),)),
    Scene("comparison", (("l", "Runs"), ("space space space c", "differ"))),
    Scene("differ", (("l", "Runs"), ("space space c", "differ"), ("x", "McNemar")), size=(80, 24)),
    Scene("sweep", (("R", "finished"), ("down enter", "trials"))),
)


def make(folder: Path) -> Iterator[Path]:
    """Write `NAME.svg` of every scene into `folder`, and yield each. Trains first, which takes minutes.

    Raises TimeoutError where a screen doesn't show what it should, CalledProcessError where a training fails.
    """
    with tempfile.TemporaryDirectory(prefix="tuinn-screens-") as home, environment(Path(home)):
        for scene in SCENES:
            if scene is SCENES[1]:
                train(Path(home))  # the first one shows a home without runs
            file = folder / f"{scene.name}.svg"
            file.write_text(asyncio.run(picture(scene)))
            yield file


@contextmanager
def environment(home: Path) -> Iterator[None]:
    """A home with nothing of the user's own in it, for this process and those it starts."""
    before = dict(os.environ)
    os.environ.update(TUINN_HOME=str(home), TUINN_STANDBY="0", TUINN_IDLE="0", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def take_photo(home: Path) -> None:
    """A photo of trousers, dark on white, that was asked about before."""
    photo, ink = Image.new("RGB", (640, 480), "#f5f4f0"), "#1e283c"
    for box in ((270, 80, 371, 141), (270, 140, 313, 421), (328, 140, 371, 421)):
        photo.paste(ink, box)
    photo.save(home / "photo.png")
    (home / "asked.json").write_text(json.dumps({"pictures": [str(home / "photo.png")]}))


def train(home: Path) -> None:
    """The runs and the sweep that are shown, the newest last."""
    take_photo(home)

    def tuinn(*words: str, spec: RunSpec) -> None:
        file = home / "spec.toml"
        file.write_text(spec.toml())
        command = [sys.executable, "-m", "tuinn", *words[:-1], str(file), words[-1]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    sweep = (
        "sweep",
        "start",
        "--over",
        "fit.learning_rate=log:1e-4..1e-1",
        "--over",
        "layers[1].units=4..32",
    )
    tuinn(*sweep, "--trials", "8", "--follow", spec=iris_lab().with_fit(epochs=40))
    for spec in (iris_lab(), fashion_cnn().with_fit(epochs=4), fashion_lab().with_fit(epochs=8)):
        tuinn("train", "--plain", spec=spec)
    tuinn("train", "--plain", spec=fashion_lab().with_fit(epochs=40))


def run_of(scene: Scene) -> RunFolder | None:
    """The run that is shown, if one is."""
    if scene.of:
        wanted = PRESETS[scene.of]().model
        return next(folder for folder in all_runs() if folder.spec().model == wanted)
    return find_run("last") if scene.with_run else None


async def picture(scene: Scene) -> str:
    """The screen of a scene, as SVG."""
    app = TuinnApp(scene.draft, run_of(scene))
    async with app.run_test(size=scene.size) as pilot:
        if scene.light:
            app.action_other_theme()
        for keys, words in scene.steps:
            await pilot.press(*keys.split())
            await shown(pilot, words, scene.name)
        return app.export_screenshot(title="tuinn")


async def shown(pilot: Pilot[None], words: str, name: str) -> None:
    """Until the screen shows the words and stands still."""
    before = ""
    for _ in range(WAIT_SECONDS * LOOKS_PER_SECOND):
        await pilot.pause(1 / LOOKS_PER_SECOND)
        texts = re.findall(r"<text[^>]*>([^<]*)", pilot.app.export_screenshot())
        now = " ".join(" ".join(map(unescape, texts)).split())
        if words in now and now == before:
            return
        before = now
    raise TimeoutError(f"{name}: the screen doesn't show {words!r}: {before}")
