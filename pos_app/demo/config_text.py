"""The text of the demo's config files, with places for what every start decides."""

from __future__ import annotations

COMMON = """
[shop]
name = "Sunrise Grocers"
tin = "2000123456"
vat_number = "220123456"
branch = "First Street"
address = ["12 First Street", "Harare"]
phone = "+263 242 000000"
email = "shop@example.com"

[till]
code = "{till}"
warehouse = "SHOP1"
walk_in = "C0000"
price_lists = {{ USD = "1", ZIG = "2" }}
masks = ["21IIIIIWWWWWC", "22IIIIIPPPPPC"]
quick = {{ 1 = "PRD001", 2 = "PRD002", 3 = "PRD003" }}

[[currency]]
code = "USD"
name = "US dollar"
fiscal_code = "USD"
sap_code = "USD"

[[currency]]
code = "ZIG"
name = "Zimbabwe Gold"
fiscal_code = "ZWG"
sap_code = "ZiG"

[[tender]]
code = "cash"
name = "Cash"
currencies = ["USD", "ZIG"]
fiscal_money_type = 0
sap_means = "cash"
sap_accounts = {{ USD = "1110", ZIG = "1111" }}
gives_change = true
opens_drawer = true

[[tender]]
code = "card"
name = "Card"
currencies = ["USD", "ZIG"]
fiscal_money_type = 1
sap_means = "transfer"
sap_accounts = {{ USD = "1130", ZIG = "1131" }}
needs_reference = true

[[tender]]
code = "ecocash"
name = "EcoCash"
currencies = ["USD", "ZIG"]
fiscal_money_type = 2
sap_means = "transfer"
sap_accounts = {{ USD = "1120", ZIG = "1121" }}
needs_reference = true
gateway = "ecocash"

[[tender]]
code = "innbucks"
name = "InnBucks"
currencies = ["USD"]
fiscal_money_type = 2
sap_means = "transfer"
sap_accounts = {{ USD = "1120" }}
needs_reference = true
gateway = "innbucks"

[[tender]]
code = "paynow"
name = "PayNow"
currencies = ["USD", "ZIG"]
fiscal_money_type = 2
sap_means = "transfer"
sap_accounts = {{ USD = "1120", ZIG = "1121" }}
needs_reference = true
gateway = "paynow"

[[limit]]
rule = "discount.line"
role = "Cashier"
at_most = 5

[[limit]]
rule = "discount.sale"
role = "Cashier"
at_most = 5

[[limit]]
rule = "price.below_list"
role = "Cashier"
at_most = 5

[[limit]]
rule = "price.above_list"
role = "Cashier"
at_most = 5

[[limit]]
rule = "void.sale"
role = "Cashier"
at_most = 50

[[limit]]
rule = "refund"
role = "Cashier"
at_most = 20
currency = "USD"

[[limit]]
rule = "refund"
role = "Cashier"
at_most = 500
currency = "ZIG"

[[limit]]
rule = "refund"
role = "Manager"
at_most = 5000
currency = "USD"

[[limit]]
rule = "refund"
role = "Manager"
at_most = 130000
currency = "ZIG"

[[limit]]
rule = "refund.currency"
role = "Manager"
at_most = 1

[[limit]]
rule = "refund.entered"
role = "Manager"
at_most = 1

[[limit]]
rule = "drawer.open"
role = "Manager"
at_most = 1

[[limit]]
rule = "discount.line"
role = "Manager"
at_most = 50

[[limit]]
rule = "discount.sale"
role = "Manager"
at_most = 30

[[limit]]
rule = "price.below_list"
role = "Manager"
at_most = 50

[[limit]]
rule = "price.above_list"
role = "Manager"
at_most = 100

[[limit]]
rule = "void.sale"
role = "Manager"
at_most = 5000

[[fiscal.tax]]
group = "O1"
tax_id = "1"
code = "A"
percent = 15.5
kind = "standard"

[[fiscal.tax]]
group = "O2"
tax_id = "2"
code = "B"
percent = 0
kind = "zero"

[[fiscal.tax]]
group = "O3"
tax_id = "3"
code = "C"
kind = "exempt"
"""

SERVER = """role = "server"

[database]
url = {database}

[server]
host = "127.0.0.1"
port = {port}
jwt_secret = "secret://jwt"
is_demo = true

[sap]
url = {sap}
company_db = "{company}"
user = "{user}"
password = "secret://sap"
poll_seconds = 0.5
master_seconds = 60
quiet_seconds = 60
lease_seconds = 120
cost_centre = "SHOP1"
purchase_vat_groups = {{ "15.5" = "I1", "0" = "I2" }}

[mail]
transport = "file"
sender = "shop@example.com"

[[stock.reason]]
code = "missing"
name = "Missing"
account = "6400"

[[stock.reason]]
code = "damaged"
name = "Damaged"
account = "6400"

[[stock.reason]]
code = "found"
name = "Found"
account = "6400"
kind = "receipt"

[fiscal]
device = {fiscal}
lock = "../fiscal.lock"
shared = true
timeout_seconds = 10

[gateway]
public_url = "http://127.0.0.1:{port}"
timeout_seconds = 5
poll_seconds = 0.5

[[gateway.paynow]]
currency = "USD"
url = {gateway}
integration_id = "1201"
integration_key = "secret://paynow-usd"
is_sandbox = true

[[gateway.paynow]]
currency = "ZIG"
url = {gateway}
integration_id = "1202"
integration_key = "secret://paynow-zig"
is_sandbox = true

[[gateway.innbucks]]
url = {gateway}
user = "sandbox"
password = "secret://gateway"
api_key = "secret://gateway-api-key"
callback_key = "secret://gateway-callback"
is_sandbox = true

[[gateway.ecocash]]
currencies = ["USD", "ZIG"]
url = {gateway}
user = "sandbox"
password = "secret://gateway"
callback_key = "secret://gateway-callback"
merchant_code = "287164"
merchant_pin = "secret://gateway-pin"
merchant_number = "778503033"
merchant_name = "Sunrise Grocers"
is_sandbox = true
"""

TILL_FILE = """role = "till"

[database]
url = "till.db"

[server]
url = {server}
api_key = "secret://server-api-key"
sync_seconds = 0.5

[fiscal]
device = {device}
lock = "../fiscal.lock"
shared = true

[printer]
url = {printer}
profile = "80mm"

[drawer]
open_level = "high"

[label]
url = {labels}

[display]
url = {display}
profile = "text"
greeting = ["Welcome to", "Sunrise Grocers"]
"""
