"""Words and categories become numbers."""

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_options import Floats
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape
from tuinn.spec.options import Bool, Choice, Int

_PAD = Bool("pad_to_max_tokens", False, help="one column for each possible word, known or not")


def _columns(shape: Shape, tokens: int, mode: str, type_name: str) -> Shape:
    """One number per value for int, one column per token else."""
    if mode == "int":
        return shape
    if not shape:
        raise SpecError(f"{type_name} needs at least one axis of values.")
    if mode != "one_hot" and len(shape) > 1:
        raise SpecError(
            f"{type_name} counts one row of values, but the layer above gives {format_shape(shape)}."
        )
    if mode == "one_hot" and shape[-1] != 1:
        return (*shape, tokens)
    return (*shape[:-1], tokens)


def _category_encoding(options: Options, shape: Shape) -> Measure:
    return Measure(_columns(shape, options["num_tokens"], options["output_mode"], "CategoryEncoding"))


def _discretization(options: Options, shape: Shape) -> Measure:
    edges, bins = options["bin_boundaries"], options["num_bins"]
    if (edges is None) == (bins is None):
        raise SpecError("Discretization needs either bin_boundaries or num_bins. Set one of them.")
    tokens = bins if edges is None else len(edges) + 1
    return Measure(_columns(shape, tokens, options["output_mode"], "Discretization"))


def _known_width(options: Options, type_name: str) -> int:
    if options["max_tokens"] is None or not options["pad_to_max_tokens"]:
        raise SpecError(
            f"{type_name}'s width would depend on the words it meets. Set max_tokens, and pad_to_max_tokens to true."
        )
    width: int = options["max_tokens"]
    return width


def _check_tokens(options: Options, kept: int) -> None:
    """`kept`: numbers that stand for no word, padding and unknown ones. Raises SpecError."""
    if options["max_tokens"] is not None and options["max_tokens"] <= kept:
        raise SpecError(
            f"max_tokens {options['max_tokens']} leaves room for no word: {kept} of them stand for padding and unknown words."
        )
    if options["pad_to_max_tokens"] and options["max_tokens"] is None:
        raise SpecError("pad_to_max_tokens needs max_tokens. Set it, or pad_to_max_tokens to false.")


def _string_lookup(options: Options, shape: Shape) -> Measure:
    _check_tokens(options, options["num_oov_indices"])
    if options["output_mode"] == "int":
        return Measure(shape)
    width = _known_width(options, "StringLookup")
    return Measure(_columns(shape, width, options["output_mode"], "StringLookup"))


def _text_vectorization(options: Options, shape: Shape) -> Measure:
    if shape not in ((), (1,)):
        raise SpecError(
            f"TextVectorization reads one text per sample, but the input is {format_shape(shape)}."
        )
    _check_tokens(options, 2 if options["output_mode"] == "int" else 1)
    if options["output_mode"] != "int":
        return Measure((_known_width(options, "TextVectorization"),))
    if options["output_sequence_length"] is None:
        raise SpecError("A text of any length has no shape. Set output_sequence_length, such as 100.")
    return Measure((options["output_sequence_length"],))


_TOKENS = Int(
    "max_tokens", None, low=2, high=10_000_000, optional=True, help="most words it knows; nothing: all"
)

PREPROCESSING = (
    LayerType(
        "CategoryEncoding",
        "categories",
        "whole numbers become 0s and 1s",
        _category_encoding,
        (
            Int("num_tokens", high=1_000_000, help="how many different numbers there are, 0 included"),
            Choice(
                "output_mode",
                "multi_hot",
                choices=("multi_hot", "one_hot", "count"),
                help="one_hot: a row per number",
            ),
        ),
        "one_hot: 2 of 4 → 0 0 1 0; multi_hot: 0 and 2 of 4 → 1 0 1 0.",
        "Categories that are numbered, where the numbers have no order.",
    ),
    LayerType(
        "Discretization",
        "categories",
        "a number becomes the number of its range",
        _discretization,
        (
            Floats("bin_boundaries", None, optional=True, help="where one range ends and the next begins"),
            Int(
                "num_bins",
                None,
                low=2,
                high=10_000,
                optional=True,
                help="or how many; measured on the training data",
            ),
            Choice(
                "output_mode",
                "int",
                choices=("int", "multi_hot", "one_hot", "count"),
                help="int: the number itself",
            ),
        ),
        "y = how many boundaries lie at or below x: with 0, 10, −3 → 0, 5 → 1, 12 → 2.",
        "Ages into groups, places into a grid; with CategoryEncoding or Embedding after it.",
        adapts=True,
    ),
    LayerType(
        "StringLookup",
        "categories",
        "each word becomes its number",
        _string_lookup,
        (
            _TOKENS,
            Int("num_oov_indices", 1, low=1, high=1000, help="numbers kept for unknown words"),
            Choice(
                "output_mode",
                "int",
                choices=("int", "one_hot", "multi_hot", "count"),
                help="int: the number itself",
            ),
            _PAD,
        ),
        "y = the word's number, by how frequent it is in the training data; 0 is unknown.",
        "A column of words, with CategoryEncoding or Embedding after it.",
        reads_text=True,
        adapts=True,
    ),
    LayerType(
        "TextVectorization",
        "categories",
        "a text becomes the numbers of its words",
        _text_vectorization,
        (
            _TOKENS,
            Choice(
                "standardize",
                "lower_and_strip_punctuation",
                choices=("lower_and_strip_punctuation", "lower", "strip_punctuation"),
                help="what is done to the text first",
            ),
            Choice("split", "whitespace", choices=("whitespace", "character"), help="what counts as a word"),
            Int("ngrams", None, high=10, optional=True, help="also pairs, triples … up to this many words"),
            Choice(
                "output_mode",
                "int",
                choices=("int", "multi_hot", "count", "tf_idf"),
                help="int: the words in their order",
            ),
            Int(
                "output_sequence_length",
                None,
                high=100_000,
                optional=True,
                help="words kept of a text; shorter ones are padded",
            ),
            _PAD,
        ),
        "y[i] = the number of word i, by how frequent it is in the training data; 0 pads, 1 is unknown.",
        "The first layer for texts. int with Embedding after it; multi_hot or tf_idf with Dense.",
        reads_text=True,
        adapts=True,
    ),
)
