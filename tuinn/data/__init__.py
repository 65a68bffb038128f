"""Floor 1: where samples come from, as NumPy arrays. Nothing here knows a network, a run or a screen."""
