"""A run as a Keras script of its own, which needs keras and not tuinn.

Start with script.py. May import tuinn.spec.layers, training and the spec's own modules.
"""
