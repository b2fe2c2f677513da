"""A network that somebody has exported from fastai becomes a bundle.

An ``export.pkl`` is a pickle, and unpickling runs what a pickle says. So it is read in a process of its own,
which may neither write nor reach the network (``confinement``), by an unpickler that calls nothing
(``inert``): layers of networks are made as they are, all else is a stand-in that only remembers what it was.
What it finds (``reading``) is a network, its classes and how photos are prepared; from these, and nothing
else of the file, the bundle's own export is made (``rebuilding``).
"""
