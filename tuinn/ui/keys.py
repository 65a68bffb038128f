"""Every key in one table. Bindings, footer and help are made from it."""

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Key:
    """An action, the keys that do it, and why one would."""

    keys: str
    """Comma-separated, the one to show first."""
    action: str
    label: str
    """One word for the footer."""
    help: str
    show: bool = True
    """Whether the footer has room for it."""
    when: str = ""
    """Where it works only at times, as `check_action` says: with what. Keys of different times may be the same."""
    first: bool = False
    """Obeyed before the next key is looked at, so that keys typed ahead on a slow line go to the new place."""


APP = (
    Key("ctrl+p", "app.command_palette", "Search", "search actions, datasets, runs and presets", show=False),
    Key("exclamation_mark", "app.messages", "Messages", "read again what was said at the bottom", show=False),
    Key(
        "N",
        "app.negative",
        "Negative",
        "draw pictures as negatives: dark on light, or light on dark; the theme says which comes first",
        show=False,
    ),
    Key("ctrl+l", "app.redraw", "Redraw", "send the whole screen again", show=False),
)

LIST = (
    Key("up,k", "move(-1)", "Up", "one row up", show=False),
    Key("down,j", "move(1)", "Down", "one row down", show=False),
    Key("pageup,ctrl+u", "page(-1)", "Page up", "one page up", show=False),
    Key("pagedown,ctrl+d", "page(1)", "Page down", "one page down", show=False),
    Key("home,g", "go(0)", "First", "the first row", show=False),
    Key("end,G", "go(-1)", "Last", "the last row", show=False),
)

WORKBENCH = (
    Key("r,f5", "run", "Run", "train the draft in a process of its own"),
    Key("s,f6", "stop", "Stop", "stop after this batch, test and save what there is; z resumes it"),
    Key(
        "z,f9",
        "control",
        "Control",
        "pause, change the learning rate, add epochs, save, go back to the best; resume a run that ended",
    ),
    Key("t,f4", "fit", "Fit", "change optimizer, rate, epochs, batch, seed, device"),
    Key("f,f7", "fix", "Fix", "apply the fix that is shown", show=False),
    Key("F", "fixes", "Fixes", "all that is wrong, with every change that would help", show=False),
    Key("ctrl+z,u", "undo", "Undo", "undo the last edit of the draft", show=False),
    Key(
        "ctrl+y",
        "redo",
        "Redo",
        "redo an edit, or bring back a network that was not trained when tuinn was closed",
        show=False,
    ),
    Key("l,f3", "runs", "Runs", "the table of runs: attach, compare, note, tag, delete"),
    Key("R,ctrl+g", "sweeps", "Sweep", "try many values of some fields; look at a sweep", show=False),
    Key("Q,ctrl+e", "queue", "Queue", "queue this draft; what trains and what waits", show=False),
    Key("L", "worker_log", "Log", "the last lines of the run's worker.log", show=False),
    Key("w,f8", "presets", "Presets", "choose a ready network and its settings", show=False),
    Key("tab", "next_pane(1)", "Next pane", "go to the next pane", show=False, first=True),
    Key("shift+tab", "next_pane(-1)", "Previous pane", "go to the previous pane", show=False, first=True),
    Key("1", "pane(1)", "Dataset", "go to the dataset", show=False, first=True),
    Key("2", "pane(2)", "Layers", "go to the layers", show=False, first=True),
    Key("3", "pane(3)", "Summary", "go to the summary", show=False, first=True),
    Key("4", "pane(4)", "Charts", "go to the charts", show=False, first=True),
    Key("5", "pane(5)", "Predict", "go to the predictions", show=False, first=True),
    Key("underscore", "enlarge", "Enlarge", "show the pane alone, or all five again", show=False),
    Key("T", "app.other_theme", "Theme", "light on dark, or dark on light", show=False),
    Key("question_mark,f1", "help", "Help", "every key, and what the signs mean"),
    Key("q,ctrl+q,f10", "leave", "Quit", "leave; a run can go on without you"),
)

