"""The program that runs the trials of a sweep, or the queue: `python -m tuinn.runner`.

Start with sweep_runner.py. The only importer of Optuna, and with `cluster/` of Dask; never imports Textual, TensorFlow, the view, the UI or the worker.
"""
