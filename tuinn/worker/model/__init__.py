"""Spec → Keras: the layers, optimizer, loss and metrics, and the network that is saved.

Start with build.py. May import the modules of tuinn.worker itself; no other package of the worker.
"""
