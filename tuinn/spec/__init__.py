"""Floor 0: what the user wants, as frozen values. Nothing here reads a file, a clock or a library of numbers."""