DATASET = (
    Key("enter", "pick", "Use", "use the dataset under the cursor; then r trains on it"),
    Key("v", "look", "Look", "look at its samples and numbers closely"),
    Key("o,ctrl+o", "open", "Open", "open your own data by path, or drop them on the window"),
    Key("e", "change", "Change", "change how the data are read: target, size, task, shares", show=False),
    Key("g", "fetch", "Fetch", "fetch the dataset under the cursor, or stop fetching", show=False),
    Key("a", "again", "Again", "read your own data again", show=False),
    Key("d,delete", "forget", "Forget", "take your own data off the list; the files stay", show=False),
)

LOOK = (
    Key("escape,q", "leave", "Back", "back to the workbench"),
    Key("tab", "next_mode(1)", "Next", "grid, one sample, numbers: go to the next", show=False, first=True),
    Key("shift+tab", "next_mode(-1)", "Previous", "go to the previous", show=False, first=True),
    Key("1", "mode(1)", "Grid", "25 samples with their labels", show=False),
    Key("2", "mode(2)", "One", "one sample large, with its numbers", show=False),
    Key("3", "mode(3)", "Numbers", "counts, histograms, columns, words", show=False),
    Key("4", "mode(4)", "About", "where it comes from, the detected settings, what is unusual", show=False),
    Key("enter", "open", "Open", "the marked sample large"),
    Key("n,pagedown,right_square_bracket", "step(1)", "Next", "next page, or next sample"),
    Key("p,pageup,left_square_bracket", "step(-1)", "Previous", "previous page or sample", show=False),
    Key("up", "move(-1,0)", "Up", "move the mark, or the cursor over the pixels, up", show=False),
    Key("down", "move(1,0)", "Down", "move down", show=False),
    Key("left", "move(0,-1)", "Left", "move left", show=False),
    Key("right", "move(0,1)", "Right", "move right", show=False),
    Key("shift+up", "move(-8,0)", "Up 8", "move eight pixels up", show=False),
    Key("shift+down", "move(8,0)", "Down 8", "move eight pixels down", show=False),
    Key("shift+left", "move(0,-8)", "Left 8", "move eight pixels left", show=False),
    Key("shift+right", "move(0,8)", "Right 8", "move eight pixels right", show=False),
    Key("home", "end(0)", "First", "the first sample", show=False),
    Key("end", "end(1)", "Last", "the last sample", show=False),
    Key("c", "class(1)", "Class", "only one class, the next one, or all again"),
    Key("C", "class(-1)", "Class", "the class before", show=False),
    Key("x", "shuffle", "Shuffle", "another order, by the next seed"),
    Key("X", "stored", "Stored", "the order as stored again", show=False),
    Key("t", "part", "Test", "training samples or test samples"),
    Key("plus,equals_sign", "enlarge(1)", "Larger", "fewer samples a page, and larger ones", show=False),
    Key("minus", "enlarge(-1)", "Smaller", "more samples a page, up to 25", show=False),
    Key("i", "slice", "Slice", "cut a part out of every sample: [7:-7, 7:-7]"),
    Key("h", "channel", "Channel", "red, green or blue alone, or all again", show=False),
    Key("v", "plain", "ASCII", "draw with characters instead of half blocks, or back", show=False),
    Key("question_mark,f1", "help", "Help", "every key", show=False),
)

