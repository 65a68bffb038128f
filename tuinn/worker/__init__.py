"""The program that trains one run, and answers questions about its network: `python -m tuinn.worker`.

Start with session.py, then training/trainer.py. The only importer of TensorFlow and Keras; never imports the view or the UI.
The packages use each other downward only: training > inference, monitoring > checkpoints, data > model. "The modules of
tuinn.worker itself" are those that all of them may import: commands, event_log, heartbeat, devices, system_monitor, end_hook,
errors, keras_types and keras_internals.
"""
