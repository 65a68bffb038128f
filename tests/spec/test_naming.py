"""What people call settings, and the title that a run gets by its settings."""

import pytest

from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.naming import recipe_of, settings_of, title_of
from tuinn.spec.presets.catalog import PRESETS, fashion_lab, iris_lab
from tuinn.spec.run import RunSpec

ALL = {name: make() for name, make in PRESETS.items()}


def changed(*settings: str, base: RunSpec | None = None) -> RunSpec:
    spec = base or fashion_lab()
    for setting in settings:
        path, _, value = setting.partition("=")
        spec = spec.with_setting(path, value)
    return spec


@pytest.mark.parametrize("name", PRESETS)
def test_an_untouched_preset_goes_by_its_own_name(name: str) -> None:
    assert title_of(ALL[name], ALL) == name


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        (("layers[3].units=308",), "fashion-lab, units 308"),
        (("layers[3].units=308", "layers[4].units=128"), "fashion-lab, units 308-128"),
        (("layers[3].activation=tanh", "layers[4].activation=tanh"), "fashion-lab, dense activation tanh"),
        (
            ("layers[5].rate=0.5", "fit.learning_rate=0.01"),
            "fashion-lab, dropout rate 0.5, learning rate 0.01",
        ),
        (("fit.epochs=2", "fit.optimizer=sgd"), "fashion-lab, optimizer sgd, epochs 2"),
        (("fit.schedule=cosine", "dataset.validation=0.3"), "fashion-lab, schedule cosine, validation 0.3"),
        (("fit.seed=1", "fit.device=cpu", "fit.metrics="), "fashion-lab"),
        (
            ("layers[3].units=8", "fit.batch_size=32", "fit.shuffle=false", "fit.clipnorm=1", "fit.epochs=1"),
            "fashion-lab, units 8, batch size 32, clipnorm 1, 2 more",
        ),
    ],
)
def test_a_title_names_the_preset_and_what_is_different_for_people(
    settings: tuple[str, ...], title: str
) -> None:
    assert title_of(changed(*settings), ALL) == title


def test_layers_that_come_and_go_are_named() -> None:
    lab = fashion_lab()
    assert title_of(lab.with_model(lab.model.remove(4)), ALL) == "fashion-lab, without Dropout"
    wider = lab.with_model(lab.model.insert(3, LayerSpec.of("BatchNormalization")))
    assert title_of(wider, ALL) == "fashion-lab, with BatchNormalization"


def test_a_run_far_from_every_preset_goes_by_its_data_and_network() -> None:
    own = fashion_lab().with_dataset(DatasetSpec.at("/somewhere/cats.csv"))
    assert title_of(own, ALL) == "cats.csv, Dense 154-64-10, epochs 15"
    assert title_of(changed("fit.epochs=5", base=own), ALL) == "cats.csv, Dense 154-64-10"


def test_settings_go_by_the_names_that_people_use() -> None:
    settings = settings_of(iris_lab())
    assert settings["learning rate"] == "0.01"
    assert settings["dense units, layer 1"] == "8"
    assert not [name for name in settings if "_" in name or "[" in name]


def test_only_seed_and_device_leave_the_recipe_as_it_is() -> None:
    recipe = recipe_of(fashion_lab())
    assert recipe_of(changed("fit.seed=1", "fit.device=cpu")) == recipe
    for setting in ("fit.epochs=1", "layers[3].units=8", "dataset.validation=0.2"):
        assert recipe_of(changed(setting)) != recipe
