"""A network that somebody has exported from fastai becomes a bundle.

An ``export.pkl`` is a pickle, and unpickling runs what a pickle says. So it is read in a process of its own,
which may neither write nor reach the network (``confinement``), by an unpickler that calls nothing
(``inert``): all that it names is a stand-in that only remembers what it was. What is found (``reading``,
``network``) is told in words and numbers: classes, how photos are prepared, what the head is made of, and
weights. Of these, and nothing else of the file, the network and the bundle's export are made
(``rebuilding``).
"""
