"""The labs without a screen: lessons as data, what was done of them, and the arithmetic of each lab page.

Start with places.py, then lessons/. May import view's floors below (`data`, `runs`, `spec`), never `view`, Textual or
TensorFlow. Only the arithmetic imports NumPy: whoever lists lessons does without.
"""
