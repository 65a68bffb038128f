"""Find what is wrong with a draft before it is trained, each problem with the changes that fix it.

Start with advise.py; one module for each area of problems. May import all of tuinn.spec but presets, keras_import and
keras_export.
"""
