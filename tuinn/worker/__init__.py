"""Floor 2: the only importer of TensorFlow and Keras. Read trainer.py first; the rest are its chapters."""
