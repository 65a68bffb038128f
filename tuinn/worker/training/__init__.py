"""One training from the spec to the saved network: the fit loop, its callbacks, and the user's control over it.

Start with trainer.py. May import inference, checkpoints, data, model and the modules of tuinn.worker itself.
"""
