"""Write what the real Prefect makes of every signature: run it where prefect 3.9.1 is installed."""

import json
from pathlib import Path

import prefect
import signatures
from prefect.utilities.callables import parameter_schema


def main() -> None:
    golden = {fn.__name__: parameter_schema(fn).model_dump_for_openapi() for fn in signatures.ALL}
    text = json.dumps({"prefect": prefect.__version__, "schemas": golden}, indent=1, sort_keys=True)
    Path(__file__).with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
