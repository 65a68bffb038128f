"""What the user wants, as frozen values: dataset, model, fit.

Start with run.py. Nothing here reads a file, a clock or an array: never numpy, Textual, TensorFlow or Keras.
"""
