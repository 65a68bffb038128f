"""A small interpreter of the Python that describes networks. Nothing is executed.

Start with interpreter.py. May import keras_import.network, and what that imports.
"""
