"""Dialogs: the frame they share, forms made from options, help, and the dialogs about layers.

Start with dialog.py. May import tuinn.ui.widgets.
"""
