"""Where samples come from, as NumPy arrays: bundled, fetched, or the user's own files.

Start with loader.py. Nothing here knows a network, a run or a screen: never Textual, TensorFlow or Keras.
"""
