"""Trials on the machines of a Dask cluster: connection.py has the line to it, trial.py follows one run, there.py is what runs on its machines.

The only importer of Dask. Imports what the runner may import; there.py of it only what lies below the runner.
"""
