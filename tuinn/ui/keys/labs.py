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
        Key("right", "unfold(True)", "Unfold", "show the steps of the lesson", show=False),
        Key("left", "unfold(False)", "Fold", "hide the steps of the lesson", show=False),
        Key("space", "mark", "Done", "mark the step as done, or as not done"),
        Key("slash,f4", "filter", "Search", "type words that a lesson or a step must have"),
        HELP,
        Key("escape,q,0", "back", "Workbench", "back to the workbench"),
    ),
}
"""A place of the labs → its keys. The name of a page's place is `lab_` and the word for the page."""

LAB_TITLES: dict[str, str] = {"labs": "The labs"}
"""A place → its heading in help and guide."""
