"""Full searches for unused objects take place in the pauses of the keys."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from tuinn.ui import garbage_collection


class Node:
    """Refers to itself: only a search finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.disable()
    gc.collect()
    yield
    gc.set_threshold(*before)
    gc.enable()


def young_searches(count: int) -> weakref.ref[Node]:
    node = weakref.ref(Node())
    for _ in range(count):
        gc.collect(1)
    node_of_a_pause = Node()
    gone = weakref.ref(node_of_a_pause)
    gc.collect(1)  # it is used, and so it is old from here on
    del node_of_a_pause
    assert node() is None
    return gone


def test_a_pause_is_used_once_it_pays() -> None:
    old = young_searches(garbage_collection.ENOUGH)
    garbage_collection.search_if_idle(is_typing=True)
    assert old() is not None
    garbage_collection.search_if_idle(is_typing=False)
    assert old() is None


def test_little_garbage_is_left() -> None:
    old = young_searches(1)
    garbage_collection.search_if_idle(is_typing=False)
    assert old() is not None


def test_without_a_pause_it_is_searched_all_the_same_but_seldom() -> None:
    young, middle, _ = gc.get_threshold()
    garbage_collection.keep_what_is_loaded()
    assert gc.get_threshold() == (young, middle, garbage_collection.TOO_MUCH)
