"""Networks that Keras has saved: looked at and never run, as a stack of layers.

Start with config.py. May import layers, training and the fit settings of tuinn.spec.
"""
