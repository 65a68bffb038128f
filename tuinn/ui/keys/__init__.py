"""Every key. Bindings, footer and help are made from the table.

Start with table.py. May import nothing else of tuinn.
"""
