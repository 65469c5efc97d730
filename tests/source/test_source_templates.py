"""Templates: files that are YAML only after something else has filled them in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.source.document import Source

Parse = Callable[..., Source]


@pytest.mark.parametrize(
    "text",
    [
        "{{- if .Values.x }}\na: 1\n{{- end }}\n",
        "a: {{ .Values.x | quote }}-y\nb: 1\n",
        "a: 1\n{% if x %}\nb: 2\n{% endif %}\n",
        "a:\n  {{- toYaml .Values.x | nindent 2 }}\n",
        "a: 1\n---\n{{ range .x }}\n- {{ . }}\n{{ end }}\n",
        'a: "{{ x }}" y\n',
    ],
)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_template_is_said_to_be_one_once(parse: Parse, text: str, suffix: str) -> None:
    source = parse(text, f"x.{suffix}")
    (problem,) = source.problems
    assert source.template
    assert (problem.rule, problem.fatal) == ("CFG001", True)
    assert "template" in problem.message
    assert "not valid" not in problem.message
    assert source.line(problem.span.line)[problem.span.column - 1 :].startswith(("{{", "{%"))


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\nb: 2\n",
        'chat_template: "{% for m in messages %}{{ m }}{% endfor %}"\nb: [\n',
        "# {{ x }}\na: [\n",
        "a: [\n# {% x %}\n",
    ],
)
def test_a_broken_file_is_no_template(parse: Parse, text: str) -> None:
    source = parse(text)
    assert not source.template
    assert source.problems[0].message.startswith("not valid YAML")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: {{ NAME }}\nb: 1\n", {"a": "{{ NAME }}", "b": 1}),
        ("a: {{NAME}}\n", {"a": "{{NAME}}"}),
        ("- {{ .Values.x }}\n", ["{{ .Values.x }}"]),
        ("{{ key }}: 1\n", {"{{ key }}": 1}),
        ("a: '{{ x }}'\nb: ${{ y }}\n", {"a": "{{ x }}", "b": "${{ y }}"}),
        ("a: |\n  {% if x %}\n  {{ y }}\n", {"a": "{% if x %}\n{{ y }}\n"}),
    ],
)
def test_a_placeholder_that_parses_is_a_text(parse: Parse, text: str, data: object) -> None:
    source = parse(text)
    assert [document.data for document in source.documents] == [data]
    assert (source.problems, source.template) == ((), False)


def test_documents_without_markers_are_read(parse: Parse) -> None:
    source = parse("a: 1\n---\nb: {{ if x }} 2 {{ end }}\n---\nc: 3\n")
    assert [(document.index, document.data) for document in source.documents] == [(0, {"a": 1}), (2, {"c": 3})]
    assert source.template
