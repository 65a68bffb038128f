"""Optimizers, schedules, losses and metrics, a row each; and which output layer and loss a task needs.

Start with losses.py. May import tuinn.spec.layers, options, dataset and calls.
"""
