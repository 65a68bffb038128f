"""Textual: draws the view, edits the draft, appends commands.

Start with app.py, then workbench/screen.py; keys.py holds every key. Never loads TensorFlow, Keras or the worker.
"""
