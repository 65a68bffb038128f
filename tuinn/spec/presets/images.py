"""Ready networks for pictures."""

from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.run import RunSpec, stack


def dense(units: int, activation: str = "relu") -> LayerSpec:
    """The everyday layer."""
    return LayerSpec.of("Dense", units=units, activation=activation)


def fashion_lab() -> RunSpec:
    """The Fashion-MNIST lab: 784-154-64-10, 131,460 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        dense(154),
        dense(64),
        LayerSpec.of("Dropout", rate=0.2),
        dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=15))


def fashion_first_look() -> RunSpec:
    """The first look at a network: one hidden layer of 512, 407,050 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        dense(512),
        dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=5))


def fashion_wide() -> RunSpec:
    """As wide as its input: 784-784-10, 623,290 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        dense(784),
        dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=5))


def fashion_logistic() -> RunSpec:
    """Logistic regression on pictures: no hidden layer, 7,850 parameters."""
    model = stack(LayerSpec.of("Rescaling", scale=1 / 255), LayerSpec.of("Flatten"), dense(10, "softmax"))
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=10))


def fashion_cnn(shape: Shape = (28, 28)) -> RunSpec:
    """A small convolutional network for pictures."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        *_with_channels(shape),
        LayerSpec.of("Conv2D", filters=32, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Conv2D", filters=64, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dropout", rate=0.5),
        dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=8, batch_size=64))


def residual_cnn(shape: Shape = (28, 28)) -> RunSpec:
    """Cats and dogs: augmentation, separable convolutions and residual links, for pictures of any size."""
    # momentum: Keras' 0.99 averages over some 500 steps, which a small set of photos takes dozens of epochs for.
    layers = [
        LayerSpec.of("Rescaling", scale=1 / 255),
        *_with_channels(shape),
        LayerSpec.of("RandomFlip", mode="horizontal"),
        LayerSpec.of("RandomRotation", factor=0.05),
        LayerSpec.of("Conv2D", filters=32, kernel_size=3, strides=2, padding="same"),
        LayerSpec.of("BatchNormalization", momentum=0.9),
        LayerSpec.of("ReLU", name="stem"),
    ]
    source = "stem"
    for filters in (64, 128):
        block, link, joined = f"block{filters}", f"link{filters}", f"sum{filters}"
        layers += [
            LayerSpec.of("SeparableConv2D", filters=filters, kernel_size=3, padding="same"),
            LayerSpec.of("BatchNormalization", momentum=0.9),
            LayerSpec.of("ReLU"),
            LayerSpec.of("SeparableConv2D", filters=filters, kernel_size=3, padding="same"),
            LayerSpec.of("BatchNormalization", momentum=0.9),
            LayerSpec.of("MaxPooling2D", pool_size=3, strides=2, padding="same", name=block),
            LayerSpec.of(
                "Conv2D",
                filters=filters,
                kernel_size=1,
                strides=2,
                padding="same",
                name=link,
                **{"from": source},
            ),
            LayerSpec.of("Add", name=joined, **{"from": [block, link]}),
        ]
        source = joined
    layers += [
        LayerSpec.of("GlobalAveragePooling2D"),
        LayerSpec.of("Dropout", rate=0.25),
        dense(10, "softmax"),
    ]
    return RunSpec(DatasetSpec("fashion_mnist_mini"), stack(*layers), FitSpec(epochs=10, batch_size=64))


def _with_channels(shape: Shape) -> list[LayerSpec]:
    """Convolutions want a channel axis, and grey pictures come without."""
    return [] if len(shape) == 3 else [LayerSpec.of("Reshape", target_shape=[*shape, 1])]


def digits_mlp() -> RunSpec:
    """Hand-written digits of 8 × 8 pixels."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 16),
        LayerSpec.of("Flatten"),
        dense(64),
        dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("digits"), model, FitSpec(epochs=15, batch_size=32))
