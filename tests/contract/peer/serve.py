"""Serve two deployments from one process, as ``prefect`` users do."""

from demo import again, child
from prefect import serve

if __name__ == "__main__":
    serve(child.to_deployment("served", interval=3600), again.to_deployment("served"))
