"""The line to the terminal: what is sent to it, what is read from it, and how it is left.

May import nothing else of tuinn.ui.
"""
