"""The user's own images: a folder with a folder per class, and one picture prepared as the training data was.

Start with reader.py. May import tuinn.data.checks and the modules of tuinn.data itself; no other kind of data.
"""
