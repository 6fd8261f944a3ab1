"""``python -m hemograft`` is the command ``hemograft``."""

from .outlets.cli import main

if __name__ == "__main__":
    main()
