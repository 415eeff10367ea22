"""What templates may say: names, one loop, conditions, and markup that papers have."""

from __future__ import annotations

import pytest

from pos_app.domain.paperwork import DocumentKind, kind_of
from pos_app.domain.template import PLACEHOLDERS, STANDARD, TemplateInvalid
from pos_app.services.paperwork import letter, render, template
from pos_app.services.paperwork.render import Facts
from pos_app.services.paperwork.template import Draft
from printing.document import Align, Feed, Rule, Size, Table, Text
from printing.markup import MarkupRefused, blocks_of

KIND = DocumentKind.INVOICE
KNOWN = template.known_of(KIND)
LINES = ({"ItemCode": "A", "Description": "<b>x</b>"}, {"ItemCode": "B"})


def fill(source: str, **fields: str) -> str:
    return render.fill(source, "htmlContent", Facts(fields=fields, lines=LINES), KNOWN)


def test_names_loops_and_conditions_are_filled_in_and_escaped() -> None:
    evil = "<script>alert(1)</script>{{7*7}}{% raw %}"
    said = fill("<p>{{PartnerName}}</p>", PartnerName=evil)
    assert said == ("<p>&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}{% raw %}</p>")
    loop = "{% for line in Lines %}{{line.ItemCode}}{{line.Description}};{% endfor %}"
    assert fill(loop) == "A&lt;b&gt;x&lt;/b&gt;;B;"
    either = "{% if Comments %}yes{% elif Total %}total{% else %}no{% endif %}"
    assert [fill(either), fill(either, Total="1"), fill(either, Comments="c")] == [
        "no", "total", "yes",
    ]  # fmt: skip
    assert fill("{% if not Comments %}none{% endif %}") == "none"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if Total %}" * 105 + "x" + "{% endif %}" * 105, "nested too deeply"),
        ("{% for line in Lines %}{% endfor %}" * 21, "more than 20 loops"),
    ],
)
def test_what_would_cost_too_much_is_refused_before_it_is_kept(source: str, said: str) -> None:
    with pytest.raises(TemplateInvalid, match=said):
        fill(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{Unknown}}", "{{Lines}}", "{{line.ItemCode}}", "{{''.__class__}}", "{{Total.__class__}}",
        "{{Total|safe}}", "{{Total|upper}}", "{{7*7}}", "{{'a'*9999999}}", "{{Total+Total}}",
        "{{Total[0]}}", "{{Total()}}", "{{range(9)}}", "{{self}}", "{{cycler}}", "{{config}}",
        "{% for x in Lines %}{% for y in Lines %}{% endfor %}{% endfor %}",
        "{% for x in Lines %}{{x.Secret}}{% endfor %}",
        "{% for x in Lines %}{{loop.index}}{% endfor %}",
        "{% for x in Lines %}{{x.__class__}}{% endfor %}", "{% for a, b in Lines %}{% endfor %}",
        "{% for x in Lines if x.Tax %}{% endfor %}", "{% for x in Lines recursive %}{% endfor %}",
        "{% for x in Total %}{% endfor %}", "{% set x = 1 %}", "{% include 'a' %}",
        "{% import 'a' as b %}", "{% extends 'a' %}", "{% macro m() %}{% endmacro %}",
        "{% block b %}{% endblock %}", "{% filter upper %}a{% endfilter %}", "{{", "{%",
        "{{ }}", "{% if Total == 1 %}{% endif %}", "{% if 1 %}{% endif %}", "{% do Total %}",
        "{% with a = 1 %}{% endwith %}", "{% autoescape false %}{{Total}}{% endautoescape %}",
        "{# a", "{{" + "(" * 500, "x" * 200_001, "{{'<script>'}}", "{% debug %}",
    ],
)  # fmt: skip
def test_whatever_else_a_template_says_is_refused(source: str) -> None:
    with pytest.raises(TemplateInvalid):
        fill(source)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>", "<img src=x>", "<iframe></iframe>", "<a href='javascript:1'>",
        "<p onclick='x'>", "<link rel=stylesheet>", "<style>p{}</style>", "<form>", "<svg>",
        "<p style='background: url(http://x)'>", "<p style='width: expression(1)'>", "<object>",
        "<table><tr><td><table></table></td></tr></table>", "<td>a</td>", "<base href=x>",
        "<p style='background:u\\72l(x)'>",
    ],
)  # fmt: skip
def test_markup_papers_do_not_have_is_refused(html: str) -> None:
    with pytest.raises(MarkupRefused):
        blocks_of(html)
    with pytest.raises(TemplateInvalid):
        template.check(Draft(kind=KIND, name="x", html=html))


def test_markup_becomes_blocks() -> None:
    html = """<!DOCTYPE html><html><body><h1>Title</h1><p>Two  words<br>next</p><hr>
    <p align="right"><b>Total &lt;1&gt;</b></p><ul><li>one</li><li>two</li></ul>
    <table><tr><th>Item</th><th style="text-align: right">Price</th></tr>
    <tr><td>A</td><td>1</td></tr><tr><td>Long name</td></tr></table>open"""
    found = list(blocks_of(html))
    assert found[:7] == [
        Text("Title", Align.LEFT, True, Size.DOUBLE),
        Text("Two words"),
        Text("next"),
        Rule(),
        Text("Total <1>", Align.RIGHT, True),
        Text("- one"),
        Text("- two"),
    ]
    table = found[7]
    assert isinstance(table, Table)
    assert [(field.title, field.align, field.grows) for field in table.fields] == [
        ("Item", Align.LEFT, True), ("Price", Align.RIGHT, False),
    ]  # fmt: skip
    assert [line.cells for line in table.lines] == [("A", "1"), ("Long name", "")]
    assert found[8:] == [Feed(1), Text("open")]


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_standard_paper_of_every_kind_can_be_kept_as_a_template(kind: DocumentKind) -> None:
    assert PLACEHOLDERS[kind]
    template.check(Draft(kind=kind, name="x", html=STANDARD[kind]))
    assert kind_of(kind.value.upper()) is kind


@pytest.mark.parametrize(
    "changes",
    [
        {"css": "p{background:url(x)}"}, {"css": "</style><script>"}, {"css": "@import 'x'"},
        {"paper_size": "Letter"}, {"orientation": "Landscape"},
        {"is_default": True, "is_active": False}, {"footer": "{{Nothing}}"},
    ],
)  # fmt: skip
def test_what_no_paper_can_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TemplateInvalid):
        template.check(Draft(kind=KIND, name="x", html="", **changes))  # type: ignore[arg-type]


def test_a_letter_says_the_same_in_plain_text() -> None:
    assert letter.plain_text("<p>Dear &lt;b&gt; Anna,</p><p>one<br>two</p>") == (
        "Dear <b> Anna,\none\ntwo"
    )
