"""Layers read from Keras code, from typed lines and from saved networks. Nothing is ever executed.

Start with source_code.py. May import tuinn.spec.layers, training and the spec's own modules.
"""
