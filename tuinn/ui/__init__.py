"""Floor 3: Textual. Draws the view, edits the spec, appends commands. Never loads TensorFlow."""
