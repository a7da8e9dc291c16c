"""``python -m manciple``: the command line."""

from manciple.cli.main import main

if __name__ == "__main__":
    main()
