"""The user's own tables: CSV files, the types of their columns, and which column is predicted.

Start with reader.py; columns.py says what a column is. May import tuinn.data.checks and the modules of tuinn.data itself.
"""
