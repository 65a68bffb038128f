"""The parts of a network that code makes: layers, tensors, models, and what calls of Keras do to them.

Start with values.py and construction.py. May import keras_import.report and what lies below keras_import.
"""
