"""The user's texts: a folder per class, a file per class, or a column of a CSV file.

Start with reader.py, then source.py. May import tuinn.data.tables, tuinn.data.checks and the modules of tuinn.data
except loader.
"""
