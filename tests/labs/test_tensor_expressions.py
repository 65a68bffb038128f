"""Expressions give what NumPy gives, or one sentence; nothing in them is run, and nothing large is made."""

import time
import tracemalloc
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis.extra import numpy as hnp

from tuinn.errors import SpecError
from tuinn.labs.tensors.interpreter import evaluate
from tuinn.labs.tensors.limits import MAX_BYTES

RANDOM = np.random.default_rng(1)
NAMES: dict[str, Any] = {
    "train_images": RANDOM.integers(0, 256, (600, 28, 28), dtype=np.uint8),
    "img": RANDOM.integers(0, 256, (28, 28, 3), dtype=np.uint8),
    "x": RANDOM.normal(size=(3, 5)).astype(np.float32),
    "y": RANDOM.integers(0, 10, 600),
    "A": np.arange(12).reshape(3, 4),
    "B": np.arange(20).reshape(4, 5) % 7,
    "b": np.arange(4),
    "v": np.ones(5),
}


def by_numpy(text: str, names: dict[str, Any]) -> Any:
    """What Python makes of it, as an array; the exception where it raises one."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(eval(text, {"np": np, "len": len, **names}))
        except Exception as error:
            return error


def ours(text: str, names: dict[str, Any]) -> Any:
    """What tuinn makes of it, as an array; the problem where it refuses it."""
    try:
        return np.asarray(evaluate(text, names).value)
    except SpecError as problem:
        return problem


def same(text: str, names: dict[str, Any]) -> bool:
    """Whether both give the same value, shape and type, or both refuse. True: a value."""
    theirs, own = by_numpy(text, names), ours(text, names)
    refused = isinstance(theirs, Exception)
    assert isinstance(own, Exception) == refused, f"{text}: {theirs!r} and {own!r}"
    if refused:
        return False
    assert (own.shape, own.dtype) == (theirs.shape, theirs.dtype), text
    np.testing.assert_array_equal(own, theirs, text)
    return True


@pytest.mark.parametrize(
    "text",
    [
        "train_images[10:100]",
        "train_images[10:100, :, :]",
        "train_images[:, 14:, 14:]",
        "train_images[:, 7:-7, 7:-7]",
        "train_images[4]",
        "train_images[y == 3].shape",
        "img[3:5, 3:5, :]",
        "img[..., 0]",
        "img[::-1, ::2]",
        "img * 2",
        "img + 100",
        "255 - img",
        "-img",
        "img.astype('float32') / 255",
        "img.astype(np.float32) / 255",
        "A + b",
        "A[:, None] + b",
        "A @ B",
        "A @ b",
        "B.T @ A.T",
        "np.dot(A, B)",
        "np.dot(b, b)",
        "np.maximum(x, 0)",
        "np.maximum(x, 0.)",
        "np.maximum(A, b)",
        "x.shape",
        "x.shape[0]",
        "train_images.ndim",
        "x.size",
        "len(train_images)",
        "train_images.reshape((600, 28 * 28))",
        "train_images.reshape(600, -1)",
        "A.reshape((2, 6)).T",
        "np.transpose(A)",
        "np.zeros((300, 20)).T.shape",
        "x.sum()",
        "x.sum(axis=0)",
        "np.mean(x, axis=1, keepdims=True)",
        "x.argmax(axis=1)",
        "np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)",
        "1 / (1 + np.exp(-x))",
        "(A > 3) & (A < 8)",
        "A[A > 3]",
        "np.where(x > 0, x, 0)",
        "np.concatenate([A, A])",
        "np.stack([b, b], axis=1)",
        "np.expand_dims(b, axis=0)",
        "np.linspace(-5, 5, 7)",
        "np.arange(2, 20, 3)",
        "np.eye(3)",
        "np.array([[1, 2], [3, 4]])",
        "np.array([1, 2.5])",
        "[1, 2, 3]",
        "2 ** 10 + 7 // 2",
        "x ** x ** x",
        "np.tile(b, (2, 3))",
        "b.repeat(2)",
        "np.outer(b, b)",
        "np.std(x, axis=0)",
        "(x - x.mean(axis=0)) / x.std(axis=0)",
        "A.astype('uint8') << 7",
        "~(A > 3)",
        "np.round(x, 1)",
        "x[[0, 2]]",
        "x[[]]",
        "A.shape == (3, 4)",
        "A.dtype == np.int64",
        "x[[0, 1], [2, 3]]",
        "x[-1, -1]",
        "np.sort(x, axis=1)",
        "np.linalg.norm(x)",
        "(1, 2) + x.shape",
    ],
)
def test_an_expression_of_the_lessons_is_what_numpy_makes_of_it(text: str) -> None:
    assert same(text, NAMES)


SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=4)
TYPES = st.sampled_from(["uint8", "int64", "float32", "bool"])
BINARY = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<", "<=", "==", "!="])
REDUCE = st.sampled_from(["sum", "mean", "max", "min", "argmax", "std", "prod", "any"])
PLACES = st.integers(-5, 5)
INDEX = st.one_of(
    PLACES.map(str),
    st.tuples(st.none() | PLACES, st.none() | PLACES, st.none() | PLACES).map(
        lambda ends: ":".join("" if end is None else str(end) for end in ends)
    ),
    st.sampled_from(["...", "None", "[0, 1]", "[0, 0, -1]"]),
)
AXIS = st.integers(-3, 3).map(str) | st.sampled_from(["None", "(0, 1)", "(0, -1)"])


def tensor(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    return np.asarray(np.random.default_rng(seed).integers(0, 200, shape)).astype(dtype)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """An expression over p and q."""
    inner = (
        expressions(depth=depth - 1)
        if depth
        else st.sampled_from(["p", "q", "2", "0.5", "300", "-1", "p", "q"])
    )
    one = draw(inner)
    match draw(st.integers(0, 7)):
        case 0 | 1:
            return f"({one} {draw(BINARY)} {draw(inner)})"
        case 2 if one not in ("2", "0.5", "300", "-1"):
            return f"({one})[{', '.join(draw(st.lists(INDEX, min_size=1, max_size=3)))}]"
        case 3:
            return f"np.{draw(REDUCE)}({one}, axis={draw(AXIS)})"
        case 4:
            return f"np.reshape({one}, {draw(st.sampled_from(['-1', '(2, -1)', '(4, 4)', '(1, -1)', '(2, 2)']))})"
        case 5:
            return f"np.{draw(st.sampled_from(['maximum', 'minimum', 'add', 'dot', 'matmul', 'where']))}({one}, {draw(inner)})"
        case 6:
            return f"np.{draw(st.sampled_from(['exp', 'sqrt', 'abs', 'transpose', 'ravel', 'sign', 'cumsum']))}({one})"
        case _:
            return one


@settings(max_examples=600, deadline=None)
@given(expressions(), SHAPES, SHAPES, TYPES, TYPES, st.integers(0, 9))
def test_any_expression_is_what_numpy_makes_of_it_or_both_refuse_it(
    text: str, one: tuple[int, ...], other: tuple[int, ...], kind: str, other_kind: str, seed: int
) -> None:
    names = {"p": tensor(one, kind, seed), "q": tensor(other, other_kind, seed + 1)}
    assume(not isinstance(by_numpy(text, names), np.ndarray) or by_numpy(text, names).dtype.kind in "biuf")
    same(text, names)


ONE_SENTENCE = {
    "__import__('os')": "There is no __import__ here",
    "__import__('os').system('true')": "There is no __import__ here",
    "x.__class__": ".__class__ is no part of a tensor",
    "x.T.__array_interface__": "is no part of a tensor",
    "np.__loader__": "np.__loader__ is not among the functions",
    "np.load('x.npy')": "np.load is not among the functions",
    "x.tofile('/tmp/x')": "A tensor has no .tofile here",
    "x.dump('/tmp/x')": "A tensor has no .dump here",
    "x.sum(out=x)": "has no option out here",
    "x.sum(0, None, x)": "takes at most",
    "open('/etc/passwd')": "open is no name here",
    "lambda: 1": "lambda makes a function",
    "[i for i in x]": "A list comprehension is a loop",
    "{1: 2}": "A dict is no tensor",
    "f'{x}'": "Text is no tensor",
    "'a' * 10**9": "Text can't stand beside *",
    "x[::0]": "A step of 0 goes nowhere",
    "A[1e9:]": "Places are whole numbers, and 1e+09 is a float. Write 1000000000.",
    "A[0.5]": "Places are whole numbers",
    "A[5]": "There is no 5 along axis 0: it has 3, from 0 to 2.",
    "A[0, 0, 0]": "3 indices are too many: the tensor has rank 2, shape (3, 4).",
    "A[[7]]": "There is no 7 along axis 0: it has 3",
    "A[b > 2]": "There are truth values of shape (4,) for a tensor of (3, 4)",
    "[[1,2],[3]]": "its rows have 2 and 1 values; all must be equally long",
    "x[[[1],[2,3]]]": "its rows have 1 and 2 values; all must be equally long",
    "A.shape == A": "A shape is compared with a shape",
    "np.sum()": "np.sum needs something between its parentheses",
    "np.maximum(x)": "np.maximum needs more, or fewer, values between its parentheses.",
    "x & 1": "&, |, ^, << and >> are for whole numbers and truth values.",
    "x.sum('float32')": "axes and sizes are whole numbers",
    "np.array([[1,2],[3]])": "its rows have 2 and 1 values; all must be equally long",
    "9**9**9": "is a number of more than",
    "2 ** 2 ** 2 ** 2 ** 2 ** 2": "is a number of more than",
    "1 << 10**9": "is a number of more than",
    "np.ones((10**6, 10**6)) @ np.ones((10**6, 10**6))": "1,000,000,000,000 values, 8 TB",
    "np.ones((10**6, 1)) @ np.ones((1, 10**6))": "shape (1000000, 1000000)",
    "np.ones((10**6, 1)) + np.ones(10**6)": "shape (1000000, 1000000)",
    "np.outer(np.ones(10**6), np.ones(10**6))": "8 TB",
    "np.zeros(10**12)": "at most 536.9 MB are computed here",
    "np.zeros(np.array(10**12))": "at most 536.9 MB are computed here",
    "np.linspace(0, 1, np.array(10**12))": "at most 536.9 MB are computed here",
    "np.arange(10**12)": "at most 536.9 MB are computed here",
    "np.eye(10**6)": "at most 536.9 MB are computed here",
    "np.tile(A, (10**6, 10**6))": "at most 536.9 MB are computed here",
    "A.repeat(10**12)": "at most 536.9 MB are computed here",
    "np.broadcast_to(A, (10**9, 3, 4))": "at most 536.9 MB are computed here",
    "train_images[np.zeros(10**7, dtype='uint8')]": "shape (10000000, 28, 28)",
    "to_categorical([10**9])": "at most 536.9 MB are computed here",
    "to_categorical([-1])": "The label -1 is none of 0 classes",
    "to_categorical(x)": "to_categorical takes labels",
    "A.reshape(5, 5)": "(5, 5) has room for 25 values, and there are 12",
    "A.reshape(5, -1)": "12 values can't be laid in rows of 5: 2 would be left over.",
    "A.reshape(-1, -1)": "Only one axis may be −1",
    "A @ A": "(3, 4) @ (3, 4) don't fit: the last axis of the left has 4, the last but one of the right 3",
    "np.dot(A, A)": "(3, 4) np.dot (3, 4) don't fit",
    "A + v": "(3, 4) and (5,) don't fit: aligned from the right, at axis −1 they have 4 and 5",
    "A @ 2": "Take * for a number",
    "A.sum(axis=7)": "There is no axis 7: a tensor of rank 2 has axes 0 to 1.",
    "img * 300": "300 doesn't fit into uint8, 0 to 255",
    "1 / 0": "Nothing can be divided by 0.",
    "(-8) ** 0.5": "complex",
    "": "Type an expression",
    "   # only this": "Type an expression",
    "x[": "That is no expression",
    "x; y": "One expression at a time.",
    "import os": "Nothing is imported",
    "x[0] = 1": "A tensor isn't changed here",
    "x += 1": "Write the whole of it",
    "np = 3": "np has a meaning already",
    "train_image[0]": "train_image is no name here. Did you mean train_images?",
    "maximum(x, 0)": "write np.maximum",
    "np.maximun(x, 0)": "Did you mean maximum?",
    "x.reshap(15)": "Did you mean reshape?",
    "np.sum": "np.sum is something to call",
    "x and x": "`and` and `or` are for one truth value",
    "0 < x < 1": "Compare two at a time",
    "x.astype('object')": "object is no type of numbers here",
    "x.astype('complex128')": "complex128 is no type of numbers here",
    "10 ** 400": "is a number of more than",
    "(" * 100 + "x" + ")" * 100 + "+" * 5: "That is no expression",
    "-" * 80 + "x": "That is too deep",
    "x" * 600: "600 characters; 500 are the most",
    "\x00": "That is no expression: source code string cannot contain null bytes.",
}


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_what_cant_be_computed_is_said_in_one_sentence(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(SpecError) as problem:
        evaluate(text, NAMES)
    assert ONE_SENTENCE[text] in str(problem.value)
    assert "\n" not in str(problem.value)
    assert len(str(problem.value)) < 320
    assert time.perf_counter() - started < 1


def test_no_refused_expression_allocates_what_it_would_need() -> None:
    tracemalloc.start()
    try:
        for text in [text for text in ONE_SENTENCE if "10**" in text]:
            tracemalloc.reset_peak()
            with pytest.raises(SpecError):
                evaluate(text, NAMES)
            assert tracemalloc.get_traced_memory()[1] < 300e6, text
    finally:
        tracemalloc.stop()


def test_all_steps_of_an_expression_together_are_bounded() -> None:
    text = " + ".join(["np.ones(30_000_000)"] * 12)
    with pytest.raises(SpecError, match="All steps together"):
        evaluate(text, {})
    assert MAX_BYTES > 60_000 * 28 * 28 * 8


def test_products_are_bounded_by_their_multiplications() -> None:
    with pytest.raises(SpecError, match="multiplications"):
        evaluate("np.ones((7000, 7000)) @ np.ones((7000, 7000))", {})
    with pytest.raises(SpecError, match="of whole numbers"):
        evaluate("(np.ones((2000, 2000)) > 0) @ (np.ones((2000, 2000)) > 0)", {})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "A @ B",
            "(3, 4) @ (4, 5) → (3, 5)\nThe inner 4 and 4 are equal and go away: each result is a sum of 4 products.",
        ),
        (
            "A + b",
            "A      (3, 4)\nb         (4,)\nA + b  (3, 4)\n"
            "Broadcasting: aligned from the right, a size of 1 or a missing axis is repeated.",
        ),
        ("img * 2", "value by value with the number: the shape stays (28, 28, 3)"),
        ("A.T", "the axes in reverse order: (3, 4) → (4, 3)"),
        ("train_images[10:100]", "axis 0: 10:100 keeps 90 of 600\naxes 1 to 2: all"),
        ("train_images[3]", "axis 0: one of 600, so the axis goes away\naxes 1 to 2: all"),
        ("x.sum(axis=0)", "sum along axis 0 (of 3), which goes away: (3, 5) → (5,)"),
        ("x.sum()", "sum of 15 values of (3, 5): no axis is left"),
        ("A.reshape(2, 6)", "3 × 4 = 12 values = 2 × 6"),
        ("x.astype('float64')", "every value from float32 to float64: 4 bytes → 8"),
        ("np.concatenate([A, A])", "(3, 4) and (3, 4) → (6, 4)"),
    ],
)
def test_the_rule_says_what_became_of_the_shapes(text: str, rule: str) -> None:
    assert evaluate(text, NAMES).steps[-1].rule == rule


def test_every_operation_is_a_step_in_the_order_of_its_doing() -> None:
    steps = evaluate("np.maximum(x @ B.T, 0).sum(axis=1)", NAMES).steps
    assert [(step.source, step.shape) for step in steps] == [
        ("B.T", (5, 4)),
        ("x @ B.T", (3, 4)),
        ("np.maximum(x @ B.T, 0)", (3, 4)),
        ("np.maximum(x @ B.T, 0).sum(axis=1)", (3,)),
    ]


def test_a_name_is_given_in_front() -> None:
    result = evaluate("z = x + 1", NAMES)
    assert result.name == "z"
    np.testing.assert_array_equal(result.value, NAMES["x"] + 1)
