"""pandera over a Polars frame that fastexcel reads: types, pattern, code, range, and no day twice."""

import sys

import fastexcel
import pandera.polars as pa
import polars as pl

SCHEMA = pa.DataFrameSchema(
    {
        "placement_id": pa.Column(pl.String, pa.Check.str_matches("^B[0-9]{6}$")),
        "date": pa.Column(pl.Date),
        "status": pa.Column(pl.String, pa.Check.isin(["present", "ill", "leave", "absent", "off"])),
        "hours": pa.Column(pl.Float64, pa.Check.in_range(0, 24)),
        "note": pa.Column(pl.String, nullable=True),
    },
    unique=["placement_id", "date"],
)

if sys.argv[1:] != ["--there"]:
    frame = fastexcel.read_excel(sys.argv[1]).load_sheet(0, dtypes={"date": "date", "hours": "float"}).to_polars()
    print(SCHEMA.validate(frame, lazy=True).height)
