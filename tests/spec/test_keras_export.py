"""The script of any run is Python that stands by itself."""

import ast

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import fits, small_specs
from tuinn.data.catalog import catalog
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import FORMS, Form, draft_lines, export_script, step_lines
from tuinn.spec.keras_import.source_code import read_source
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS, fashion_lab, iris_lab, make_preset
from tuinn.spec.run import SCRIPT_NOTE, RunSpec, stack
from tuinn.spec.weights import WeightsSpec

FASHION = catalog.find("fashion_mnist_mini").facts


def names_in(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


@given(small_specs(), st.sampled_from(FORMS))
def test_every_run_that_fits_its_data_is_written_as_python(spec: RunSpec, form: Form) -> None:
    assume(summarize(spec.model, FASHION.shape).mismatch is None)
    source = export_script(spec, FASHION, '/data/it\'s "here".npz', form)
    assert {"model", "order", "report"} <= names_in(source)
    assert not names_in(source) & {"tuinn", "nan", "inf"}


@given(fits(), st.sampled_from(FORMS), st.sampled_from(sorted(PRESETS)))
def test_every_fit_setting_is_written_as_python(fit: FitSpec, form: Form, name: str) -> None:
    spec = PRESETS[name]()
    facts = catalog.find(spec.dataset.name).facts
    source = export_script(spec.with_fit(**fit.values()), facts, "/data.npz", form)
    assert f"EPOCHS = {fit.epochs}" in source
    assert ("EarlyStopping" in source or "break" in source) == (fit.early_stopping_patience > 0)


def test_settings_at_keras_defaults_are_left_out() -> None:
    source = export_script(iris_lab(), catalog.find("iris").facts, "/data.npz")
    assert "optimizer=keras.optimizers.Adam(learning_rate=0.01)," in source
    assert 'layers.Dense(8, activation="relu"),' in source


def test_a_script_says_that_it_does_not_know_what_was_decided_about_labels() -> None:
    spec, facts = iris_lab(), catalog.find("iris").facts
    checked = spec.with_dataset(msgspec.structs.replace(spec.dataset, labels="checked"))
    words = "# The labels as the data give them: what was decided about them in tuinn is not used here."
    assert words in export_script(checked, facts, "/data.npz").splitlines()
    assert words not in export_script(spec, facts, "/data.npz")


def test_a_branched_network_is_written_as_a_functional_one() -> None:
    model = stack(
        LayerSpec.of("Dense", units=8, name="first-one"),
        LayerSpec.of("Dense", units=8),
        LayerSpec.of("Add", **{"from": ["dense", "first-one"]}),
        LayerSpec.of("Dense", units=3, activation="softmax"),
    )
    source = export_script(iris_lab().with_model(model), catalog.find("iris").facts, "/data.npz")
    assert 'x = of_first_one = layers.Dense(8, name="first-one")(x)' in source
    assert "x = layers.Add()([x, of_first_one])" in source


def test_a_layer_that_is_switched_off_is_not_written() -> None:
    layers = [
        layer.with_options(disabled=layer.type_name == "Dropout") for layer in fashion_lab().model.layers
    ]
    source = export_script(fashion_lab().with_model(stack(*layers)), FASHION, "/data.npz")
    assert "Dropout" not in source.partition(SCRIPT_NOTE)[0]


def test_a_network_that_does_not_fit_is_refused() -> None:
    model = stack(LayerSpec.of("Flatten"), LayerSpec.of("Conv2D", filters=1, kernel_size=3))
    with pytest.raises(SpecError, match="layer 2: Conv2D needs"):
        export_script(fashion_lab().with_model(model), FASHION, "/data.npz")


@pytest.mark.parametrize("entry", catalog.DATASETS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("form", FORMS)
def test_every_dataset_of_the_catalog_is_loaded_without_tuinn(entry: DatasetInfo, form: Form) -> None:
    spec = make_preset("fashion-logistic", DatasetSpec(entry.name), entry.facts)
    source = export_script(spec, entry.facts, f"/data/{entry.name}.npz", form)
    assert not names_in(source) & {"tuinn"}
    assert (f"keras.datasets.{entry.name}.load_data(" in source) == bool(entry.files)
    assert ("pad_sequences(x_test, maxlen=200)" in source) == bool(entry.facts.words)


def test_the_words_of_a_spec_are_those_of_the_script() -> None:
    facts = msgspec.structs.replace(catalog.find("imdb").facts, shape=(50,), words=500, high=499)
    spec = make_preset("fashion-logistic", DatasetSpec("imdb", num_words=500, maxlen=50), facts)
    source = export_script(spec, facts, "")
    assert "keras.datasets.imdb.load_data(num_words=500)" in source
    assert "maxlen=50" in source


def test_data_of_ones_own_are_loaded_from_a_folder() -> None:
    spec = fashion_lab().with_dataset(DatasetSpec.at('/my "own"\\pictures'))
    source = export_script(spec, FASHION, "/cache/data/abc")
    ast.parse(source)
    assert 'x_test = np.load(f"{FOLDER}/x_test.npy", mmap_mode="r")' in source


TEXTS = msgspec.structs.replace(FASHION, dtype="str", shape=())
WORDS = LayerSpec.of("TextVectorization", max_tokens=50, output_sequence_length=9)


@pytest.mark.parametrize("form", FORMS)
def test_texts_are_made_numbers_once_before_the_training(form: Form) -> None:
    model = stack(WORDS, LayerSpec.of("Embedding", input_dim=50, output_dim=4), LayerSpec.of("Flatten"))
    source = export_script(fashion_lab().with_model(model), TEXTS, "/cache/data/abc", form)
    ast.parse(source)
    assert 'x_test = texts("x_test")' in source
    assert "words = layers.TextVectorization(" in source
    assert "keras.Input((9,))" in source


WRITTEN_OUT = [
    ({"optimizer": "sgd"}, (LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax"))),
    (
        {"optimizer": "rmsprop", "rho": 0.8, "loss": "categorical_crossentropy", "shuffle": False},
        (
            LayerSpec.of("Rescaling", scale=1 / 255, offset=-0.5),
            LayerSpec.of("Flatten"),
            LayerSpec.of("Dense", units=8, activation="tanh", use_bias=False),
            LayerSpec.of("Dense", units=10, activation="softmax"),
        ),
    ),
]


@pytest.mark.parametrize(("fit", "layers"), WRITTEN_OUT)
def test_a_stack_of_dense_trained_by_sgd_or_rmsprop_is_written_without_layers_and_optimizers_of_keras(
    fit: dict[str, object], layers: tuple[LayerSpec, ...]
) -> None:
    spec = RunSpec(iris_lab().dataset, stack(*layers), FitSpec.of(fit))
    source = export_script(spec, FASHION, "/data.npz", "from-scratch")
    assert {"NaiveDense", "NaiveSequential", "BatchGenerator", "one_training_step"} <= {
        node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    code, _, _ = source.partition(SCRIPT_NOTE)
    assert all(
        word not in code for word in ("layers.Dense", "keras.optimizers", "keras.losses", "import layers")
    )


@pytest.mark.parametrize(
    ("fit", "layer"),
    [
        ({"optimizer": "adam"}, LayerSpec.of("Flatten")),
        ({"optimizer": "sgd", "momentum": 0.9}, LayerSpec.of("Flatten")),
        ({"optimizer": "sgd", "clipnorm": 1.0}, LayerSpec.of("Flatten")),
        ({"optimizer": "sgd", "early_stopping_patience": 3}, LayerSpec.of("Flatten")),
        ({"optimizer": "sgd", "loss": "huber"}, LayerSpec.of("Flatten")),
        ({"optimizer": "sgd"}, LayerSpec.of("Dropout", rate=0.5)),
        ({"optimizer": "sgd"}, LayerSpec.of("Dense", units=4, activation="gelu")),
        ({"optimizer": "sgd"}, LayerSpec.of("Dense", units=4, trainable=False)),
    ],
)
def test_any_other_run_keeps_its_layers_and_has_its_loop_written_out(
    fit: dict[str, object], layer: LayerSpec
) -> None:
    layers = (layer, LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax"))
    spec = RunSpec(iris_lab().dataset, stack(*layers), FitSpec.of(fit))
    source = export_script(spec, FASHION, "/data.npz", "from-scratch")
    assert "class NaiveDense" not in source
    assert "tf.GradientTape" in source


@pytest.mark.parametrize("name", PRESETS)
def test_the_code_beside_the_stack_is_read_back_as_the_draft(name: str) -> None:
    spec = PRESETS[name]()
    facts = catalog.find(spec.dataset.name).facts
    read = read_source("\n".join(draft_lines(spec, facts)))
    assert ModelSpec(tuple(read.layers)).links == spec.model.links
    assert [layer.code() for layer in read.layers] == [layer.code() for layer in spec.model.layers]


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_code_beside_a_draft_with_a_written_out_step_has_the_step_of_the_script(optimizer: str) -> None:
    facts = catalog.find("iris").facts
    spec = iris_lab().with_fit(optimizer=optimizer, train_step="written_out")
    step, script = (
        step_lines(spec, facts),
        export_script(spec, facts, "/data.npz", "from-scratch").split("\n"),
    )
    assert {line for line in step if line} <= set(script)
    code = "\n".join(draft_lines(spec, facts))
    assert "\n".join(step) in code
    assert "model.fit" not in code
    assert read_source(code).layers == read_source("\n".join(draft_lines(iris_lab(), facts))).layers


def test_what_a_script_does_beside_keras_calls_is_named_in_the_code_beside_the_stack() -> None:
    spec = PRESETS["diabetes-regression"]().with_fit(shuffle=False, precision="mixed_float16")
    lines = draft_lines(spec, catalog.find("diabetes").facts)
    assert [line for line in lines if line.startswith("#")] == [
        "# normalization is adapted to the training samples",
        "# the target is scaled for the training, and its outputs back",
        '# before the layers: keras.config.set_dtype_policy("mixed_float16")',
    ]
    assert "    shuffle=False," in lines
    balanced = PRESETS["iris-lab"]().with_fit(class_weights="balanced")
    assert "# each sample weighs by how rare its class is" in draft_lines(
        balanced, catalog.find("iris").facts
    )
    first, *others = iris_lab().model.layers
    trunk = ModelSpec((first.with_options(weights="dense"), *others))
    started = iris_lab().with_weights(WeightsSpec("/runs/one.keras")).with_model(trunk)
    lines = draft_lines(started, catalog.find("iris").facts)
    assert "# with first weights of /runs/one.keras: 1 layer" in lines


def test_a_draft_that_does_not_fit_is_written_with_the_reason() -> None:
    spec = PRESETS["iris-lab"]()
    misfit = spec.with_model(spec.model.insert(0, LayerSpec.of("Conv2D", filters=2, kernel_size=3)))
    facts = catalog.find(spec.dataset.name).facts
    *_, last = draft_lines(misfit, facts)
    assert last.startswith("# layer 1: ")
    assert not any(line.startswith("model.fit") for line in draft_lines(misfit, facts))


@pytest.mark.parametrize(
    ("device", "line"),
    [
        ("gpu:2,1", 'tf.config.set_visible_devices(tf.config.list_physical_devices("GPU")[2], "GPU")'),
        ("cpu:0,1", 'tf.config.set_visible_devices([], "GPU")'),
    ],
)
def test_a_script_of_a_training_on_several_devices_says_so_and_takes_the_first(
    device: str, line: str
) -> None:
    spec = iris_lab().with_fit(device=device)
    lines = export_script(spec, catalog.find("iris").facts, "/data.npz").splitlines()
    at = lines.index(line)
    assert (
        lines[at - 1]
        == f'# tuinn trains this on several devices (device = "{device}"), with the losses of one.'
    )