GALLERY = (
    Key("enter", "open", "Open", "show the marked sample large, in the predictions"),
    Key("1", "decide('keep')", "Right", "the label is right: keep it", when="labels in doubt"),
    Key("2", "decide('relabel')", "Relabel", "give it the class that it looks like", when="labels in doubt"),
    Key("3", "decide('leave_out')", "Leave out", "leave the sample out", when="labels in doubt"),
    Key(
        "u", "undo", "Undo", "take back what was decided about the label", show=False, when="labels in doubt"
    ),
    Key(
        "slash,f4",
        "filter",
        "Filter",
        "type what a sample must have: words, sure:50..90, a column's range, a class",
    ),
    Key("c", "class(0,1)", "Class", "only samples of one class, the next one, or of all again"),
    Key("C", "class(0,-1)", "Class", "the class before", show=False),
    Key("p", "class(1,1)", "Predicted", "only samples that are predicted to be of one class, the next one"),
    Key("P", "class(1,-1)", "Predicted", "the predicted class before", show=False),
    Key("m", "verdict", "Mistakes", "only what is predicted wrongly, only what is right, or all"),
    Key("greater_than_sign", "order", "Sort", "most surely wrong first, least sure, surest, or as stored"),
    Key(
        "n",
        "nearest",
        "Nearest",
        "the training samples nearest to it in the last hidden layer",
        show=False,
        when="test samples",
    ),
    Key(
        "w",
        "learning",
        "When",
        "when the network got the marked sample right, epoch by epoch",
        when="test samples",
    ),
    Key("0", "clear", "All", "take every filter away", show=False),
    Key("up", "move(-1,0)", "Up", "move the mark up", show=False),
    Key("down", "move(1,0)", "Down", "move down", show=False),
    Key("left", "move(0,-1)", "Left", "move left", show=False),
    Key("right", "move(0,1)", "Right", "move right", show=False),
    Key("pagedown,space", "page(1)", "Page", "the next page", show=False),
    Key("pageup,backspace", "page(-1)", "Page", "the page before", show=False),
    Key("home", "end(0)", "First", "the first sample", show=False),
    Key("end", "end(1)", "Last", "the last sample", show=False),
    Key("plus,equals_sign", "enlarge(1)", "Larger", "larger pictures, fewer of them", show=False),
    Key("minus", "enlarge(-1)", "Smaller", "smaller pictures, more of them", show=False),
    Key("v", "plain", "ASCII", "draw with characters instead of half blocks, or back", show=False),
    Key("question_mark,f1", "help", "Help", "every key"),
    Key("escape,q", "leave", "Back", "back to where one came from"),
)

LAYERS = (
    Key("a,insert", "add", "Add", "add a layer after the one under the cursor"),
    Key("A", "add(0)", "Add before", "add a layer before the one under the cursor", show=False),
    Key("e,enter", "edit", "Edit", "change the options of the layer"),
    Key("d,delete", "remove", "Delete", "remove the layer"),
    Key("u", "screen.undo", "Undo", "undo the last edit"),
    Key(
        "space",
        "mark",
        "Mark",
        "mark the layer, or unmark it; then delete, copy, cut, move or disable all marked",
        show=False,
    ),
    Key("ctrl+a", "mark_all(True)", "Mark all", "mark every layer", show=False),
    Key("escape", "mark_all(False)", "Unmark", "unmark every layer", show=False),
    Key(
        "y,ctrl+c",
        "copy",
        "Copy",
        "copy the layer or the marked ones, to the terminal's clipboard too, as Keras code",
        show=False,
    ),
    Key("x", "cut", "Cut", "copy and remove", show=False),
    Key("p", "paste", "Paste", "insert what was copied after the cursor; names stay unique", show=False),
    Key("b", "disable", "Disable", "disable the layer without deleting it, or enable it again", show=False),
    Key("i,colon", "type", "Type", "type layers as lines, or paste Keras code", show=False),
    Key("D", "duplicate", "Duplicate", "insert a copy of the layer or of the marked ones", show=False),
    Key("K,shift+up", "move(-1)", "Up", "move the layer or the marked ones up", show=False),
    Key("J,shift+down", "move(1)", "Down", "move the layer or the marked ones down", show=False),
)

SUMMARY = (Key("v", "draw", "Draw", "draw the network as boxes and lines, or the table again"),)

