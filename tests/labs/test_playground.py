"""The playground's arithmetic: clouds, gradients, training in slices, what leaves all bounds, columns of a table."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest

from tuinn.errors import SpecError
from tuinn.labs.playground.clouds import CLOUDS, Array
from tuinn.labs.playground.features import FEATURES, features_of
from tuinn.labs.playground.keras_code import keras_code
from tuinn.labs.playground.network import ACTIVATIONS, LOSSES, Kind, Network, Penalty, loss_value
from tuinn.labs.playground.own_data import other_columns, own_data, read_own_data
from tuinn.labs.playground.session import MOST_HISTORY, SIDE, Playground, Settings, pixels_of, plane_points
from tuinn.spec.keras_import.line_syntax import read_lines


def numerical(network: Network, x: Array, y: Array, loss: str, penalty: Penalty) -> list[Array]:
    """The gradient of every kernel by differences."""
    found = []
    for kernel in network.kernels:
        slopes = np.zeros_like(kernel)
        for at in np.ndindex(*kernel.shape):
            values = []
            for step in (1e-6, -1e-6):
                kept, kernel[at] = kernel[at], kernel[at] + step
                values.append(loss_value(loss, network.layers(x)[-1], y) + penalty.value(network.kernels))
                kernel[at] = kept
            slopes[at] = (values[0] - values[1]) / 2e-6
        found.append(slopes)
    return found


@pytest.mark.parametrize("penalty", [Penalty(), Penalty("L1", 0.01), Penalty("L2", 0.01)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("kind", "loss"), [(kind, loss) for kind, losses in LOSSES.items() for loss in losses]
)
def test_the_gradient_is_that_of_small_differences(
    kind: Kind, loss: str, activation: str, penalty: Penalty
) -> None:
    rng = np.random.default_rng(3)
    outputs = 3 if kind == "classes" else 1
    network = Network.of(2, (4, 3), outputs, activation, kind, seed=5)
    x = rng.normal(size=(7, 2))
    y = np.eye(3)[rng.integers(0, 3, 7)] if kind == "classes" else rng.integers(0, 2, (7, 1)).astype(float)
    kernels, _ = network.gradients(x, y, loss, penalty)
    for ours, theirs in zip(kernels, numerical(network, x, y, loss, penalty), strict=True):
        assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        (Settings("circle", features=("x²", "y²"), layers=()), 0.97),
        (Settings("xor", features=("xy",), layers=()), 0.97),
        (Settings("Gaussians", layers=()), 0.97),
        (Settings("spirals", features=("x", "y", "sin x", "sin y"), layers=(8, 8)), 0.85),
    ],
)
def test_each_cloud_is_learned_by_what_its_words_say(settings: Settings, least: float) -> None:
    play = Playground(settings)
    play.train(400, 60)
    assert play.accuracy is not None
    assert play.accuracy >= least


def test_a_linear_unit_learns_the_plane_and_no_straight_line_the_circle() -> None:
    plane = Playground(Settings("plane", layers=()))
    plane.train(100, 60)
    assert plane.losses[1] < 0.01
    circle = Playground(Settings("circle", layers=()))
    circle.train(200, 60)
    assert circle.accuracy is not None
    assert circle.accuracy < 0.8


@pytest.mark.parametrize("name", CLOUDS)
def test_a_seed_gives_the_same_points_and_noise_gives_others(name: str) -> None:
    one, same, other = (Playground(Settings(name, noise=noise)) for noise in (0.1, 0.1, 0.4))
    assert (one.points == same.points).all()
    assert (one.network.kernels[0] == same.network.kernels[0]).all()
    assert (one.points != other.points).any() or (one.values != other.values).any()
    assert np.abs(one.points).max() < 12


def test_every_feature_is_what_its_python_says() -> None:
    points = np.random.default_rng(0).uniform(-6, 6, (20, 2))
    x, y = points.T
    for at, (name, (_, source)) in enumerate(FEATURES.items()):
        assert (features_of(points, [*FEATURES])[:, at] == eval(source, {"x": x, "y": y, "np": np})).all(), (
            name
        )


def test_points_fall_on_the_pixel_that_covers_them_and_up_is_up() -> None:
    grid = plane_points()
    rows, columns = pixels_of(grid)
    assert (rows * SIDE + columns == np.arange(SIDE * SIDE)).all()
    assert grid[0].tolist() == [-5.85, 5.85]


def test_a_slice_ends_in_time_within_an_epoch_and_goes_on_where_it_was() -> None:
    play, ticks = Playground(Settings(batch=10)), count()
    assert play.train(100, 3, clock=lambda: float(next(ticks))) == 0  # three steps of twelve
    assert play.epoch == 0
    assert play.train(1, 60) == 1
    straight = Playground(Settings(batch=10))
    straight.train(1, 60)
    assert (straight.network.kernels[0] == play.network.kernels[0]).all()


def test_a_batch_is_never_larger_than_the_points_and_the_history_stays_bounded() -> None:
    play = Playground(Settings(batch=1000))
    assert play.batch == 120
    play.train(MOST_HISTORY + 5, 60)
    assert play.epoch == MOST_HISTORY + 5
    assert len(play.history.epochs) <= MOST_HISTORY
    assert play.history.epochs[0] == 0
    assert play.history.epochs[-1] == play.epoch


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_weights_that_leave_all_bounds_are_said_and_the_last_good_ones_stay(activation: str) -> None:
    play = Playground(Settings("hills", activation=activation, rate=90.0, features=("x²", "y²", "xy")))
    with pytest.raises(SpecError, match="a rate of 90 is too large here"):
        play.train(200, 60)
    assert play.network.is_finite
    assert all(np.isfinite(surface).all() for surface in play.surfaces())
    assert np.isfinite(play.losses).all()
    play.begin()
    assert play.epoch == 0


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (0.0, "With a rate of 0 no step changes anything"),
        (1e9, "A rate is a number between 1e-06 and 100, not 1e"),
        (-1.0, "A rate is"),
        (float("nan"), "A rate is"),
    ],
)
def test_a_rate_that_teaches_nothing_is_refused(rate: float, told: str) -> None:
    play = Playground()
    with pytest.raises(SpecError, match=told):
        play.set_rate(rate)
    assert play.settings.rate == 0.03


def test_only_what_the_network_is_made_of_begins_it_anew() -> None:
    play = Playground()
    play.train(3, 60)
    play.change(rate=0.1, batch=5, penalty=Penalty("L2", 0.001))
    assert play.epoch == 3
    play.add_layer()
    assert (play.epoch, play.settings.layers) == (0, (4, 2, 2))
    play.remove_layer(0)
    play.turn_feature("xy")
    assert play.settings.features == ("x", "y", "xy")
    assert [kernel.shape for kernel in play.network.kernels] == [(3, 2), (2, 2), (2, 1)]


def test_the_last_feature_stays_and_a_seventh_layer_is_refused() -> None:
    play = Playground()
    play.turn_feature("x")
    with pytest.raises(SpecError, match="at least one feature"):
        play.turn_feature("y")
    for _ in range(4):
        play.add_layer()
    with pytest.raises(SpecError, match="6 hidden layers are the most"):
        play.add_layer()


def test_the_keras_script_read_as_pasted_code_is_the_same_network_and_training() -> None:
    play = Playground(
        Settings("xor", features=("x", "xy"), layers=(5, 3), penalty=Penalty("L2", 0.001), rate=0.1)
    )
    read = read_lines(keras_code(play))
    assert [layer.options["units"] for layer in read.layers] == [5, 3, 1]
    assert [layer.options["activation"] for layer in read.layers] == ["tanh", "tanh", "sigmoid"]
    assert read.layers[0].options["kernel_regularizer"] == "l2(0.001)"
    told = " ".join(note.text for note in read.notes)
    for words in ("optimizer sgd", "learning_rate 0.1", "loss binary_crossentropy", "batch_size 10"):
        assert words in told


# ------------------------------------------------------------------------------------------- data of one's own


def table(folder: Path, rows: int = 40) -> Path:
    lines = [f"{at % 7},{at % 5},{at * 1.5},{('left', 'right', 'up')[at % 3]}" for at in range(rows)]
    (folder / "own.csv").write_text("\n".join(["a,b,c,kind", *lines]))
    return folder / "own.csv"


def test_a_table_gives_its_first_two_numbers_and_its_likely_target(tmp_path: Path) -> None:
    found = own_data(str(table(tmp_path)))
    assert (found.x, found.y, found.target) == ("a", "b", "kind")
    assert found.classes == ("left", "right", "up")
    assert (found.points.min(), found.points.max()) == (-5, 5)
    play = Playground()
    play.take(found)
    assert (play.kind, play.loss, play.y.shape[1]) == ("classes", "categorical_crossentropy", 3)
    play.train(5, 60)
    assert play.surfaces()[-1].shape == (SIDE, SIDE, 3)


def test_columns_can_be_named_and_turned_and_a_number_is_a_regression(tmp_path: Path) -> None:
    found = read_own_data(f"{table(tmp_path)} b c a")
    assert (found.x, found.y, found.target, found.classes) == ("b", "c", "a", ())
    assert (found.values.min(), found.values.max()) == (-1, 1)
    assert other_columns(found, "target", 1).target == "kind"
    play = Playground()
    play.take(found)
    assert play.kind == "number"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n1\n2\n3\n", "one.csv has 1 column, 1 of numbers; the playground needs two columns"),
        ("a,b,c\n1,5,2\n2,6,2\n3,7,2\n4,8,2\n", "c in one.csv is the same in every row"),
        (
            "a,b,c\n" + "".join(f"{at},{at},w{at}\n" for at in range(20)),
            "c in one.csv has 20 different words",
        ),
        ("a,b,c\n1,2,x\n2,3,\n", "1 row without a gap"),
    ],
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "one.csv").write_text(text)
    with pytest.raises(SpecError, match=told):
        own_data(str(tmp_path / "one.csv"), *(("a", "b", "c") if "," in text else ()))


def test_a_file_that_cannot_be_read_or_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)) * 20)
    for typed in (f"{tmp_path}/bytes.csv", f"{tmp_path}/none.csv", str(tmp_path), ""):
        with pytest.raises(SpecError):
            read_own_data(typed)
    with pytest.raises(SpecError, match="no column 'z'"):
        read_own_data(f"{table(tmp_path)} a z kind")
    with pytest.raises(SpecError, match=r"kind in own\.csv holds words"):
        read_own_data(f"{table(tmp_path)} a kind c")
    with pytest.raises(SpecError, match="must be three columns"):
        read_own_data(f"{table(tmp_path)} a a kind")


def test_of_many_rows_as_many_as_can_be_drawn_are_taken(tmp_path: Path) -> None:
    assert len(own_data(str(table(tmp_path, 3000))).points) == 500
