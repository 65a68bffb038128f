"""The command line: one module per command, imported only when it is asked for.

Start with main.py. Never loads TensorFlow, Keras or the worker.
"""
