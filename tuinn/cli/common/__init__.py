"""What the commands share: options, exit codes, questions to a worker, what is printed while something goes on.

Start with options.py. May import no command.
"""
