"""A look inside the network: what each layer makes of a sample, and why the network says what it says.

Start with inspector.py. May import data, checkpoints, model and the modules of tuinn.worker itself.
"""
