"""The user's arrays: .npz and .npy files, read without unpickling anything.

Start with reader.py; roles.py finds out which array is x and which is y. May import tuinn.data.checks and the modules
of tuinn.data except loader.
"""
