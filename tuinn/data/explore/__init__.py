"""What a dataset looks like: statistics of its columns, distributions, a preview of its samples.

Start with preview.py. May import the loader and the catalog; no reader by name.
"""
