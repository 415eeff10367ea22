"""The words goods are named with: kinds of goods with their tax, unit and price, and brands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of goods; prices in US cents, the range before the size counts.

    Attributes:
        sizes: what stands behind the name, with how many times the base price it costs.
        tax: O1 standard, O2 zero-rated, O3 exempt.
        days: how long a batch keeps; 0 for goods without batches.
    """

    group: int
    name: str
    sizes: tuple[tuple[str, int], ...]
    cents: tuple[int, int]
    tax: str
    hs_code: str
    uom: str = "EA"
    days: int = 0
    flavours: tuple[str, ...] = ("",)


BRANDS = (
    "Sunrise", "Mopane", "Baobab", "Kopje", "Savanna", "Riverbend", "Hilltop", "Greenfield",
    "Goldleaf", "Msasa", "Highveld", "Lakeside", "Musasa", "Stonebridge", "Fairacre", "Ivory Coast",
)  # fmt: skip

BOTTLES = (("330 ml", 3), ("500 ml", 4), ("1 l", 7), ("2 l", 12))
PACKS = (("250 g", 3), ("500 g", 5), ("1 kg", 9), ("2 kg", 17))
BAGS = (("1 kg", 5), ("2 kg", 9), ("5 kg", 21), ("10 kg", 40))
FRUIT = ("Orange", "Mango", "Guava", "Pineapple", "Apple", "Granadilla")
LOOSE = (("loose", 5),)

