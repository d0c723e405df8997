"""Reads an environment by labgrid itself, and prints what each target is reached by."""
import sys

from labgrid import Environment

environment = Environment(sys.argv[1])
for name in environment.config.get_targets():
    driver = environment.get_target(name).get_driver("SSHDriver", activate=False)
    service = driver.networkservice
    print(name, f"{service.username}@{service.address}:{service.port}", driver.keyfile)
