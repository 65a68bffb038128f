"""Which screen a lab page is. A page is imported only when it is opened."""

from importlib import import_module
from typing import TYPE_CHECKING

from tuinn.labs.places import PAGES

if TYPE_CHECKING:
    from tuinn.ui.labs.page import LabPage, PageStep

SCREENS: dict[str, str] = {
    "neuron": "neuron:NeuronPage",
    "descent": "descent:DescentPage",
    "geometry": "geometry:GeometryPage",
    "playground": "playground:PlaygroundPage",
    "tensors": "tensors:TensorsPage",
}
"""Name of a page, as in PAGES → `module:class`."""


def make_page(name: str, step: "PageStep | None" = None) -> "LabPage":
    """Make the screen of this page, for a step of a lesson or for itself."""
    module, _, kind = SCREENS[name].partition(":")
    page = getattr(import_module(f"tuinn.ui.labs.{module}"), kind)(step)
    assert page.page == name
    assert page.page in PAGES
    return page  # type: ignore[no-any-return]
