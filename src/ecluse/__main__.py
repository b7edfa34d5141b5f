"""`python -m ecluse` is the command `ecluse`."""

from ecluse.cli import main

if __name__ == "__main__":
    main()
