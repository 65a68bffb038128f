"""Derivatives and gradient descent, in plain NumPy.

Start with curves.py (a tangent), chain.py (the chain rule with its numbers), landscapes.py (losses over one and two weights),
optimizers.py (the steps that Keras' optimizers take) and tape.py (what GradientTape gives for the examples of the lesson). Imports no
other lab.
"""
