"""The keys of the labs: the hub, and each lab page."""

from tuinn.ui.keys.key import Key

HELP = Key("question_mark,f1", "help", "Help", "every key, and what the words mean")
BACK = Key("escape,q", "back", "Back", "back to where you came from")

LABS: dict[str, tuple[Key, ...]] = {
    "labs": (
        Key(
            "enter",
            "choose",
            "Go",
            "take data, network and settings of the step, and go there; open a lab page",
        ),
        Key("r,f5", "run", "Run", "take what the lesson trains, and train it at once"),
        Key("right", "unfold(True)", "Unfold", "show the steps of the lesson", show=False),
        Key("left", "unfold(False)", "Fold", "hide the steps of the lesson", show=False),
        Key("space", "mark", "Done", "mark the step as done, or as not done"),
        Key("slash,f4", "filter", "Search", "type words that a lesson or a step must have"),
        HELP,
        Key("escape,q,0", "back", "Workbench", "back to the workbench"),
    ),
    "lab_neuron": (
        Key(
            "plus,equals_sign",
            "change(1)",
            "More",
            "make the value under the cursor larger; a rate is doubled",
        ),
        Key("minus", "change(-1)", "Less", "make it smaller; a rate is halved"),
        Key("pageup", "change(10)", "More", "ten times as much", show=False),
        Key("pagedown", "change(-10)", "Less", "ten times as much, the other way", show=False),
        Key("enter,i", "type", "Type", "type the value"),
        Key("up,k", "move(-1)", "Up", "the row above", show=False),
        Key("down,j", "move(1)", "Down", "the row below", show=False),
        Key("left,h", "column(-1)", "Left", "the weight to the left: w, b, out", show=False),
        Key("right,l", "column(1)", "Right", "the weight to the right", show=False),
        Key("n", "add", "Neuron", "add a neuron, up to eight"),
        Key("d,delete", "remove", "Delete", "remove the neuron under the cursor", show=False),
        Key("a", "activation(1)", "Function", "the next activation function"),
        Key("A", "activation(-1)", "Function", "the activation function before", show=False),
        Key("m", "target", "Target", "another target: sine, step, polynomial, two bumps", show=False),
        Key("o,ctrl+o", "open", "Own", "two columns of a CSV of your own as the target", show=False),
        Key("w", "example", "Example", "the weights of the lesson: one neuron, w = ±2, w = ±4"),
        Key("g", "steps(1)", "Step", "one step of gradient descent"),
        Key("t", "steps(10)", "Ten", "ten steps"),
        Key("space", "play", "Play", "step after step, or stop"),
        Key("0", "reset", "Reset", "the weights from before the first step", show=False),
        Key("1", "view('network')", "Network", "the neurons and their weights", show=False),
        Key(
            "2",
            "view('function')",
            "Curves",
            "the activation function alone, with a and c, and its derivative",
            show=False,
        ),
        Key("3", "view('keras')", "Keras", "the same network by hand and as Keras layers, side by side"),
        Key("y", "copy", "Copy", "copy the Keras code", show=False),
        HELP,
        BACK,
    ),
    "lab_tensors": (
        Key("f2", "example(1)", "Example", "the next example: rank 0 to 5, slices, broadcasting, products"),
        Key("f3", "example(-1)", "Before", "the example before", show=False),
        Key("f8", "channels", "Channels", "red, green and blue of a picture side by side, or together"),
        Key("f7", "photo", "Photo", "open a picture of your own as img; dropping its file does so, too"),
        Key("f4", "dataset", "Data", "choose the dataset behind train_images"),
        Key("tab", "complete", "Tab", "complete the name before the cursor", show=False, first=True),
        Key("up", "recall(-1)", "Up", "what was entered before", show=False),
        Key("down", "recall(1)", "Down", "what was entered after that", show=False),
        Key("pagedown", "page(1)", "More", "the next pictures of a result", show=False),
        Key("pageup", "page(-1)", "Less", "the pictures before", show=False),
        Key("f1", "help", "Help", "every key, and what the words mean"),
        Key("escape", "back", "Back", "back to where you came from"),
    ),
}
"""A place of the labs → its keys. The name of a page's place is `lab_` and the word for the page."""

LAB_TITLES: dict[str, str] = {
    "labs": "The labs",
    "lab_neuron": "Lab: one neuron, two neurons",
    "lab_tensors": "Lab: tensors",
}
"""A place → its heading in help and guide."""
