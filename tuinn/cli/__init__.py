"""Floor 3: the verbs of the command line. Each lives in a module of its own, imported only when it is asked for."""
