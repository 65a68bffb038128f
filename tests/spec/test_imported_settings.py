"""What of compile and fit becomes a setting, and what is said of the rest; what may stand around code in the wild."""

import pytest

from tuinn.errors import SpecError
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.spec.keras_import.training.settings import fit_with
from tuinn.spec.training.decay import Decay

MODEL = "model = Sequential([Dense(8), Dense(10, activation='softmax')])\n"


def notes(code: str, *kinds: str) -> list[str]:
    return [str(note) for note in read_lines(code).notes if note.kind in kinds]


@pytest.mark.parametrize(
    ("line", "fit"),
    [
        ("model.compile('sgd', 'mse')", {"optimizer": "sgd", "learning_rate": 0.01, "loss": "mean_squared_error", "metrics": ()}),
        ("model.compile(Adam(lr=3e-4, beta_1=0.5), 'binary_crossentropy', metrics=['acc'])",
         {"optimizer": "adam", "learning_rate": 3e-4, "beta_1": 0.5, "loss": "binary_crossentropy", "metrics": ("accuracy",)}),
        ("opt = keras.optimizers.RMSprop(0.01, 0.8, clipvalue=1)\nmodel.compile(optimizer=opt, loss=keras.losses.Huber())",
         {"optimizer": "rmsprop", "learning_rate": 0.01, "rho": 0.8, "clipvalue": 1.0, "loss": "huber", "metrics": ()}),
        ("model.compile(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1), optimizer='adamw', metrics=[keras.metrics.AUC(), 'mae'])",
         {"optimizer": "adamw", "learning_rate": 0.001, "loss": "categorical_crossentropy", "label_smoothing": 0.1, "metrics": ("auc", "mean_absolute_error")}),
        ("E = 3\nmodel.fit(x, y, 16, E * 2, shuffle=False)", {"epochs": 6, "batch_size": 16, "shuffle": False}),
        ("model.fit(ds, epochs=4)", {"epochs": 4}),
        ("model.fit(x, y, callbacks=[EarlyStopping('val_acc', patience=3, restore_best_weights=True)])",
         {"epochs": 1, "batch_size": 32, "early_stopping_patience": 3, "restore_best": True, "monitor": "val_accuracy"}),
        ("stop = EarlyStopping()\nmodel.fit(ds, callbacks=stop)",
         {"epochs": 1, "early_stopping_patience": 1, "restore_best": False, "monitor": "val_loss"}),
        ("model.fit(ds, callbacks=[ReduceLROnPlateau(factor=0.2, patience=2, min_lr=1e-5)])",
         {"epochs": 1, "schedule": "reduce_on_plateau", "factor": 0.2, "patience": 2, "min_lr": 1e-5, "monitor": "val_loss"}),
        ("model.compile('adam')\nmodel.optimizer.learning_rate = 0.02", {"optimizer": "adam", "learning_rate": 0.02, "metrics": ()}),
        ("keras.utils.set_random_seed(3)\nkeras.mixed_precision.set_global_policy('mixed_float16')", {"seed": 3, "precision": "mixed_float16"}),
        ("if resume:\n    model.compile('sgd', 'mse')", {}),
    ],
)  # fmt: skip
def test_compile_and_fit_are_taken_over(line: str, fit: dict[str, object]) -> None:
    reading = read_lines(MODEL + line)
    assert reading.fit == fit
    FitSpec().with_values(reading.fit)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("model.compile(MyOptimizer(), 'mse')", "line 2: left out: the optimizer, MyOptimizer(); it is not one that tuinn has"),
        ("model.compile('adam', my_loss)", "line 2: left out: the loss, my_loss; loss = auto fits the task"),
        ("model.compile('adam', metrics=['accuracy', f1])", "line 2: left out: the metric f1"),
        ("model.compile(Adam(1e-3, decay=1e-6))", "line 2: left out: decay 1e-06 of the optimizer"),
        ("model.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))",
         "line 2: changed: the loss takes probabilities, for that is what the last layer gives"),
        ("model.compile(Adam(keras.optimizers.schedules.PolynomialDecay(0.1, 10)))",
         "line 2: left out: the schedule PolynomialDecay; the rate stays as it begins"),
        ("model.fit(x, y, epochs=n)", "line 2: left out: epochs is n, and that isn't known here"),
        ("model.fit(x, y, class_weight={0: 1.0})", "line 2: left out: class_weight; class_weights = balanced is there"),
        ("model.fit(x, y, callbacks=[TensorBoard()])", "line 2: left out: the callback TensorBoard; tuinn writes TensorBoard's files by itself"),
        ("model.load_weights('a.h5')", "line 2: left out: weights are not taken over; training begins anew"),
    ],
)  # fmt: skip
def test_what_is_not_taken_over_is_said(line: str, said: str) -> None:
    assert said in notes(MODEL + line, "left out", "changed")