CHARTS = (
    Key("space", "screen.pause", "Pause", "pause the run after this batch, or resume it", show=False),
    Key("left", "cursor(-1)", "Cursor", "read the values of an epoch; right goes on", show=False),
    Key("right", "cursor(1)", "Cursor", "read the values of the next epoch", show=False),
    Key("plus,equals_sign", "zoom(0.5)", "Zoom", "look closer, round the cursor"),
    Key("minus", "zoom(2)", "Wider", "look from further away", show=False),
    Key("full_stop", "pan(0.5)", "Pan", "move the part shown to later epochs", show=False),
    Key("comma", "pan(-0.5)", "Pan", "move the part shown to earlier epochs", show=False),
    Key("m", "metric", "Metric", "charts of the other metrics, where not all have room", show=False),
    Key("enter", "screen.enlarge", "Enlarge", "the charts alone, or all panes again", show=False),
    Key("b", "by_epoch", "Means", "the training curve by batches, or as means of epochs", show=False),
    Key("e", "tail", "Tail", "only the last ten epochs, or all again", show=False),
    Key("g", "log", "Log", "logarithmic y axis, or linear again", show=False),
    Key("h", "smooth", "Smooth", "smooth the curves: not at all, some, much", show=False),
    Key("y", "copy", "Copy", "copy every epoch's metrics as a Python dict", show=False),
    Key("H", "history", "History", "every epoch's metrics as a table, or a dict", show=False),
    Key(
        "D",
        "screen.examine",
        "Doctor",
        "what keeps the network from learning better, with changes that may help",
    ),
    Key("c", "compare", "Compare", "draw another run's curves under this one's"),
    Key("C", "screen.compare_table", "Table", "this run and the compared ones side by side", show=False),
    Key("escape,0", "reset", "All", "show everything again, without cursor", show=False),
)

PREDICT = (
    Key("n,right", "step(1)", "Next", "next test sample"),
    Key("p,left", "step(-1)", "Previous", "previous test sample", show=False),
    Key("x,space", "random", "Random", "any test sample"),
    Key("m", "mistakes", "Mistakes", "show only what the network gets wrong, or all again", when="classes"),
    Key(
        "m",
        "plot",
        "Plot",
        "of a regression: predictions over the truth, errors over predictions, of a single input the curve",
        when="numbers",
    ),
    Key(
        "i",
        "lens",
        "Inside",
        "the sample on its way through the network, layer by layer, with the arithmetic",
    ),
    Key("e", "report", "Report", "judge it on the test set: scores, intervals, classes, baselines"),
    Key(
        "E",
        "ask('slices')",
        "Slices",
        "test samples that do badly, by class and column, brightness or length; and whether they differ from training samples",
        show=False,
    ),
    Key("c", "confusion", "Confusion", "how often a class is taken for another", when="classes"),
    Key("g", "gallery", "Gallery", "all test samples as tiles: filter them, order them, open one"),
    Key(
        "percent_sign",
        "ask('calibration')",
        "Calibrate",
        "how far its probabilities can be trusted; a temperature for them; thresholds of two classes and of labels",
        show=False,
        when="classes",
    ),
    Key(
        "W",
        "ask('labels')",
        "Labels",
        "training samples whose label looks wrong: keep it, change it, or leave them out",
        show=False,
        when="classes",
    ),
    Key("number_sign", "number", "Number", "go to a test sample by its number"),
    Key("home", "end(1)", "First", "the first test sample, or the first mistake", show=False),
    Key("end", "end(-1)", "Last", "the last test sample, or the last mistake", show=False),
    Key("v", "mode", "ASCII", "draw with characters instead of half blocks, or back", show=False),
    Key("o,ctrl+o", "open", "Own", "predict a picture, a row or a text of your own"),
    Key(
        "enter",
        "screen.own('steps')",
        "Steps",
        "how a picture of yours was prepared, step by step",
        show=False,
    ),
    Key(
        "D",
        "screen.own('draw')",
        "Draw",
        "draw a picture with mouse or keys, and have it predicted",
        show=False,
    ),
    Key(
        "S",
        "screen.export",
        "Export",
        "export the trained network: Keras, LiteRT, ONNX, SavedModel",
        show=False,
    ),
)

