"""What a run is resumed from: the whole state of a training, as a file.

Start with checkpoint.py. May import model and the modules of tuinn.worker itself.
"""
