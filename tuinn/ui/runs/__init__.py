"""Runs on screen: the table of runs, their comparison, and the dialogs that control a run.

Start with runs_screen.py and runs_controller.py. May import tuinn.ui.dialogs and widgets.
"""
