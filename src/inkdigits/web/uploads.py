"""Room in memory for what is being sent: taken whole before the first byte, or refused at once.

Were it taken as bytes come, many large bodies could each take some of it until none can go on.
"""

from .settings import SMALL_BYTES, SMALL_SHARE, UPLOAD_BYTES


class UploadRoom:
    """Bytes that all bodies under way may take together.

    Parameters
    ----------
    size
        In all.
    small, small_share
        What of it only bodies of at most `small` bytes may take, so that a few large ones, however
        slow, do not keep drawings out.
    """

    def __init__(
        self, size: int = UPLOAD_BYTES, small: int = SMALL_BYTES, small_share: int = SMALL_SHARE
    ) -> None:
        self.free = size
        self._small, self._small_share = small, small_share

    def take(self, size: int) -> bool:
        """Take room for a body of `size` bytes, and return whether there was enough."""
        kept_free = 0 if size <= self._small else self._small_share
        if size > self.free - kept_free:
            return False
        self.free -= size
        return True

    def give_back(self, size: int) -> None:
        """Free what was taken."""
        self.free += size