def test_a_rate_that_falls_by_steps_falls_by_epochs() -> None:
    base = FitSpec(batch_size=100, epochs=10)
    numbers = {"initial_learning_rate": 0.1, "decay_steps": 100.0, "decay_rate": 0.25}
    smooth = fit_with(base, {}, Decay("ExponentialDecay", numbers), samples=5000)
    assert (smooth.schedule, smooth.decay_rate) == ("exponential", 0.5)
    steps = fit_with(base, {}, Decay("ExponentialDecay", {**numbers, "staircase": 1.0}), samples=5000)
    assert (steps.schedule, steps.step_epochs, steps.decay_rate) == ("step", 2, 0.25)
    cosine = {"initial_learning_rate": 0.0, "decay_steps": 400.0, "warmup_target": 0.1, "warmup_steps": 100.0}
    warm = fit_with(base, {}, Decay("CosineDecay", cosine), samples=5000)
    assert (warm.schedule, warm.warmup_epochs) == ("cosine_warmup", 2)


TUTORIAL = """
model = tf.keras.models.Sequential([tf.keras.layers.Flatten(input_shape=(28, 28)), tf.keras.layers.Dense(10)])
predictions = model(x_train[:1]).numpy()
model.compile(optimizer='adam', loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_train, y_train, epochs=5)
probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
wrapped = tf.keras.Sequential([model, mystery])
"""


def test_what_is_put_around_a_trained_network_is_left_out() -> None:
    reading = read_lines(TUTORIAL)
    assert [layer.type_name for layer in reading.layers] == ["Flatten", "Dense"]
    assert (reading.fit["epochs"], reading.input_shape) == (5, (28, 28))
    assert notes(TUTORIAL, "left out") == [
        "line 6: left out: another network of the same layers; the one of line 2 is read",
        "line 7: left out: after the training: mystery is no layer that the code makes.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Try this, it works (really):\n\n```python\nmodel = Sequential()\nmodel.add(Dense(3))\n```\nand then (more).",
        "1  model = Sequential()\n2  model.add(Dense(3))",
        ">>> model = Sequential([Dense(3)])\n>>> model.count_params()\n42\n",
        "In [3]: model = Sequential()\n   ...: model.add(Dense(3))\n\nIn [4]: model.name\nOut[4]: 'sequential'",
        "model = Sequential([Dense(3)])\nmodel.fit(x, y)\nEpoch 1/2\n1875/1875 [=====] - 5s 2ms/step - loss: 0.2\n",
        "%matplotlib inline\n!pip install keras\nmodel = Sequential([Dense(3)])",
        "\ufeffmodel = Sequential([\n\u00a0 Dense(3, activation=‘linear’)])",
        "model = Sequential()\n    model.add(Dense(3))",
        "net = Sequential() \nnet.add(Dense(3)) net.compile('adam')",
        "        layers.Dense(3),\n    ]\n)",
        "for epoch in range(50_000):\n    step(epoch)\nmodel = Sequential([Dense(3)])",
        "model = Sequential([Dense(3)])\nasync def f():\n    await g()",
    ],
)
def test_what_surrounds_code_is_passed_over(text: str) -> None:
    assert [layer.code() for layer in read_lines(text).layers] == ["layers.Dense(3)"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def make(hp):\n    m = Sequential()\n    m.add(Dense(hp.n))\n    return m", "line 3.units: is hp.n, and that isn't known here."),
        ("m = Sequential([Dense(3)])\nif args.deep:\n    m.add(Dense(4))", "line 3: Part of the network depends on args.deep."),
        ("for fold in folds:\n    m = Sequential([Dense(3)])", "line 2: Part of the network depends on folds."),
        ("def f(n):\n    return f(n)\nm = Sequential([Dense(f(3))])", "line 2: Functions call each other too deep"),
        ("x = Input((4,))\ny = Dense(2)(x)\ny.foo()\n", "line 3: .foo() of a tensor is no layer."),
        (" Layer (type)      Output Shape   Param #\n dense (Dense)     (None, 16)       144", "line 1: This is the table of model.summary()"),
        ("m = Sequential([\n  Dense(3)\n  Dense(4)\n])", 'line 2: This is not Python: "Dense(3)". Is a comma missing'),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_lines(text)
    assert sentence in str(caught.value)
