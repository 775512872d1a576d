#!/usr/bin/env python3
"""Two Eastron SDM630 meters served by pymodbus on loopback: a peer that shares nothing with meterd but the wire.

Addresses and types are those of the maker's register list; the words are made by pymodbus. Prints one line when it
listens, then serves until it is ended. `--json` prints what the dials show instead, in Wh and varh, and ends.
"""

import asyncio
import json
import sys

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

# kWh and kvarh as the displays show them, written out again in Wh by hand: what meterd must store.
METERS = {
    1: {
        "serial": 25630001,
        "dials": [4321.09, 12.34, 1500.55, 0.01],
        "wh": {"import": 4321090, "export": 12340, "reactive_import": 1500550, "reactive_export": 10},
    },
    2: {
        "serial": 25630002,
        "dials": [98765.43, 0.0, 65536.5, 7.0],
        "wh": {"import": 98765430, "export": 0, "reactive_import": 65536500, "reactive_export": 7000},
    },
}


def floats(address, *values):
    return SimData(address, values=list(values), datatype=DataType.FLOAT32)


def device(unit, meter):
    inputs = [
        floats(0x0000, 230.1, 229.8, 231.4),
        floats(0x0034, 1234.0),
        floats(0x0046, 49.98),
        floats(0x0048, *meter["dials"]),
    ]
    holding = [SimData(0xFC00, values=meter["serial"], datatype=DataType.UINT32)]
    # The meter has no coils; pymodbus wants a block of each kind.
    none = [SimData(0, values=False, datatype=DataType.BITS)]
    return SimDevice(unit, simdata=(none, list(none), holding, inputs))


async def serve(port):
    devices = [device(unit, meter) for unit, meter in METERS.items()]
    server = ModbusTcpServer(devices, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    print(f"pymodbus serves units {sorted(METERS)} on 127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


def main():
    if sys.argv[1:] == ["--json"]:
        print(json.dumps(METERS))
    elif len(sys.argv) == 2 and sys.argv[1].isdigit():
        asyncio.run(serve(int(sys.argv[1])))
    else:
        sys.exit("use: pymodbus_sdm630.py PORT | --json")


if __name__ == "__main__":
    main()
