"""pandas over openpyxl: only reads."""

import sys

import openpyxl  # noqa: F401  # pandas finds it by name
import pandas as pd

if sys.argv[1:] != ["--there"]:
    print(len(pd.read_excel(sys.argv[1], engine="openpyxl")))
