"""Sweeps and the queue on disk: what is tried, the journals, the commands.

Start with spec.py, then folder.py. The program that runs them is tuinn.runner, started by name.
"""
