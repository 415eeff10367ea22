"""Entry point for ``python -m pos_app.cli.run``, for children that must be this very program."""

from pos_app.cli import main

if __name__ == "__main__":
    main()
