"""The workbench: one screen with a draft, a run, and five panes that show them.

Start with screen.py. May import every other package of tuinn.ui.
"""
