"""The user's own arrays: .npz and .npy files, read without unpickling anything.

Start with reader.py. May import tuinn.data.checks and the modules of tuinn.data itself.
"""
