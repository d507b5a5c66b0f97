"""The same flow for both: what is measured is everything but the flow."""

try:
    from perijove import flow
except ImportError:
    from prefect import flow  # in Prefect's own environment


@flow
def nothing(x: int = 1) -> int:
    """Do nothing."""
    return x
