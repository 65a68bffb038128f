"""The datasets that tuinn knows by name: bundled ones, and those of keras.datasets, fetched once.

Start with catalog.py. May import the modules beside it and tuinn.data.cache, npy_writer, split; no reader of the user's own files.
"""
