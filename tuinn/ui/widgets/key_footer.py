"""The line of keys at the bottom."""

from textual.widgets import Footer


class KeyFooter(Footer):
    """Textual's own, which makes a widget for each key anew whenever the focus moves, and never forgets the old ones:
    they stay among the watchers of its `compact`, 150 kB for every change of pane."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    async def recompose(self) -> None:
        await super().recompose()
        for bound in getattr(self, "__watchers", {}).values():
            bound[:] = [(widget, callback) for widget, callback in bound if not widget._closing]
