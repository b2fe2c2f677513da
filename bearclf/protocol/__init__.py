"""What a page's kernel and the two workers say to each other: every request, reply and announcement.

A message is an immutable record with a tag, its class's name. A request is answered by messages that carry
its number (see :mod:`bearclf.service.wire`), an announcement goes to every page unasked. Nothing here
computes, so a visitor's kernel may import it.
"""
