"""Layers read from Keras code and from typed lines. Nothing is ever executed.

Start with source_code.py. May import all of tuinn.spec but advice, presets and keras_export.
"""
