import hashlib

import polars as pl

from fatcli.ledger import chain


def test_a_digest_is_that_of_the_bytes_the_documentation_tells():
    rows = pl.DataFrame({"placement": ["P1", "ÅÄ", None], "amount": [30_000, -5, 0]})
    told = "3\nplacement\n2,4,-\nP1ÅÄamount\n5,2,1\n30000-50".encode()
    assert chain.digest(rows) == hashlib.sha256(told).hexdigest()


def test_no_rows_have_a_digest():
    assert chain.digest(pl.DataFrame(schema={"a": pl.String})) == hashlib.sha256(b"0\na\n\n").hexdigest()


def test_tables_that_read_alike_differ():
    alike = [
        pl.DataFrame({"a": values}, schema={"a": pl.String})
        for values in (["ab", "c"], ["a", "bc"], ["abc", ""], ["abc", None], ["c", "ab"], ["abc"], ["ab,c"])
    ]
    assert len({chain.digest(rows) for rows in alike}) == len(alike)


def test_a_seal_is_of_json_in_ascii_with_its_keys_in_order():
    assert chain.sealed({"b": "Å", "a": None}) == hashlib.sha256(b'{"a":null,"b":"\\u00c5"}').hexdigest()
