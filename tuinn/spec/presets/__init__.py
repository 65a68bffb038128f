"""Ready runs: the networks of the introductory courses, fitted to any dataset.

Start with catalog.py. May import all of tuinn.spec but keras_import and keras_export.
"""
