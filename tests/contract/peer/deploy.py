"""Deploy the demonstration's flows to a process work pool, twice, as ``prefect`` users do."""

import json
from pathlib import Path

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.schedules import Cron
from prefect.workers.process import ProcessWorker

HERE = Path(__file__).parent
WITH_SLUG = Cron("0 8 * * *", timezone="Europe/Berlin", slug="morning", parameters={"number": 5})


def deploy(name: str, **options: object) -> str:
    found = flow.from_source(str(HERE), f"demo.py:{name}")
    return str(found.deploy(name="prod", work_pool_name="machines", print_next_steps=False, **options))


def main() -> None:
    with get_client(sync_client=True) as client:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name="machines", type="process", base_job_template=template))
    ids = {name: deploy(name) for name in ("child", "again", "slow", "suspended", "parent")}
    ids["report"] = deploy("report", schedules=[WITH_SLUG], tags=["finance"], concurrency_limit=2)
    ids["report again"] = deploy("report", schedules=[WITH_SLUG], description="twice")
    print(json.dumps(ids))


main()
