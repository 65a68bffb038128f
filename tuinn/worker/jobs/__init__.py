"""A process that opens one saved network, does one thing with it, and ends.

Start with program.py. May import all of tuinn.worker but session, standby and __main__.
"""