LENS = (
    Key("up,k", "move(-1)", "Layer", "the layer above"),
    Key("down,j", "move(1)", "Layer", "the layer below", show=False),
    Key("right,l", "unit(1)", "Unit", "the next unit, channel or map of the layer"),
    Key("left,h", "unit(-1)", "Unit", "the one before", show=False),
    Key("pagedown", "page(1)", "Units", "eight units on", show=False),
    Key("pageup", "page(-1)", "Units", "eight units back", show=False),
    Key("shift+up", "place(-1,0)", "Place", "the window of a map: one up", show=False),
    Key("shift+down", "place(1,0)", "Place", "one down", show=False),
    Key("shift+left", "place(0,-1)", "Place", "one to the left, or a step earlier in a sequence", show=False),
    Key("shift+right", "place(0,1)", "Place", "one to the right, or a step later", show=False),
    Key("n", "sample(1)", "Next", "the next test sample"),
    Key("p", "sample(-1)", "Previous", "the test sample before", show=False),
    Key("o,ctrl+o", "own", "Own", "a picture, a row or a text of your own"),
    Key("comma", "epoch(-1)", "Epoch", "the weights of an earlier epoch that has a checkpoint"),
    Key("full_stop", "epoch(1)", "Epoch", "of a later one; after the last, the network as it is", show=False),
    Key(
        "x",
        "why",
        "Explain",
        "what speaks for the class: occlusion, gradient × input, Grad-CAM; then the unit again",
    ),
    Key("t", "target", "Class", "explain the next class, after the last one the predicted one", show=False),
    Key("a", "view('projection')", "Scatter", "the test samples by PCA of the layer; a click opens one"),
    Key(
        "m",
        "view('importance')",
        "Matters",
        "of a table: which columns matter, by shuffling each",
        show=False,
    ),
    Key(
        "c",
        "view('effect')",
        "Effect",
        "of a table: what a column does; the arrows change the column",
        show=False,
    ),
    Key(
        "w",
        "view('weights')",
        "Weights",
        "the layer's weights: histograms, and the kernel of the unit; or the arithmetic again",
    ),
    Key("v", "mode", "ASCII", "draw with characters instead of half blocks, or back", show=False),
    Key("question_mark,f1", "help", "Help", "every key"),
    Key("escape,q", "back", "Back", "back to the workbench"),
)

OWN_PICTURE = (
    Key("1", "switch(1)", "Switch", "1 to 6: do this step, or leave it out, and predict again"),
    *(Key(str(at), f"switch({at})", "Switch", f"the same for step {at}", show=False) for at in range(2, 7)),
    Key("0", "switch(0)", "All", "every step as it is by itself"),
    Key("v", "mode", "ASCII", "draw with characters instead of half blocks, or back"),
    Key("escape,q,enter", "back", "Back", "back to the workbench"),
)

DRAWING = (
    Key("enter", "predict", "Predict", "have the drawing predicted"),
    Key("space", "pen", "Pen", "put the pen down or lift it; the mouse draws, its right button erases"),
    Key("up", "move(-1,0)", "Up", "move the pen; while it is down, it draws", show=False),
    Key("down", "move(1,0)", "Down", "move it down", show=False),
    Key("left", "move(0,-1)", "Left", "move it left", show=False),
    Key("right", "move(0,1)", "Right", "move it right", show=False),
    Key("x,backspace", "erase", "Erase", "erase what is under the pen"),
    Key("u,ctrl+z", "undo", "Undo", "undo the last stroke"),
    Key("c", "clear", "Clear", "erase all"),
    Key("escape,q", "back", "Back", "back to the workbench"),
)

