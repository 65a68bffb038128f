"""The program that trains one run, and answers questions about its network: `python -m tuinn.worker`.

Start with session.py, then training/trainer.py. The only importer of TensorFlow and Keras; never imports the view or the UI.
"""
