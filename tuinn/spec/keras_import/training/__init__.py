"""`compile` and `fit` as fit settings: optimizer, schedule, loss, metrics, callbacks.

Start with settings.py. May import keras_import.network, and what that imports.
"""
