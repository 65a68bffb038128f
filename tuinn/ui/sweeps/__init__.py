"""Sweeps and the queue on screen.

Start with sweep_screen.py. May import tuinn.ui.dialogs and widgets.
"""