SWEEP = (
    Key("enter", "attach", "Attach", "attach to the trial's run: its charts, its predictions"),
    Key("b,f2", "best", "Best", "make the best trial the draft"),
    Key("m,f3", "draft", "Draft", "make the trial under the cursor the draft", show=False),
    Key("greater_than_sign,f4", "order", "Sort", "the best on top, or by number again"),
    Key("space,f9", "pause", "Pause", "start no further trial, or continue"),
    Key("s,f6", "stop", "Stop", "stop the sweep and its running trials"),
    Key("r,f5", "resume", "Resume", "resume a sweep that was stopped or lost"),
    Key("n,f7", "trials", "Trials", "change how many; resumes a finished sweep", show=False),
    Key("plus,equals_sign", "parallel(1)", "More", "one more at a time", show=False),
    Key("minus", "parallel(-1)", "Fewer", "one fewer at a time", show=False),
    Key("question_mark,f1", "help", "Help", "every key, and what the signs mean"),
    Key("escape,q,ctrl+q,f10", "close", "Back", "back to the workbench; the sweep keeps running"),
)

QUEUE = (
    Key("a,f2", "queue", "Queue", "queue the draft, as Enter on the first line does"),
    Key("d,delete", "remove", "Remove", "remove a waiting draft"),
    Key("K,shift+up", "move(-1)", "Up", "start it earlier"),
    Key("J,shift+down", "move(1)", "Down", "start it later"),
    Key("space,f9", "hold", "Hold", "start nothing further, or continue"),
    Key("s,f6", "stop", "Stop", "stop what trains, and start nothing further"),
    Key("plus,equals_sign", "parallel(1)", "More", "one more at a time on each device"),
    Key("minus", "parallel(-1)", "Fewer", "one fewer at a time"),
    Key("question_mark,f1", "help", "Help", "every key, and what the signs mean", show=False),
)

RUNS = (
    Key("enter", "choose", "Open", "attach to the run, or take the marked ones"),
    Key("space", "mark", "Mark", "mark the run, or take the mark away; a goes for all"),
    Key("c", "compare", "Compare", "the marked runs side by side: curves, results, differences"),
    Key("e,f2", "rename", "Title", "give the run a title; its folder keeps its name"),
    Key("d,delete", "remove", "Delete", "move the run, or the marked ones, to the trash", when="runs"),
    Key(
        "d,delete",
        "restore",
        "Bring back",
        "in the trash: bring the run back, or the marked ones",
        when="trash",
    ),
    Key("E", "empty", "Empty", "in the trash: remove what lies there for good", when="trash"),
    Key(
        "slash,f4",
        "filter",
        "Filter",
        "type words that a run must have; #tag is a tag, -word must be missing",
    ),
    Key("greater_than_sign", "sort(1)", "Sort", "sort by the next column; a click on its head does so, too"),
    Key("less_than_sign", "sort(-1)", "Sort", "sort by the column before", show=False),
    Key("I", "reverse", "Reverse", "sort the other way round", show=False),
    Key("v", "columns", "Columns", "choose the columns: also settings that differ between the runs"),
    Key("i", "details", "Details", "show where the run came from: command, git commit, versions", show=False),
    Key("H", "history", "History", "every epoch's metrics as a table, or a dict", show=False),
    Key("right", "unfold(True)", "Unfold", "show the repeats, which differ in their seed", show=False),
    Key("left", "unfold(False)", "Fold", "fold them to one row again: mean ± standard deviation", show=False),
    Key("n", "note", "Note", "write a note on the run"),
    Key("t", "tags", "Tags", "tags, a word each", show=False),
    Key("m", "take('draft')", "Draft", "make a draft of the run's own spec", show=False),
    Key(
        "V",
        "take('report')",
        "Report",
        "judge its network on the test set: scores, classes, baselines",
        show=False,
    ),
    Key("u,ctrl+z", "undo", "Undo", "bring back the runs that were deleted last", show=False),
    Key("T", "trash", "Trash", "what lies in the trash, or the runs again", show=False),
    Key("P", "prune", "Prune", "remove checkpoints that nobody needs", show=False),
    Key("L", "worker_log", "Log", "the last lines of the run's worker.log", show=False),
    Key("S", "export", "Export", "export its trained network: Keras, LiteRT, ONNX, SavedModel", show=False),
    Key("y", "copy_path", "Path", "copy the path of the run's folder", show=False),
    Key("o", "open_folder", "Folder", "open the run's folder on the desktop", show=False),
    Key("a", "mark_all", "All", "mark all runs shown, or none", show=False),
    Key("question_mark,f1", "help", "Help", "every key, and what the signs mean"),
    Key("escape,q,l,f3", "back", "Back", "back to the workbench"),
)

