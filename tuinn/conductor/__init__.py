"""Floor 2: the program that conducts a sweep or the queue. Started by name; the only importer of Optuna."""
