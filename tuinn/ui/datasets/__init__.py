"""Datasets on screen: the list, the path dialog, the options form, and the dataset viewer.

Start with viewer.py. May import tuinn.ui.dialogs and widgets.
"""
