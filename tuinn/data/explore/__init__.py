"""What a dataset looks like: statistics of its columns, distributions, a preview of its samples.

Start with preview.py. Works on any SampleBrowser: may import the modules of tuinn.data except loader, no kind of data.
"""
