"""The playground: a small network on points of the plane, in plain NumPy.

Start with session.py, which joins clouds.py (the points), features.py (what the network sees of them), network.py (layers,
losses, gradients) and own_data.py (columns of a table); keras_code.py writes the same for Keras. May import `data` and `spec`,
never another lab.
"""
