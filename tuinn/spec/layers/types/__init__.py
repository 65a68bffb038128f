"""One module per group of layer types: options, output shape and parameters of each, equal to Keras.

catalog.py puts them together. May import layer_type.py, layer_options.py and each other.
"""
