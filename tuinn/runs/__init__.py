"""One folder on disk per run: its spec, its journal of events, its commands, its lock; and the list of all runs.

Start with folder.py, then events.py. May import tuinn.spec; never tuinn.data, Textual, TensorFlow or Keras.
"""
