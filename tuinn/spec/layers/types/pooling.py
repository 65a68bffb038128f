"""Fewer values, or more: pools, padding, cropping, upsampling."""

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_options import AxisPadding
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape
from tuinn.spec.layers.types.common_options import always_written, axis_sizes, padding_option
from tuinn.spec.layers.types.convolution import RANK_NAMES, window_sizes
from tuinn.spec.options import Bool, Choice

WINDOW_NAMES = {1: "stretch", 2: "square", 3: "cube"}


def _pool(options: Options, shape: Shape) -> Measure:
    pool = options["pool_size"]
    strides = options["strides"] or pool
    out = window_sizes(shape[:-1], pool, strides, options["padding"], "The pool")
    return Measure((*out, shape[-1]), macs=0)


def _global(options: Options, shape: Shape) -> Measure:
    ones = (1,) * (len(shape) - 1) if options["keepdims"] else ()
    return Measure((*ones, shape[-1]))


def _zero_padding(options: Options, shape: Shape) -> Measure:
    return Measure((*_with_sides(options["padding"], shape, 1), shape[-1]))


def _cropping(options: Options, shape: Shape) -> Measure:
    out = _with_sides(options["cropping"], shape, -1)
    if min(out) < 1:
        raise SpecError(f"The cropping leaves nothing of {format_shape(shape[:-1])}. Crop less.")
    return Measure((*out, shape[-1]))


def _with_sides(sides: Shape, shape: Shape, sign: int) -> Shape:
    ends = zip(shape[:-1], sides[::2], sides[1::2], strict=True)
    return tuple(size + sign * (start + end) for size, start, end in ends)


def _upsampling(options: Options, shape: Shape) -> Measure:
    return Measure((*(n * by for n, by in zip(shape[:-1], options["size"], strict=True)), shape[-1]))


def _pooling(word: str, rank: int) -> LayerType:
    size = axis_sizes("pool_size", 2, rank, f"size of the {WINDOW_NAMES[rank]}; one number for every axis")
    return LayerType(
        f"{word}Pooling{rank}D",
        "pooling",
        f"keep the {'largest' if word == 'Max' else 'mean'} of each small {WINDOW_NAMES[rank]}",
        _pool,
        (
            always_written(size) if word == "Average" else size,
            axis_sizes("strides", None, rank, "nothing: as the pool size", optional=True),
            padding_option(),
        ),
        "Valid: out = ⌊(n − k) / s⌋ + 1; same: out = ⌈n / s⌉. No parameters.",
        "Makes what comes after cheaper and less bound to the exact place.",
        axes=rank + 1,
    )


def _whole(word: str, rank: int) -> LayerType:
    return LayerType(
        f"Global{word}Pooling{rank}D",
        "pooling",
        f"each channel becomes its {'largest value' if word == 'Max' else 'mean'}",
        _global,
        (Bool("keepdims", False, help="keep the axes, each of size 1"),),
        f"y[c] = {'max' if word == 'Max' else 'mean'} of x over all places in {RANK_NAMES[rank]}. No parameters.",
        "Often in place of Flatten at the end of a convolutional network: far fewer parameters below, and any size of input.",
        axes=rank + 1,
    )


def _around(rank: int) -> tuple[LayerType, ...]:
    ends = "one number for all ends, one per axis, or two per axis: start and end"
    size = axis_sizes("size", 2, rank, "how many times larger")
    blend = Choice(
        "interpolation", "nearest", choices=("nearest", "bilinear", "bicubic"), help="how gaps are filled"
    )
    return (
        LayerType(
            f"ZeroPadding{rank}D",
            "size",
            f"zeros around {RANK_NAMES[rank]}",
            _zero_padding,
            (AxisPadding("padding", (1,) * 2 * rank, ends, axes=rank),),
            "out = n + start + end.",
            "Keeps the edges in sight of the next convolution; padding 'same' does so by itself.",
            axes=rank + 1,
        ),
        LayerType(
            f"Cropping{rank}D",
            "size",
            f"cut the edges off {RANK_NAMES[rank]}",
            _cropping,
            (AxisPadding("cropping", ((0,) if rank == 2 else (1,)) * 2 * rank, ends, axes=rank),),
            "out = n − start − end.",
            "Cuts away a frame, or what a transposed convolution made too large.",
            axes=rank + 1,
        ),
        LayerType(
            f"UpSampling{rank}D",
            "size",
            f"make {RANK_NAMES[rank]} larger by repeating values",
            _upsampling,
            (size, blend) if rank == 2 else (size,),
            "out = n · size. No parameters.",
            "In decoders, before a convolution; a transposed convolution learns how to grow.",
            axes=rank + 1,
        ),
    )


POOLING = (
    *(_pooling(word, rank) for rank in (2, 1, 3) for word in ("Max", "Average")),
    *(_whole(word, rank) for rank in (2, 1, 3) for word in ("Average", "Max")),
)
RESIZING = tuple(layer_type for rank in (2, 1, 3) for layer_type in _around(rank))
