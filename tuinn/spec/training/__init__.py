"""Optimizers, schedules, losses and metrics, a row each; which output layer and loss a task needs; target scaling.

Start with losses.py. May import tuinn.spec.layers, dataset and options.
"""
