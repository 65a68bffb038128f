"""What the first screen must not wait for."""

import subprocess
import sys

LOOK = """
import sys
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.app import TuinnApp
from tuinn.view.draft import Draft
from tuinn.ui.datasets.dataset_list import without_files
draft = Draft(TuinnApp().first_draft)
draft.problems, without_files()
print([name for name in ("numpy", "polars", "PIL", "requests", "tuinn.labs", "tuinn.ui.labs") if name in sys.modules])
"""


def test_the_first_screen_stands_before_any_heavy_library_is_loaded() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
