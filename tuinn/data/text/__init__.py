"""The user's own texts: folders, files or a CSV column of them, with a class each.

Start with reader.py. May import tuinn.data.checks, tuinn.data.tables and the modules of tuinn.data itself.
"""
