"""One key means one kind of thing, on every screen; help shows all of them and never more than has room."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import tuinn.ui
from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import FIT_OPTIONS
from tuinn.spec.layers.catalog import CATALOG, LAYER_TYPES
from tuinn.ui.dialogs.glossary import WORDS
from tuinn.ui.dialogs.help import (
    FIELD_WORDS,
    LAYER_WORDS,
    SIGNS,
    field_words,
    groups,
    help_lines,
    key_names,
    word_groups,
)
from tuinn.ui.keys.table import TABLE, TITLES
from tuinn.ui.sweeps.sweep_text import STATE_SIGNS
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.chart_drawing import BEST, GAP, MARKERS, SPOT
from tuinn.ui.widgets.controls import SIGNS as MESSAGE_SIGNS
from tuinn.view.run_view import Mark
from tuinn.view.trial_table import SIGNS as TRIAL_SIGNS

KINDS = {
    "s": {"stop"},
    "f6": {"stop"},
    "r": {"run", "resume"},
    "f5": {"run", "resume"},
    "R": {"sweeps"},
    "d": {"remove", "forget", "restore"},
    "delete": {"remove", "forget", "restore"},
    "u": {"undo"},
    "ctrl+z": {"undo"},
    "y": {"copy", "copy_path"},
    "q": {"leave", "back", "close", "dismiss"},
    "f10": {"leave", "close", "quit"},
    "slash": {"filter", "search"},
    "greater_than_sign": {"sort", "order", "scroll_runs"},
    "question_mark": {"help", "dismiss"},
    "L": {"worker_log", "dismiss"},
    "S": {"export"},
    "H": {"history", "dismiss"},
    "k": {"move", "cursor_up"},
    "j": {"move", "cursor_down"},
    "G": {"go", "last"},
    "K": {"move"},
    "J": {"move"},
}
"""Key → the actions that it may stand for anywhere. Other keys differ from screen to screen."""


def classes() -> Iterator[type[DOMNode]]:
    """Every widget, screen and app of tuinn."""
    for module in pkgutil.walk_packages(tuinn.ui.__path__, "tuinn.ui."):
        loaded = importlib.import_module(module.name)
        for value in vars(loaded).values():
            if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == module.name:
                yield value


def actions_by_key() -> dict[str, dict[str, set[str]]]:
    """Key → action without its namespace and arguments → the classes that bind it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind in classes():
        for binding in Binding.make_bindings(vars(kind).get("BINDINGS", ())):
            action = binding.action.split("(")[0].rsplit(".")[-1]
            found[binding.key][action].add(kind.__name__)
    return found


def test_a_key_means_one_kind_of_thing_on_every_screen() -> None:
    found = actions_by_key()
    others = {
        key: {action: names for action, names in found[key].items() if action not in allowed}
        for key, allowed in KINDS.items()
    }
    assert {key: actions for key, actions in others.items() if actions} == {}
    assert {key for key in KINDS if key not in found} == set()


def test_the_classes_bind_what_the_table_of_keys_has() -> None:
    found = actions_by_key()
    missing = [
        (where, name)
        for where, keys in TABLE.items()
        for key in keys
        for name in key.keys.split(",")
        if key.action.split("(")[0].rsplit(".")[-1] not in found[name]
    ]
    assert missing == []


def test_no_two_keys_of_a_place_are_the_same() -> None:
    for where, keys in TABLE.items():
        for when in {key.when for key in keys}:
            names = [name for key in keys if key.when in ("", when) for name in key.keys.split(",")]
            assert sorted(names) == sorted(set(names)), where


@pytest.mark.parametrize("width", [40, 58, 74, 116, 196, 300])
def test_help_fits_and_every_key_of_every_place_stands_in_it(width: int) -> None:
    lines = help_lines(groups(["layers", "workbench"]), width, "#ffffff")
    assert max(line.cell_len for line in lines) <= width
    assert lines[0].plain.startswith("Layers")
    words = " ".join(" ".join(line.plain.split()) for line in lines)
    if width in (58, 74):  # one column: each row is whole
        for key in (key for keys in TABLE.values() for key in keys):
            assert " ".join(key.help.split()[:3]) in words
            assert " ".join(key_names(key.keys).split()[:2]) in words
    assert all(title in words for title in TITLES.values() if width >= 58)


def test_a_terminal_twice_as_wide_has_two_columns_and_less_to_scroll() -> None:
    all_groups = groups()
    one, two, three = (len(help_lines(all_groups, width, "#ffffff")) for width in (74, 116, 196))
    assert one > 1.5 * two > 1.5 * three


def test_a_search_keeps_the_rows_with_all_words_in_key_help_or_heading() -> None:
    (workbench,) = [group for group in groups() if group.title == TITLES["workbench"]]
    assert [name for name, _ in workbench.matching(["tested", "stop"]).rows] == []
    assert [name for name, _ in workbench.matching(["batch", "stop"]).rows] == ["s  F6"]
    assert [name for name, _ in workbench.matching(["ctrl+y"]).rows] == ["Ctrl+Y"]
    assert workbench.matching(["workbench"]) == workbench


def test_help_explains_every_sign_that_is_drawn() -> None:
    explained = " ".join(name for name, _ in SIGNS).split()
    drawn = {sign for signs in (RUN_STATE_SIGNS, STATE_SIGNS) for sign, _ in signs.values()}
    drawn |= {*TRIAL_SIGNS.values(), *MARKERS, BEST, SPOT, GAP}
    drawn |= {sign.strip() for sign, _ in MESSAGE_SIGNS.values()}
    events = [
        "rate 0.1",
        "5 epochs",
        "paused",
        "patience 3",
        "no early stopping",
        "stop after this batch",
        "saved",
    ]
    drawn |= {Mark(1.0, word).sign for word in [*events, "back to the best", "resumed"]}
    assert drawn - set(explained) == set()


def test_every_word_of_the_glossary_stands_once_in_its_order_and_in_short() -> None:
    names = [name for name, _ in WORDS]
    assert names == sorted(set(names), key=str.casefold)
    assert max(len(text) for _, text in WORDS) < 300
    assert all(text.endswith(".") for _, text in WORDS)
    assert [name for name, text in WORDS if not 2 <= len(re.findall(r"[.!?](?: |$)", text)) <= 5] == []


@pytest.mark.parametrize("word", ["recall", "overfit", "val_loss", "epoch", "batch", "draft", "accuracy"])
def test_a_search_for_a_word_finds_what_it_means(word: str) -> None:
    words = [group for group in groups(["workbench"]) if group.title.startswith("Words")]
    found = [row for group in words for row in group.matching([word]).rows]
    assert [name for name, _ in found if name.startswith(word)]


def test_the_parts_of_the_glossary_have_all_of_it() -> None:
    assert tuple(row for group in word_groups() for row in group.rows) == WORDS


def test_f1_on_a_field_and_on_a_layer_explains_the_word_for_it() -> None:
    known = dict(WORDS)
    assert set(FIELD_WORDS.values()) | set(LAYER_WORDS.values()) <= set(known)
    options = {option.name: option for option in (*FIT_OPTIONS, *DATASET_OPTIONS)}
    for name in ("batch_size", "epochs", "optimizer", "loss", "metrics", "learning_rate", "validation"):
        assert known[FIELD_WORDS[name]] in " ".join(field_words(options[name], "#ffffff").plain.split())
    assert set(FIELD_WORDS) <= {
        *options,
        *(one.name for kind in CATALOG for one in kind.options),
        "momentum",
        "patience",
    }
    assert set(LAYER_WORDS) <= set(LAYER_TYPES)
