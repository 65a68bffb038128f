"""Files for other programs, written as the run goes on: history.csv and TensorBoard's event files.

Each listens to the events of the run. May import the modules of tuinn.worker itself.
"""
