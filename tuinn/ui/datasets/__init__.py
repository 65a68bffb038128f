"""Datasets on screen: the list, the path dialog, the options form, and the dataset viewer.

Start with viewer.py and viewer_controller.py. May import tuinn.ui.dialogs and widgets.
"""
