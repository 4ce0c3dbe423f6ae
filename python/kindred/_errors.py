"""What kindred raises. Every message names the argument, file or system, the value found and what to do about it."""


class Error(Exception):
    """The base of every error that the library reports."""


class InvalidArgument(Error, ValueError):
    """A parameter is out of range or contradicts another."""


class InvalidData(Error, ValueError):
    """An array has the wrong shape, type or values: NaN, Inf, empty, unequal sample counts ..."""


class FileError(Error, OSError):
    """A file is missing, truncated, malformed, or cannot be written."""


class OutOfMemory(Error, MemoryError):
    """The memory budget does not suffice."""


class DeviceError(Error, RuntimeError):
    """A device is absent or failed."""


class Cancelled(Error):
    """A progress callback asked to stop."""


class ConversionWarning(UserWarning):
    """Values were converted to another type before they were used."""
