"""Layers as typed or pasted: read, never executed, and refused with the line's number."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.strategies import layer_of
from tuinn.errors import SpecError
from tuinn.spec.keras_import.line_syntax import parse_lines, read_lines
from tuinn.spec.layers.catalog import CATALOG, LayerSpec


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dense 128 relu", 'layers.Dense(128, activation="relu")'),
        ("Dense 10 softmax # the head", 'layers.Dense(10, activation="softmax")'),
        ("conv2d 32 3 relu same", 'layers.Conv2D(32, 3, padding="same", activation="relu")'),
        ("conv 32 3x5 2", "layers.Conv2D(32, (3, 5), strides=2)"),
        ("dropout .5", "layers.Dropout(0.5)"),
        ("maxpool 2", "layers.MaxPooling2D()"),
        ("maxpool1d 3", "layers.MaxPooling1D(pool_size=3)"),
        ("avgpool 3", "layers.AveragePooling2D(3)"),
        ("gap", "layers.GlobalAveragePooling2D()"),
        ("flat", "layers.Flatten()"),
        ("batchn", "layers.BatchNormalization()"),
        ("rescale 1/255", "layers.Rescaling(1 / 255)"),
        ("reshape 28x28x1", "layers.Reshape((28, 28, 1))"),
        ("lstm 64 return_sequences", "layers.LSTM(64, return_sequences=True)"),
        ("bidirectional gru 32 sum", 'layers.Bidirectional(layers.GRU(32), merge_mode="sum")'),
        ("timedistributed dense units=5", "layers.TimeDistributed(layers.Dense(5))"),
        ("dense 5 l2(0.1)", "layers.Dense(5, kernel_regularizer=keras.regularizers.L2(l2=0.1))"),
        ("dense 5 name=head use_bias=no", 'layers.Dense(5, use_bias=False, name="head")'),
        ("flip horizontal", 'layers.RandomFlip(mode="horizontal")'),
    ],
)
def test_a_line_is_a_layer(line: str, code: str) -> None:
    (layer,) = parse_lines(line)
    assert layer.code() == code


@pytest.mark.parametrize("type_name", [type_name.name for type_name in CATALOG])
@settings(max_examples=15)
@given(data=st.data())
def test_a_layer_is_typed_as_it_is_shown(type_name: str, data: st.DataObject) -> None:
    (row,) = [row for row in CATALOG if row.name == type_name]
    layer = data.draw(layer_of(row)).with_options(disabled=False)
    (again,) = parse_lines(f"{layer.type_name} {layer.options_text()}")
    assert again == layer


def test_a_line_may_name_what_it_takes() -> None:
    for way in ("[stem, input]", "stem,input"):
        stem, add = parse_lines(f"dense 4 name=stem\nadd from={way}\n")
        assert (stem.name, add.sources) == ("stem", ("stem", "input"))


@pytest.mark.parametrize(
    "code",
    [
        'layers.Dense(128, activation="relu"),',
        'keras.layers.Dense(128, "relu")',
        "model.add(tf.keras.layers.Dense(128, activation=tf.nn.relu, input_shape=(28, 28)))",
        "model = keras.Sequential([keras.Input((4,)), layers.Dense(units=128, activation=keras.activations.relu)])",
        'x = keras.Input((4,))\nx = layers.Dense(128, activation="relu")(x)',
        '    layers.Dense(\n        128,\n        activation="relu",\n    ),',
    ],
)
def test_pasted_code_is_read(code: str) -> None:
    assert parse_lines(code) == (LayerSpec.of("Dense", units=128, activation="relu"),)


def test_several_pasted_lines_are_several_layers() -> None:
    text = "  layers.Rescaling(1./255),\nlayers.Flatten(),\n    layers.Dense(10, kernel_regularizer=regularizers.l2(0.5)),"
    scale, flat, dense = parse_lines(text)
    assert (scale.options["scale"], flat.type_name, dense.options["kernel_regularizer"]) == (
        1 / 255,
        "Flatten",
        "l2(0.5)",
    )


def test_a_whole_script_is_read_and_what_stands_around_its_network_is_passed_over() -> None:
    script = '''"""The lab."""
import keras
from keras import layers

num_classes = 10
WIDTH = 154
(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
x_train = x_train / 255.0
model = keras.Sequential([
    keras.Input(shape=(28, 28)),
    layers.Flatten(),
    layers.Dense(WIDTH, activation="relu"),
    layers.Dense(num_classes, activation="softmax"),
])
model.summary()
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, epochs=5)
print(model.evaluate(x_test, y_test))
'''
    reading = read_lines(script)
    assert [layer.code() for layer in reading.layers] == [
        "layers.Flatten()",
        'layers.Dense(154, activation="relu")',
        'layers.Dense(10, activation="softmax")',
    ]
    assert reading.skipped == (7, 8, 15, 18)
    assert (reading.input_shape, reading.lines) == ((28, 28), (11, 12, 13))


def test_a_functional_model_keeps_its_branches() -> None:
    text = """
