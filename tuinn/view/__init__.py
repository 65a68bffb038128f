"""Events folded into what is shown. Pure: the same events give the same view.

Start with run_view.py. May import runs, sweeps, data and spec; never Textual, TensorFlow or Keras.
"""
