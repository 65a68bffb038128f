"""NumPy expressions read as data, never run as code: values, shape rules, and one sentence where something can't be.

Start with interpreter.py; limits.py says how large a result may be, functions.py what can be called, samples.py which
names there are. May import `data`, `text` and `errors`.
"""
