"""The labs on the screen: the hub with the lessons, and a page for each lab.

Start with hub.py and page.py; registry.py says which page is which. A page is imported when it is opened. May import what
dialogs may, and `tuinn.labs`; no other feature.
"""