inputs = keras.Input((8,))
a = layers.Dense(8, activation="relu")(inputs)
b = layers.Dense(8)(a)
c = layers.Add()([a, b])
outputs = layers.Dense(1)(c)
model = keras.Model(inputs, outputs)
"""
    layers = parse_lines(text)
    assert [layer.sources for layer in layers] == [(), (), ("dense", "dense_1"), ()]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dense", "line 1.units: is missing"),
        ("dense 0", "line 1.units: must be a whole number from 1 to 1,000,000, not 0."),
        ("dense -1", "line 1.units: must be a whole number"),
        ("dense 1.5", "line 1.units: must be a whole number"),
        ("dense 1000000000000", "line 1.units: must be a whole number"),
        ("dense many", "line 1: Dense has no setting that many would fit"),
        ("dense 3 units=", "line 1.units: must be a whole number from 1 to 1,000,000, not nothing"),
        ("dense 3\nconv2d 3 0", "line 2.kernel_size: must be"),
        ("dropout -.5", "line 1.rate: must be a number from 0 to below 1"),
        ("dropout 1", "line 1.rate: must be a number from 0 to below 1"),
        ("dense 3 name=a/b", "line 1.name: must be letters"),
        ("dense 3 name=[/markup]", "line 1.name: must be letters"),
        ("dens 3\ndnse 3", "line 2: dnse is not a layer type. Did you mean Dense?"),
        ("random 3", "line 1: random may be RandomCrop, RandomFlip"),
        ("dense 3 rate=1", "line 1.rate: is not a setting of Dense"),
        ("", "There is no layer in it"),
        ("# nothing", "There is no layer in it"),
        (
            "layers.Dense(128,",
            "line 1: The ( that opens here is never closed; the end of the code is missing.",
        ),
        ("layers.Dense(1),\nlayers.Dense(2", "line 2: The ( that opens here is never closed"),
        ("import os", "line 1: There is no layer of Keras in this code."),
        ("x = layers.Dense(3)(inputs) + 1", "line 1: This takes something that no line above has made."),
        ("while True:\n    layers.Dense(3)", "line 2: Reading this takes more than 60,000 steps."),
        (
            "layers.Flatten()\nfor i in range(3):\n    layers.Dense(i)",
            "line 3.units: must be a whole number from 1 to 1,000,000, not 0.",
        ),
        (
            'os.system("touch /tmp/x")',
            "line 1: There is no layer of Keras in this code.",
        ),
        (
            'layers.Dense(os.system("touch /tmp/x"))',
            "line 1.units: is os.system('touch /tmp/x'), and that isn't known here.",
        ),
        ("layers.Dense(10**12)", "line 1.units: must be a whole number"),
        ("layers.Dense(**options)", "line 1: ** cannot be read, for what it holds isn't known here."),
        ("layers.Dense(10, rate=3)", "line 1.rate: is not a setting of Dense"),
        ("layers.Lambda(lambda x: x)", "line 1: A Lambda alone cannot be read."),
        ("layers.Dense(3)(x)", "line 1: This takes something that no line above has made."),
    ],
)
def test_what_is_no_layer_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_lines(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("type_name", [type_name.name for type_name in CATALOG])
@settings(max_examples=20)
@given(data=st.data())
def test_every_layer_comes_back_from_its_code(type_name: str, data: st.DataObject) -> None:
    (row,) = [row for row in CATALOG if row.name == type_name]
    layer = data.draw(layer_of(row)).with_options(**{"from": None, "disabled": False, "weights": None})
    try:
        code = layer.code()
    except SpecError:
        assert row.wraps  # the inner kind lacks an option
        return
    (again,) = parse_lines(code)
    assert again.code() == code
    if not row.wraps:
        assert again == layer


FRAGMENTS = st.sampled_from(
    ["layers.", "Dense", "(", ")", "[", "]", "128", ",", "=", "dense", "\n", " ", '"relu"', "conv2d", "3x3", "/", "-",
     "l2(", "lambda x:", "from", "import", "model.add(", "**", "0x", "1e999", "\x00", "é", "'", "#", "name=", "(x)"]
)  # fmt: skip


@given(st.text() | st.lists(FRAGMENTS, max_size=12).map("".join))
@example("(" * 5000)
@example("layers.Dense(" * 300)
@example("-" * 5000 + "1")
@example("layers.Dense(1/0)")
@example("layers.Dense(" + "1+" * 3000 + "1)")
@example("layers.Dense(9" + "9" * 5000 + ")")
@example("dense " + "9" * 5000)
@example("layers.Dense(1, kernel_regularizer=L2(1e999))")
def test_any_text_is_layers_or_a_problem_in_one_line(text: str) -> None:
    message = ""
    try:
        assert parse_lines(text)
    except SpecError as problem:
        message = str(problem)
    assert message.isprintable()


@pytest.mark.parametrize(
    ("code", "is_model"),
    [
        ("keras.Sequential([layers.Dense(1)])", True),
        ("model = Sequential()\nmodel.add(Dense(1))", True),
        ("x = keras.Input((4,))\ny = layers.Dense(1)(x)", True),
        ("layers.Dense(1),\nlayers.ReLU(),", False),
        ("dense 1", False),
    ],
)
def test_a_whole_network_is_told_from_some_layers(code: str, is_model: bool) -> None:
    assert read_lines(code).is_model is is_model
