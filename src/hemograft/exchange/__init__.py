"""The assembled model in the file formats of other simulators."""
