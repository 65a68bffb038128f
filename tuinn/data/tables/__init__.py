"""The user's tables: CSV files, the types of their columns, and which column is predicted.

Start with reader.py. csv_dialect.py guesses how the file is written, columns.py whether a column holds numbers or
words, target.py what is predicted. May import tuinn.data.checks and the modules of tuinn.data except loader.
"""
