"""Files for other programs, kept up to date during the run: history.csv and TensorBoard's event files.

Each listens to the events of the run. May import checkpoints and the modules of tuinn.worker itself.
"""
