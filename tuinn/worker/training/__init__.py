"""One training from the spec to the saved network: the fit loop, its callbacks, and the user's control over it.

Start with trainer.py. May import all other packages of the worker.
"""
