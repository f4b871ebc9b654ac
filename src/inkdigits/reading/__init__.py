"""From a picture to digits. Nothing here knows PyTorch.

``picture`` → ``ink`` → ``parts`` → ``layout`` → crops → ``recogniser`` → `Reading`, one direction.
"""

from .reader import Reader
from .reading import Digit, Reading

__all__ = ["Digit", "Reader", "Reading"]
