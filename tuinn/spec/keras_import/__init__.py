"""Layers read from Keras code, from typed lines and from saved networks. Nothing is ever executed.

Start with source_code.py. May import all of tuinn.spec but advice, presets and keras_export.
"""
