"""Each private name of Textual that tuinn uses is there and means what it did; the test that fails names it."""

import inspect

import pytest
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input

from tuinn.ui import textual_internals


def test_the_updates_of_the_compositor_have_their_strips() -> None:
    assert [*inspect.signature(LayoutUpdate.__init__).parameters][1:] == ["strips", "region"]
    assert [*inspect.signature(ChopsUpdate.__init__).parameters][1:] == ["chops", "spans", "chop_ends"]


def test_an_app_displays_through_one_method() -> None:
    assert [*inspect.signature(App._display).parameters] == ["self", "screen", "renderable"]


@pytest.mark.app
async def test_a_headless_app_draws_nothing() -> None:
    app = App[None]()
    async with app.run_test():
        assert app._running
        assert app._batch_count == 0
        assert not app._closed
        assert not textual_internals.is_drawing(app)


def test_the_attributes_of_a_style_are_bits_that_are_on() -> None:
    assert (
        textual_internals.visible_attributes(Style(bold=True, underline=False))
        == Style(bold=True)._attributes
    )
    assert textual_internals.visible_attributes(Style(color="red")) == 0


def test_a_widget_knows_its_own_bindings_by_key() -> None:
    assert [one.action for one in textual_internals.bindings_of_key(Input(), "backspace")] == ["delete_left"]
    assert list(textual_internals.bindings_of_key(Input(), "f12")) == []


def test_an_input_handles_its_keys_in_one_method() -> None:
    assert inspect.iscoroutinefunction(Input._on_key)


def test_style_sheets_are_parsed_where_the_tests_keep_them() -> None:
    assert "read_from" in inspect.signature(Stylesheet._parse_rules).parameters
