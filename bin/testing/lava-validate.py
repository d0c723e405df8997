"""Checks jobs on the standard input by LAVA's own schema, as its server does before it takes one."""
import sys

import yaml
from lava_common.schemas import validate

for job in yaml.safe_load_all(sys.stdin):
    validate(job)
    print(job["job_name"])
