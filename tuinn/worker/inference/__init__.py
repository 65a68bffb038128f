"""What the network says: of its test set, and of samples from outside.

Start with evaluator.py. May import tuinn.worker.model and data.
"""
