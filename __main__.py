"""The way in: `prd-supervise` and `python -m prd_supervise`."""


def main() -> None:
    """Run the command line.

    The import stands inside on purpose: a spawned child imports this module again, and must not pay
    for the command line.
    """
    from .supervisor.ui.cli.main import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