COMPARISON = (
    Key("left", "cursor(-1)", "Cursor", "read the values of an epoch; right goes on", show=False),
    Key("right", "cursor(1)", "Cursor", "read the values of the next epoch", show=False),
    Key(
        "x",
        "differ",
        "Differ",
        "test samples that one of the first two runs gets and the other doesn't; how likely that is chance",
    ),
    Key("m", "metric", "Metric", "the curves of the next metric"),
    Key("t", "training", "Training", "curves of training instead of validation, or back"),
    Key("g", "log", "Log", "logarithmic y axis, or linear again"),
    Key("h", "smooth", "Smooth", "smooth the curves: not at all, some, much"),
    Key("plus,equals_sign", "zoom(0.5)", "Zoom", "look closer, round the cursor"),
    Key("minus", "zoom(2)", "Wider", "look from further away", show=False),
    Key("full_stop", "pan(0.5)", "Pan", "move the part shown to later epochs", show=False),
    Key("comma", "pan(-0.5)", "Pan", "move the part shown to earlier epochs", show=False),
    Key("question_mark,f1", "help", "Help", "every key, and what the signs mean"),
    Key("escape,q", "back", "Back", "everything again, then back"),
)

TABLE: dict[str, tuple[Key, ...]] = {
    "app": APP,
    "list": LIST,
    "workbench": WORKBENCH,
    "dataset": DATASET,
    "look": LOOK,
    "layers": LAYERS,
    "summary": SUMMARY,
    "charts": CHARTS,
    "predict": PREDICT,
    "own_picture": OWN_PICTURE,
    "drawing": DRAWING,
    "lens": LENS,
    "gallery": GALLERY,
    "sweep": SWEEP,
    "queue": QUEUE,
    "runs": RUNS,
    "comparison": COMPARISON,
}


TITLES = {
    "workbench": "The workbench",
    "dataset": "Dataset",
    "look": "The dataset viewer",
    "layers": "Layers",
    "summary": "Summary",
    "charts": "Charts",
    "predict": "Predict",
    "own_picture": "A picture of your own",
    "drawing": "A drawing",
    "lens": "Inside the network",
    "gallery": "The gallery of samples",
    "runs": "The table of runs",
    "comparison": "The comparison of runs",
    "sweep": "A sweep",
    "queue": "The queue",
    "list": "Lists",
    "app": "Everywhere but in dialogs",
}
"""A screen or pane of the table → its heading in help and guide, in their order."""

NAMES = {
    "escape": "Esc",
    "pageup": "Page Up",
    "pagedown": "Page Down",
    "question_mark": "?",
    "full_stop": ".",
    "comma": ",",
    "colon": ":",
    "slash": "/",
    "number_sign": "#",
    "exclamation_mark": "!",
    "underscore": "_",
    "percent_sign": "%",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
"""Textual's name of a key → what is printed on it. Letters, digits, and words such as `enter` need no row."""


def printed(name: str) -> str:
    """Textual's name of a key as people know it: `ctrl+z` → `Ctrl+Z`, `question_mark` → `?`."""
    *modifiers, last = name.split("+")
    if last not in NAMES and not (len(last) == 1 or last.isalnum()):
        raise KeyError(f"NAMES in tuinn/ui/keys.py has no row for the key {last}.")
    shown = NAMES.get(last, last if len(last) == 1 and not modifiers else last.capitalize())
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def bindings_for(where: str) -> list[BindingType]:
    """Textual's bindings for a screen or pane of the table."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.show,
            priority=key.first,
            tooltip=key.help,
            id=f"{where}.{key.action}",
        )
        for key in TABLE[where]
    ]
