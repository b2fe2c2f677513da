"""What a frozen backbone sees in a photo: one vector of pooled features, computed once and kept.

Importing this package makes torchvision importable first, wherever its compiled operators don't load.
"""

from bearclf.features.torchvision_operators import ensure_operators

ensure_operators()
