"""The user's images: a folder with a folder per class, and one picture prepared as the training images were.

Start with reader.py; decode.py opens a file, resize.py brings it to the network's shape. May import tuinn.data.checks
and the modules of tuinn.data except loader.
"""
