"""The version, read from the installed package so that it is written in one place."""

from importlib import metadata

try:
    VERSION = metadata.version("hemograft")
except metadata.PackageNotFoundError:  # run from a source tree that was never installed
    VERSION = "0+unknown"
