"""Datasets as NumPy arrays: those of the catalog, and the user's own images, tables, arrays and texts.

Start with loader.py, then protocols.py and info.py. catalog, images, tables, arrays and explore know nothing of each
other; text may import tables; all may import checks and the modules here, but not loader. May import tuinn.spec;
never Textual, TensorFlow, Keras, a network, a run or a screen.
"""
