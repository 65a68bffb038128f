"""The datasets of `keras.datasets` that have to be fetched once: their facts, and the files they are made of.

Names, addresses and hashes are those of Keras 3. Where Keras checks no hash, the file's own publisher gives it.
"""

from tuinn.data.info import DatasetInfo, KerasFile
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task

DIGIT_NAMES = tuple("0123456789")

FASHION_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

CIFAR10_NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)

_CIFAR100 = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel
    can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
    dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
    lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree
    pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea
    seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table
    tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman
    worm
"""
CIFAR100_NAMES = tuple(name.replace("_", " ") for name in _CIFAR100.split())

_REUTERS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton
    carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal
    livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog
    lead
"""
REUTERS_TOPICS = tuple(_REUTERS.split())


GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
"""Where the developers of Keras keep their copies."""

WORDS, LENGTH = DatasetSpec().num_words, DatasetSpec().maxlen
"""Of texts given as numbers of words: how many different numbers there are, and how many stand in a row, unless a
spec says otherwise."""

HOUSES = (
    *("longitude (°)", "latitude (°)", "median age of houses (years)", "rooms", "bedrooms"),
    *("population", "households", "median income (10,000 $)"),
)


def _images(shape: tuple[int, ...], classes: tuple[str, ...], train: int, test: int) -> DataFacts:
    return DataFacts(Task.CLASSES, shape, "uint8", 0, 255, classes, train, test)


def _texts(task: Task, classes: tuple[str, ...], train: int, test: int) -> DataFacts:
    return DataFacts(task, (LENGTH,), "uint16", 0, WORDS - 1, classes, train, test, words=WORDS)


def _zalando(name: str, size: int, sha256: str) -> KerasFile:
    return KerasFile(name, f"{GOOGLE}/{name}", size, sha256, unpacked=True, folder="fashion-mnist")


def _toronto(name: str, kept: str, size: int, sha256: str) -> KerasFile:
    url = f"https://www.cs.toronto.edu/~kriz/{name}"
    return KerasFile(f"{kept}-target_archive", url, size, sha256, other_names=(f"{kept}.tar.gz",))


REMOTE_DATASETS = (
    DatasetInfo(
        name="mnist",
        title="MNIST",
        facts=_images((28, 28), DIGIT_NAMES, 60_000, 10_000),
        licence="CC BY-SA 3.0",
        source="http://yann.lecun.com/exdb/mnist/",
        description="Handwritten digits, 28 × 28 grey: which digit is it?",
        background="dark",
        publisher="Yann LeCun, Corinna Cortes, Christopher Burges",
        files=(
            KerasFile(
                "mnist.npz",
                f"{GOOGLE}/mnist.npz",
                11_490_434,
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
    ),
    DatasetInfo(
        name="fashion_mnist",
        title="Fashion-MNIST",
        facts=_images((28, 28), FASHION_NAMES, 60_000, 10_000),
        licence="MIT",
        source="https://github.com/zalandoresearch/fashion-mnist",
        description="Photos of clothes, 28 × 28 grey: which of ten kinds is it? All of Zalando's set.",
        background="dark",
        publisher="Zalando SE",
        files=(
            _zalando(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            _zalando(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            _zalando(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
            _zalando(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
        ),
    ),
    DatasetInfo(
        name="cifar10",
        title="CIFAR-10",
        facts=_images((32, 32, 3), CIFAR10_NAMES, 50_000, 10_000),
        licence="not named; free for research, cite Krizhevsky 2009",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        description="Small colour photos, 32 × 32: which of ten animals and vehicles is it?",
        resize_mode="stretch",
        publisher="Alex Krizhevsky, University of Toronto",
        files=(
            _toronto(
                "cifar-10-python.tar.gz",
                "cifar-10-batches-py",
                170_498_071,
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            ),
        ),
    ),
    DatasetInfo(
        name="cifar100",
        title="CIFAR-100",
        facts=_images((32, 32, 3), CIFAR100_NAMES, 50_000, 10_000),
        licence="not named; free for research, cite Krizhevsky 2009",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        description="Small colour photos, 32 × 32: which of a hundred things is it?",
        resize_mode="stretch",
        publisher="Alex Krizhevsky, University of Toronto",
        files=(
            _toronto(
                "cifar-100-python.tar.gz",
                "cifar-100-python",
                169_001_437,
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ),
        ),
    ),
    DatasetInfo(
        name="california_housing",
        title="California housing",
        facts=DataFacts(
            task=Task.REGRESSION,
            targets=(14_999, 500_001),
            shape=(8,),
            dtype="float32",
            low=-124.35,
            high=39_320,
            classes=(),
            train=16_512,
            test=4_128,
            features=HOUSES,
            target="median house value ($)",
        ),
        licence="not named; figures of the U.S. census of 1990",
        source="https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html",
        description="Districts of California in 1990: what is a house worth (14,999 to 500,001 $)?",
        publisher="StatLib; Pace and Barry 1997",
        files=(
            KerasFile(
                "california_housing.npz",
                f"{GOOGLE}/california_housing.npz",
                743_530,
                "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            ),
        ),
    ),
    DatasetInfo(
        name="imdb",
        title="IMDB reviews",
        facts=_texts(Task.BINARY, ("negative", "positive"), 25_000, 25_000),
        licence="not named; cite Maas et al. 2011",
        source="https://ai.stanford.edu/~amaas/data/sentiment/",
        description="Film reviews as numbers of words, the last of each: praise or not?",
        publisher="Andrew Maas, Stanford University",
        files=(
            KerasFile(
                "imdb.npz",
                f"{GOOGLE}/imdb.npz",
                17_464_789,
                "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
            ),
            KerasFile(
                "imdb_word_index.json",
                f"{GOOGLE}/imdb_word_index.json",
                1_641_221,
                "",
                md5="bfafd718b763782e994055a2d397834f",
                optional=True,
            ),
        ),
    ),
    DatasetInfo(
        name="reuters",
        title="Reuters newswires",
        facts=_texts(Task.CLASSES, REUTERS_TOPICS, 8_982, 2_246),
        licence="free for research (Reuters-21578, with its notice)",
        source="https://martin-thoma.com/nlp-reuters/",
        description="Newswires of 1987 as numbers of words, the last of each: which of 46 topics?",
        publisher="Reuters Ltd., Carnegie Group; David Lewis",
        files=(
            KerasFile(
                "reuters.npz",
                f"{GOOGLE}/reuters.npz",
                2_110_848,
                "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
            ),
            KerasFile(
                "reuters_word_index.json",
                f"{GOOGLE}/reuters_word_index.json",
                550_378,
                "",
                md5="4d44cc38712099c9e383dc6e5f11a921",
                optional=True,
            ),
        ),
    ),
)
