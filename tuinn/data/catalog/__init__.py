"""The datasets that tuinn knows by name: bundled ones, and those of keras.datasets, downloaded once.

Start with catalog.py; availability.py says which are on this machine, fetch.py downloads, dataset_cache.py loads. May
import the modules of tuinn.data except loader; no reader of the user's data.
"""
