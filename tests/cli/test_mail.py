"""pos mail: what the administrator of the server does about letters that stand still."""

from __future__ import annotations

import json

from pos_app.bootstrap import install
from pos_app.domain.mail import Mail
from pos_app.services.mail import queue
from tests.cli.till import Till


def test_a_letter_is_listed_sent_again_and_given_up(bare_till: Till) -> None:
    server = bare_till
    server.configure(role="server", code='"S01"')
    installation = install(server.config, role="server", clock=server.clock)
    letter = Mail(to=("anna@example.com",), subject="Hello", text="Hi")
    with installation.shop.store.write() as connection:
        mail_id = queue.queue(installation.shop, connection, letter, kind="test", by="rudo")
    installation.close()
    assert f"{mail_id} Pending" in server.here("mail", "list").out
    (row,) = json.loads(server.here("mail", "list", "--json").out)["mails"]
    assert (row["recipients"], row["state"]) == (["anna@example.com"], "Pending")
    assert "mail      1 waiting" in server.here("status").out
    assert "sent again" in server.here("mail", "retry", mail_id).out
    assert server.here("mail", "cancel", mail_id, "--reason", "wrong").code == 0
    assert server.here("mail", "retry", mail_id).code == 3
    assert server.here("mail", "list").out == "No mail waits.\n"
    assert "wrong" in server.here("mail", "list", "--state", "Cancelled").out
