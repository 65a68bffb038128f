"""The samples of a run: loaded, split, and put into batches on the device.

Start with run_data.py; batches.py makes the batches. May import model and the modules of tuinn.worker itself.
"""
