"""What is shown of pasted code before it is taken: rows with links and shapes, and what became of each line."""

from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.view.reports.import_report import (
    head_line,
    layer_line,
    mismatch_line,
    shape_line,
    sorted_report,
    summary_of,
)

CODE = """
x = keras.Input((8,))
a = layers.Dense(4)(x)
b = layers.Dense(4)(a)
unused = layers.Dense(9)(b)
c = a + b * 2
model = keras.Model(x, c)
plt.plot(history)
plt.show()
model.fit(u, v, epochs=3)
"""


def test_a_row_has_its_line_its_links_and_what_it_gives() -> None:
    reading = read_lines(CODE)
    summary = summary_of(reading, None)
    assert summary is not None
    rows = [layer_line(at, row, reading.lines[at]) for at, row in enumerate(summary.rows)]
    assert rows == [
        ("   3 Dense 4", "", "→ 4, 36"),
        ("   4 Dense 4", "", "→ 4, 20"),
        ("   6 Rescaling 2", "", "→ 4"),
        ("   6 Add", "← dense, rescaling", "→ 4"),
    ]
    assert (
        head_line(reading, summary)
        == "4 layers · 56 parameters · input 8 · 1 changed · 1 left out · 2 taken over"
    )


def test_the_report_says_what_changed_first_and_joins_lines() -> None:
    assert sorted_report(read_lines(CODE)) == [
        ("changed", "line 6: arithmetic with a number is a Rescaling: x · 2"),
        ("left out", "line 5: Dense; it leads nowhere"),
        ("taken over", "line 10: epochs 3, batch_size 32 (Keras' own)"),
        ("passed over", "lines 8–9: no part of the network"),
    ]


def test_a_network_for_other_samples_is_told() -> None:
    reading = read_lines(
        "model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 9), layers.Flatten()])"
    )
    summary = summary_of(reading, (28, 28, 1))
    assert summary is not None
    assert summary.input_shape == (8, 8, 1)
    assert mismatch_line(summary).startswith("Layer 1, Conv2D: The kernel 9 × 9 is larger")
    assert shape_line(reading, (28, 28, 1)).startswith(
        "The code's input is 8 × 8 × 1, the data's 28 × 28 × 1."
    )
    assert shape_line(reading, (8, 8, 1)) == ""
