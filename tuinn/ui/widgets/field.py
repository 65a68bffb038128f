"""A line of text that obeys every key in the order in which it was typed."""

from textual import events
from textual.binding import NoBinding
from textual.widgets import Input


class Field(Input):
    """On a slow line keys arrive in bunches. Textual types letters at once, but lets editing keys go round by the app,
    so that a letter overtakes the backspace before it; here they are obeyed on the spot. The cursor doesn't blink."""

    def __init__(
        self, value: str = "", placeholder: str = "", id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(value, placeholder, id=id, classes=classes or None)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        try:
            bindings = [] if event.is_printable else self._bindings.get_bindings_for_key(event.key)
        except NoBinding:
            bindings = []
        # A line has nothing to scroll: those keys move in what stands around it.
        for binding in [one for one in bindings if not one.action.startswith(("scroll_", "page_"))][:1]:
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
