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
    "lab_playground": (
        Key("space", "play", "Play", "train, or stop"),
        Key("g", "steps(1)", "Epoch", "train one epoch"),
        Key("t", "steps(10)", "Ten", "train ten epochs", show=False),
        Key("0", "reset", "Reset", "begin anew with the same points and first weights"),
        Key("m", "cloud(1)", "Data", "the next cloud of points"),
        Key("M", "cloud(-1)", "Data", "the cloud of points before", show=False),
        Key(
            "plus,equals_sign",
            "change(1)",
            "More",
            "turn the setting under the cursor; switch a feature on or off",
        ),
        Key("minus", "change(-1)", "Less", "turn it the other way"),
        Key("enter,i", "type", "Type", "type the setting under the cursor", show=False),
        Key("up,k", "move(-1)", "Up", "the setting above", show=False),
        Key("down,j", "move(1)", "Down", "the setting below", show=False),
        Key("left,h", "column(-1)", "Left", "the feature or the layer to the left", show=False),
        Key("right,l", "column(1)", "Right", "the feature or the layer to the right", show=False),
        Key("n", "add", "Layer", "add a hidden layer"),
        Key(
            "d,delete",
            "remove",
            "Delete",
            "remove the hidden layer under the cursor, or the last one",
            show=False,
        ),
        Key("a", "activation(1)", "Activation", "the next activation function", show=False),
        Key("A", "activation(-1)", "Activation", "the activation function before", show=False),
        Key("x", "seed", "Seed", "other points and other first weights"),
        Key("e", "points", "Points", "show the points for training, those for the test, or none", show=False),
        Key("o,ctrl+o", "open", "Own", "columns of a CSV of your own"),
        Key("1", "view('settings')", "Settings", "the settings and the losses", show=False),
        Key("2", "view('network')", "Network", "the network: each unit's own surface, and the weights"),
        Key("3", "view('code')", "Keras", "the Keras code"),
        Key("y", "copy", "Copy", "copy the Keras code", show=False),
        HELP,
        BACK,
    ),
}
"""A place of the labs → its keys. The name of a page's place is `lab_` and the word for the page."""

LAB_TITLES: dict[str, str] = {
    "labs": "The labs",
    "lab_neuron": "Lab: one neuron, two neurons",
    "lab_playground": "Lab: playground",
}
"""A place → its heading in help and guide."""
