"""Widgets that any screen could use.

May import nothing else of tuinn.ui.
"""
