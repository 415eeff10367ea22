from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sync.sap.simulator.shop import ShopInvalid, books_of, read_shop

FILES = {
    "company": "key,value\nlocal_currency,USD\nblock_negative_stock,no\n",
    "currencies": "code,name,iso,decimals\nUSD,Dollar,USD,2\nZiG,Gold,ZWG,2\n",
    "rates": "currency,date,rate\nZiG,,26.79\n",
    "vat_groups": "code,name,input\nO01,Standard,no\nI01,Purchases,yes\n",
    "vat_rates": "group,from,rate\nO01,2020-01-01,15\nO01,2026-01-01,15.5\nI01,2020-01-01,15.5\n",
    "warehouses": "code,name,inactive\nSHOP1,First Street,\nOLD,Closed,yes\n",
    "price_lists": "number,name,gross,currency\n1,Retail,yes,USD\n",
    "uom_groups": "code,base\nMILK,EA\n",
    "uoms": "group,unit,base_quantity\nMILK,BOX12,12\n",
    "items": "code,name,vat_group,uom_group,U_HSCode\n"
    'MILK1,"Milk, 1 l",O01,MILK,0401\nBREAD,Bread,O01,,\n',
    "prices": "item,list,price\nMILK1,1,1.99\nBREAD,1,1.00\n",
    "stock": "item,warehouse,quantity\nBREAD,SHOP1,10\n",
    "batches": "item,number,warehouse,quantity,expiry\n"
    "MILK1,B1,SHOP1,5,2026-09-01\nMILK1,B1,OLD,2,2026-09-01\nMILK1,B2,SHOP1,1,\n",
    "barcodes": "item,barcode,unit\nMILK1,6001,\nMILK1,16001,BOX12\n",
    "partners": "code,name,kind,credit_limit\nC0001,Walk-in,customer,500\n",
    "special_prices": "item,partner,price,currency\nBREAD,C0001,0.90,USD\n",
    "special_periods": "item,partner,from,to,price,discount,quantity\n"
    "BREAD,C0001,2026-08-01,2026-08-31,0.85,,\nBREAD,C0001,2026-08-01,2026-08-31,,15,10\n",
    "minimums": "item,warehouse,quantity\nBREAD,SHOP1,4\n",
    "bins": "warehouse,bin\nOLD,A1\nOLD,A2\n",
}


def write(folder: Path, **changes: str) -> Path:
    for name, text in (FILES | changes).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


def test_a_folder_of_csv_files_is_a_shop(tmp_path: Path) -> None:
    (tmp_path / "items").mkdir()
    folder = write(tmp_path, company=FILES["company"])
    with pytest.raises(ShopInvalid, match="U_HSCode"):
        books_of(read_shop(folder))
    (folder / "items.csv").write_text(FILES["items"].replace("U_HSCode", "foreign_name"))
    books = books_of(read_shop(folder))
    assert books.company.block_negative_stock is False
    assert books.on_hand("MILK1", "SHOP1") == 6
    assert books.on_hand("BREAD", "SHOP1") == 10
    assert books.prices["MILK1"] == {1: (Decimal("1.99"), "USD")}
    milk = books.row("Items", "MILK1")
    assert milk is not None
    assert (milk["ItemName"], milk["UoMGroupEntry"], milk["BarCode"]) == ("Milk, 1 l", 1, "6001")
    [special] = books.tables["SpecialPrices"].rows()
    [period] = special["SpecialPriceDataAreas"]
    assert (period["SpecialPrice"], period["DateFrom"]) == (Decimal("0.85"), "2026-08-01")
    assert [
        (row["Quantity"], row["Discountin"]) for row in period["SpecialPriceQuantityAreas"]
    ] == [(10, 15)]
    assert [row["BinCode"] for row in books.tables["BinLocations"].rows()] == ["OLD-A1", "OLD-A2"]
    units = [row["UoMEntry"] for row in books.tables["BarCodes"].rows()]
    assert units == [-1, 2]
    assert books.row("Warehouses", "OLD")["Inactive"] == "tYES"  # type: ignore[index]
    rates = books.row("VatGroups", "O01")["VatGroups_Lines"]  # type: ignore[index]
    assert [row["Rate"] for row in rates] == [15, Decimal("15.5")]
    assert books.row("BusinessPartners", "C0001")["CreditLimit"] == 500  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("colours", "a\n1\n", "unknown file colours.csv"),
        ("prices", "item,list,price\nNOPE,1,1\n", "prices.csv has a row for an unknown item"),
        ("prices", "item,price\nBREAD,1\n", "prices.csv has no column 'list'"),
        ("currencies", "code,colour\nUSD,red\n", "colour"),
        ("items", "code,active\nA,perhaps\n", "'perhaps' in place of yes or no"),
        ("items", "code,name\nA,B,C\n", "other columns"),
        ("barcodes", "item,barcode,unit\nMILK1,1,CRATE\n", "unknown unit CRATE"),
        ("warehouses", "name\nFirst Street\n", "warehouse has no code"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    folder = write(tmp_path, items=FILES["items"].replace("U_HSCode", "foreign_name"))
    (folder / "bins.csv").unlink()
    (folder / f"{name}.csv").write_text(text)
    with pytest.raises(ShopInvalid, match=sentence):
        books_of(read_shop(folder))


def test_an_empty_folder_is_no_shop(tmp_path: Path) -> None:
    with pytest.raises(ShopInvalid, match=r"no \.csv file"):
        read_shop(tmp_path)
