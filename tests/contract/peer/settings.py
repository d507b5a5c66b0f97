"""What Prefect's settings say of the API in each of the environments that standard input holds."""

import json
import os
import sys

from prefect.settings import Settings

told = []
for environment in json.load(sys.stdin):
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(environment)
    api = Settings().api
    secrets = (secret.get_secret_value() if secret is not None else None for secret in (api.key, api.auth_string))
    told.append([api.url, *secrets])
print(json.dumps(told))
