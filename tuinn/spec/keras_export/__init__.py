"""A run as a Keras script that needs keras and not tuinn.

Start with script.py. May import all of tuinn.spec but advice, presets and keras_import.
"""
