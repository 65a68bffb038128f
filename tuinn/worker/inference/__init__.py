"""What the network predicts: for its test set, and for samples from outside.

Start with evaluator.py. May import data, model and the modules of tuinn.worker itself.
"""