KINDS = (
    Kind(group=100, name="Mealie meal", sizes=BAGS, cents=(18, 30), tax="O2", hs_code="11022000",
         flavours=("Roller", "Super refined", "Straight run")),
    Kind(group=100, name="Rice", sizes=BAGS, cents=(25, 45), tax="O1", hs_code="10063000",
         flavours=("Long grain", "Parboiled", "Basmati")),
    Kind(group=100, name="Flour", sizes=BAGS, cents=(20, 32), tax="O1", hs_code="11010000",
         flavours=("Plain", "Self-raising", "Brown")),
    Kind(group=100, name="Sugar", sizes=PACKS, cents=(17, 26), tax="O1", hs_code="17019900",
         flavours=("White", "Brown", "Caster")),
    Kind(group=100, name="Salt", sizes=PACKS, cents=(8, 14), tax="O1", hs_code="25010000",
         flavours=("Fine", "Coarse", "Iodised")),
    Kind(group=100, name="Beans", sizes=PACKS, cents=(24, 44), tax="O1", hs_code="07133300",
         flavours=("Sugar", "Butter", "Red kidney", "Cowpea")),
    Kind(group=100, name="Pasta", sizes=PACKS, cents=(22, 40), tax="O1", hs_code="19021900",
         flavours=("Spaghetti", "Macaroni", "Screws", "Shells")),
    Kind(group=100, name="Cooking oil", sizes=(("750 ml", 9), ("2 l", 22), ("5 l", 50)),
         cents=(18, 26), tax="O1", hs_code="15121900", flavours=("Sunflower", "Soya", "Blend")),
    Kind(group=110, name="Milk", sizes=(("500 ml", 4), ("1 l", 8), ("2 l", 15)), cents=(17, 25),
         tax="O2", hs_code="04012000", days=10, flavours=("Full cream", "Low fat", "Skimmed")),
    Kind(group=110, name="Yoghurt", sizes=(("150 ml", 3), ("500 ml", 8), ("1 l", 14)),
         cents=(18, 28), tax="O1", hs_code="04032000", days=21,
         flavours=("Strawberry", "Plain", "Banana", "Granadilla", "Vanilla")),
    Kind(group=110, name="Sour milk", sizes=(("500 ml", 5), ("1 l", 9)), cents=(15, 22), tax="O1",
         hs_code="04039000", days=14),
    Kind(group=110, name="Cheese", sizes=PACKS, cents=(70, 120), tax="O1", hs_code="04069000",
         days=60, flavours=("Cheddar", "Gouda", "Mozzarella")),
    Kind(group=110, name="Butter", sizes=(("250 g", 5), ("500 g", 9)), cents=(50, 70), tax="O1",
         hs_code="04051000", days=60, flavours=("Salted", "Unsalted")),
    Kind(group=110, name="Eggs", sizes=(("6 pack", 4), ("12 pack", 7), ("30 tray", 16)),
         cents=(28, 40), tax="O2", hs_code="04072100", days=28, flavours=("Medium", "Large")),
    Kind(group=120, name="Bread", sizes=(("700 g", 5),), cents=(18, 26), tax="O2",
         hs_code="19059090", flavours=("White", "Brown", "Whole wheat")),
    Kind(group=120, name="Buns", sizes=(("6 pack", 4), ("12 pack", 7)), cents=(22, 36), tax="O1",
         hs_code="19059090", flavours=("Plain", "Burger", "Raisin")),
    Kind(group=120, name="Biscuits", sizes=(("100 g", 2), ("200 g", 4)), cents=(25, 60), tax="O1",
         hs_code="19053100", flavours=("Tea", "Ginger", "Chocolate", "Coconut", "Cream")),
    Kind(group=130, name="Cola", sizes=BOTTLES, cents=(14, 22), tax="O1", hs_code="22021000"),
    Kind(group=130, name="Soft drink", sizes=BOTTLES, cents=(13, 20), tax="O1",
         hs_code="22021000", flavours=FRUIT),
    Kind(group=130, name="Juice", sizes=BOTTLES, cents=(22, 36), tax="O1", hs_code="20098900",
         flavours=FRUIT),
    Kind(group=130, name="Cordial", sizes=(("1 l", 8), ("2 l", 15)), cents=(22, 34), tax="O1",
         hs_code="21069090", flavours=FRUIT),
    Kind(group=130, name="Water", sizes=BOTTLES, cents=(8, 14), tax="O1", hs_code="22011000",
         flavours=("Still", "Sparkling")),
    Kind(group=130, name="Maheu", sizes=(("500 ml", 4), ("1 l", 7)), cents=(16, 24), tax="O1",
         hs_code="22029900", flavours=("Plain", "Banana", "Strawberry")),
    Kind(group=130, name="Tea bags", sizes=(("50", 5), ("100", 9)), cents=(25, 50), tax="O1",
         hs_code="09023000", flavours=("Black", "Rooibos", "Green")),
    Kind(group=130, name="Coffee", sizes=(("100 g", 6), ("250 g", 14)), cents=(50, 90), tax="O1",
         hs_code="21011100", flavours=("Instant", "Ground", "Chicory blend")),
    Kind(group=140, name="Tomatoes", sizes=LOOSE, cents=(18, 30), tax="O2", hs_code="07020000",
         uom="KG"),
    Kind(group=140, name="Onions", sizes=LOOSE, cents=(16, 26), tax="O2", hs_code="07031000",
         uom="KG"),
    Kind(group=140, name="Potatoes", sizes=LOOSE, cents=(14, 22), tax="O2", hs_code="07019000",
         uom="KG"),
    Kind(group=140, name="Bananas", sizes=LOOSE, cents=(16, 24), tax="O2", hs_code="08039000",
         uom="KG"),
    Kind(group=140, name="Cabbage", sizes=LOOSE, cents=(10, 16), tax="O2", hs_code="07049000",
         uom="KG"),
    Kind(group=150, name="Beef", sizes=LOOSE, cents=(80, 180), tax="O1", hs_code="02013000",
         uom="KG", days=7, flavours=("Stew", "Mince", "Rump", "Brisket", "T-bone")),
    Kind(group=150, name="Chicken", sizes=LOOSE, cents=(60, 110), tax="O1", hs_code="02071400",
         uom="KG", days=7, flavours=("Whole", "Drumsticks", "Breast", "Wings")),
    Kind(group=150, name="Sausage", sizes=LOOSE, cents=(70, 120), tax="O1", hs_code="16010000",
         uom="KG", days=14, flavours=("Boerewors", "Pork", "Russian", "Vienna")),
    Kind(group=160, name="Washing powder", sizes=PACKS, cents=(25, 45), tax="O1",
         hs_code="34029000", flavours=("Hand", "Automatic")),
    Kind(group=160, name="Bath soap", sizes=(("125 g", 2), ("200 g", 3)), cents=(30, 60), tax="O1",
         hs_code="34011100", flavours=("Lavender", "Herbal", "Lemon", "Aloe")),
    Kind(group=160, name="Green bar", sizes=(("500 g", 3), ("1 kg", 5)), cents=(28, 40), tax="O1",
         hs_code="34011900"),
    Kind(group=160, name="Toilet paper", sizes=(("1 roll", 1), ("4 pack", 4), ("9 pack", 8)),
         cents=(32, 50), tax="O1", hs_code="48181000", flavours=("1 ply", "2 ply")),
    Kind(group=160, name="Bleach", sizes=(("750 ml", 4), ("1.5 l", 7)), cents=(28, 45), tax="O1",
         hs_code="28289000"),
    Kind(group=160, name="Candles", sizes=(("6 pack", 3), ("12 pack", 5)), cents=(35, 60),
         tax="O1", hs_code="34060000"),
    Kind(group=160, name="Matches", sizes=(("10 boxes", 2),), cents=(35, 55), tax="O1",
         hs_code="36050000"),
    Kind(group=170, name="Exercise book", sizes=(("32 pages", 1), ("72 pages", 2)), cents=(20, 40),
         tax="O3", hs_code="48202000", flavours=("Feint", "Square", "Plain")),
    Kind(group=170, name="Newspaper", sizes=(("daily", 2), ("weekend", 3)), cents=(40, 60),
         tax="O3", hs_code="49021000"),
    Kind(group=180, name="Baby cereal", sizes=(("250 g", 5), ("500 g", 9)), cents=(50, 80),
         tax="O1", hs_code="19011000", days=180, flavours=("Maize", "Wheat", "Banana")),
    Kind(group=180, name="Nappies", sizes=(("10 pack", 6), ("30 pack", 16)), cents=(40, 70),
         tax="O1", hs_code="96190000", flavours=("Small", "Medium", "Large")),
    Kind(group=190, name="Canned fish", sizes=(("155 g", 3), ("400 g", 6)), cents=(40, 60),
         tax="O1", hs_code="16041300", flavours=("Pilchards", "Sardines", "Tuna")),
    Kind(group=190, name="Baked beans", sizes=(("410 g", 4),), cents=(22, 34), tax="O1",
         hs_code="20055100"),
    Kind(group=190, name="Peanut butter", sizes=(("375 ml", 6), ("1 l", 14)), cents=(30, 45),
         tax="O1", hs_code="20081100", flavours=("Smooth", "Crunchy")),
    Kind(group=190, name="Jam", sizes=(("450 g", 5),), cents=(28, 45), tax="O1",
         hs_code="20079900", flavours=FRUIT),
    Kind(group=190, name="Crisps", sizes=(("30 g", 1), ("125 g", 4)), cents=(35, 60), tax="O1",
         hs_code="20052000", flavours=("Salted", "Tomato", "Chutney", "Cheese & onion")),
    Kind(group=190, name="Sweets", sizes=(("125 g", 3), ("500 g", 10)), cents=(25, 45), tax="O1",
         hs_code="17049000", flavours=FRUIT),
)  # fmt: skip

TRADES = (
    "Canteen", "Tuckshop", "Guest House", "Primary School", "Bakery", "Butchery", "Catering",
    "Lodge", "Clinic", "Farm Store", "Hardware", "Restaurant", "Wholesale", "Mission", "Workshop",
)  # fmt: skip
PLACES = (
    "Corner", "Hillside", "Avenue", "Market Square", "Station", "Parklands", "Lakeview", "Mill",
    "Bridge", "Old Town", "Garden", "Eastgate", "Westwood", "Northfields", "South End",
)  # fmt: skip
