"""A table in CSV, or pasted from a spreadsheet: every mistake has its line and column."""

from omotenashi.configuration.tables import CellProblem, Column, read_csv, read_pasted


def test_a_title_says_the_type_of_its_column() -> None:
    table = read_csv("item,price:number,sold_out:flag\nsencha,1200,false\nhojicha,,TRUE\n")
    assert table.columns == (Column("item", "text"), Column("price", "number"), Column("sold_out", "flag"))
    assert table.rows == {
        "sencha": {"item": "sencha", "price": 1200, "sold_out": False},
        "hojicha": {"item": "hojicha", "price": None, "sold_out": True},
    }
    assert table.problems == ()


def test_every_wrong_cell_is_told_by_line_and_column() -> None:
    table = read_csv("item,price:number,sold_out:flag\nsencha,dear,perhaps\nsencha,1\nsencha,2,true\n")
    assert table.problems == (
        CellProblem(2, "price", "expected a number or nothing; found 'dear'"),
        CellProblem(2, "sold_out", "expected true or false or nothing; found 'perhaps'"),
        CellProblem(3, "", "expected 3 cells as in the first line; found 2"),
        CellProblem(4, "item", "the key 'sencha' stands here twice"),
    )
    assert read_csv("").problems == (CellProblem(1, "", "expected a first line with the names of the columns"),)
    assert read_csv('a,b\n"open').problems[0].message.startswith("not CSV")
    assert read_csv("a,b:colour\n").problems[0].column == "b"


def test_pasted_cells_get_the_type_that_all_of_them_fit() -> None:
    table = read_pasted("item\tprice\tsold_out\tcode\nsencha\t1200\ttrue\t007\nhojicha\t880.5\tfalse\t12\n")
    assert table.columns == (
        Column("item", "text"),
        Column("price", "number"),
        Column("sold_out", "flag"),
        Column("code", "text"),
    )
    assert table.rows["hojicha"] == {"item": "hojicha", "price": 880.5, "sold_out": False, "code": "12"}
    assert table.problems == ()
    assert read_pasted("item,note\na,1\nb,one\n").columns == (Column("item", "text"), Column("note", "text"))
