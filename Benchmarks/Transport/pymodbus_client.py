#!/usr/bin/env python3
"""The same job through pymodbus's asyncio client: one client object and one task a gateway, one request in flight each.

Prints the same line as the other clients. Processor and wall time run from before the first connect to after the last
close; starting Python and importing pymodbus is not in them.
"""

import asyncio
import json
import resource
import sys
import time

from pymodbus.client import AsyncModbusTcpClient

# As in Wire/include/wire.h.
ADDRESS, WORDS, DIALS = 0x48, 8, 4


def host(gateway):
    return f"127.16.{gateway // 250}.{gateway % 250 + 1}"


def expected(gateway, unit):
    meter = gateway * 256 + unit
    return [meter * 1000 + dial * 1_000_000 + 250 for dial in range(DIALS)]


async def work(gateway, port, units, each):
    """Returns how many answers were right."""
    client = AsyncModbusTcpClient(host(gateway), port=port, timeout=30, retries=0, reconnect_delay=0)
    if not await client.connect():
        raise SystemExit(f"gateway {gateway}: no connection")
    right = 0
    for position in range(each):
        unit = position % units + 1
        reply = await client.read_input_registers(ADDRESS, count=WORDS, device_id=unit)
        if reply.isError() or reply.dev_id != unit:
            continue
        kwh = client.convert_from_registers(reply.registers, client.DATATYPE.FLOAT32)
        right += [round(dial * 100) * 10 for dial in kwh] == expected(gateway, unit)
    client.close()
    return right


async def run(port, connections, units, each):
    return sum(await asyncio.gather(*(work(gateway, port, units, each) for gateway in range(connections))))


def main():
    if len(sys.argv) != 5:
        sys.exit(f"use: {sys.argv[0]} PORT CONNECTIONS UNITS REQUESTS-EACH")
    port, connections, units, each = map(int, sys.argv[1:])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, connections + 64), hard))
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    right = asyncio.run(run(port, connections, units, each))
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - begin
    faults = connections * each - right
    print(
        json.dumps({
            "client": "pymodbus",
            "connections": connections,
            "depth": 1,
            "requests": connections * each,
            "faults": faults,
            "given_up": 0,
            "user": round(after.ru_utime - before.ru_utime, 6),
            "system": round(after.ru_stime - before.ru_stime, 6),
            "wall": round(wall, 6),
        }))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
