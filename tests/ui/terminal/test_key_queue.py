"""Keys that come in a bunch, as they do on a slow line: each goes where it would have gone if typed slowly."""

from textual import events

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.spec.layers.catalog import LayerSpec

KEYS = {"\r": "enter", "\x1b": "escape", " ": "space"}


async def bunch(here: Bench, keys: str) -> None:
    """All of them before the first is looked at."""
    for letter in keys:
        here.app.post_message(events.Key(KEYS.get(letter, letter), letter))
    for _ in range(30):
        await here.settle()
        if here.app.obeying is None or here.app.obeying.done():
            break


async def test_what_is_typed_after_enter_goes_to_the_screen_below(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await bunch(here, "2adropout\r0.3\ri" + "dense 32 relu" + "\r3")
        layers = here.screen.draft.spec.model.layers
        assert layers[1] == LayerSpec.of("Dropout", rate=0.3)
        assert layers[2] == LayerSpec.of("Dense", units=32, activation="relu")
        assert "[3 Summary]" in here.text()


async def test_a_whole_network_is_typed_blind(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await bunch(here, "2dddddd" + "arescaling\r1/255\r" + "aflatten\r" + "adense\r10\r" + "t\x1b3")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds == ["Rescaling", "Flatten", "Dense"]
        assert len(here.app.screen_stack) == 2
        assert "[3 Summary]" in here.text()


async def test_text_pasted_after_a_key_goes_to_what_the_key_opened(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.app.post_message(events.Key("2", "2"))
        here.app.post_message(events.Key("i", "i"))
        here.app.post_message(events.Paste("layers.Dense(7),"))
        await bunch(here, "\r")
        assert LayerSpec.of("Dense", units=7) in here.screen.draft.spec.model.layers
