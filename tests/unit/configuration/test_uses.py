"""Whatever names a segment, an event, a table or a list is found, wherever it stands."""

from omotenashi.configuration.uses import Use, uses

SOURCES = {
    "project.yaml": "id: shop\nname: Shop\n",
    "segments/gold.yaml": "name: Gold\nrule: { attribute: rank, op: '=', value: gold }\n",
    "segments/both.yaml": "name: Both\nrule: [{ segment: gold }, { not: { segment: gold } }]\n",
    "events/sale.yaml": "from: view\nwhere: { field: path, op: '=', value: gold }\n",
    "events/deep.yaml": "from: sale\nwhere: []\n",
    "campaigns/hello.yaml": "name: gold\ntrigger: { event: sale }\ninclude: [gold]\n"
    "rule: { list: vip }\npages: { include: [gold] }\n",
    "campaigns/broken.yaml": "name: [",
    "templates/shelf/template.yaml": "kind: bar\nvariables: { rows: { default: { table: goods } } }\n",
}


def test_a_segment_is_found_in_rules_and_audiences_and_not_in_other_words() -> None:
    assert uses(SOURCES, "segments", "gold") == [
        Use("campaigns", "hello", "include[0]"),
        Use("segments", "both", "rule[0].segment"),
        Use("segments", "both", "rule[1].not.segment"),
    ]


def test_events_tables_and_lists_are_found_too() -> None:
    assert uses(SOURCES, "events", "sale") == [Use("campaigns", "hello", "trigger.event"), Use("events", "deep", "from")]
    assert uses(SOURCES, "lists", "vip") == [Use("campaigns", "hello", "rule.list")]
    assert uses(SOURCES, "tables", "goods") == [Use("templates", "shelf", "variables.rows.default.table")]
    assert uses(SOURCES, "segments", "both") == []


def test_a_rule_is_a_use_wherever_a_document_has_one() -> None:
    rules = {
        "campaigns/hello.yaml": "name: Hello\ntrigger: { event: view, where: [{ segment: gold }] }\n"
        "goal: { event: buy, where: { not: { segment: gold } } }\n"
        "pages: { include: [{ rule: { segment: gold } }] }\n"
        "actions: [{ variables: { n: { statistic: { event: sale, where: [{ any: [{ segment: gold }] }] } } } }]\n",
        "events/deep.yaml": "from: view\nwhere: [{ segment: gold }]\n",
    }
    assert sorted((use.id, use.path) for use in uses(rules, "segments", "gold")) == [
        ("deep", "where[0].segment"),
        ("hello", "actions[0].variables.n.statistic.where[0].any[0].segment"),
        ("hello", "goal.where.not.segment"),
        ("hello", "pages.include[0].rule.segment"),
        ("hello", "trigger.where[0].segment"),
    ]
    assert [use.path for use in uses(rules, "events", "sale")] == ["actions[0].variables.n.statistic.event"]


def test_whom_the_project_records_and_to_whom_a_campaign_delivers_the_recorder_are_uses() -> None:
    files = {
        "project.yaml": "id: shop\nname: gold\nrecording: { who: [{ segment: gold }], pages: { include: ['/gold'] } }\n",
        "campaigns/records.yaml": "name: R\ninclude: [gold]\nactions: [{ template: recorder }]\n",
    }
    assert uses(files, "segments", "gold") == [
        Use("campaigns", "records", "include[0]"),
        Use("project", "recording", "recording.who[0].segment"),
    ]


def test_a_field_of_the_triggering_event_is_no_event() -> None:
    variables = "{ a: { event: sale }, b: { table: goods, column: x, key: { event: sale } } }"
    campaign = f"name: Hello\ntrigger: {{ event: view }}\nactions: [{{ variables: {variables} }}]\n"
    assert uses({"campaigns/hello.yaml": campaign}, "events", "sale") == []
