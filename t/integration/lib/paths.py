"""Where things are, and ports that are free."""

import os
import random
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("DITTO_BUILD") or ROOT / "build")
MODULE = Path(os.environ.get("DITTO_MODULE")
              or BUILD / "ngx_http_ditto_kafka_module.so")

# out of the environment: nginx itself takes this variable for a list of
# sockets that it inherits
NGINX = os.environ.pop("NGINX", "") or "/usr/sbin/nginx"

# memory is not the same then
SANITIZED = "DITTO_PRELOAD" in os.environ

# below the ports that the kernel gives to clients
LOWEST, HIGHEST = 10000, 32000


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count=1):
    """The first of so many consecutive ports that nobody listens on."""
    while True:
        first = random.randrange(LOWEST, HIGHEST - count)
        if all(is_free(first + i) for i in range(count)):
            return first
