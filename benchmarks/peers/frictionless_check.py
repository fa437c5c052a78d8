"""frictionless: the attendance sheet against a table schema."""

import sys

from frictionless import Resource, Schema, validate

FIELDS = [
    {"name": "placement_id", "type": "string", "constraints": {"required": True, "pattern": "B[0-9]{6}"}},
    {"name": "date", "type": "date", "constraints": {"required": True}},
    {"name": "status", "type": "string", "constraints": {"required": True, "enum": ["present", "ill", "leave", "absent", "off"]}},
    {"name": "hours", "type": "number", "constraints": {"minimum": 0, "maximum": 24}},
    {"name": "from_time", "type": "any"},
    {"name": "to_time", "type": "any"},
    {"name": "note", "type": "string"},
]

if sys.argv[1:] != ["--there"]:
    report = validate(Resource(path=sys.argv[1], schema=Schema.from_descriptor({"fields": FIELDS})), limit_errors=100_000)
    print(report.stats)
    sys.exit(0 if report.valid else 1)
