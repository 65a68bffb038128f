"""The catalog of layer types and the stack that is built from them: shapes, parameters, edits.

Start with catalog.py, then model.py. May import tuinn.spec.options; nothing else of tuinn.spec.
"""
