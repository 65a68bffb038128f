"""One folder on disk per run: its spec, its journal of events, its commands, its lock.

Start with folder.py, then events.py. May import tuinn.spec and tuinn.data; never Textual, TensorFlow or Keras.
"""
