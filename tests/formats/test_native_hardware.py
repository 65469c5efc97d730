"""The hardware of a section: stated, or that of the surroundings."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.units import GIB
from planner.workload import Hardware, Origin, Workload

L4 = Hardware("L4", 2, 22 * GIB, 24 * GIB)


def read(text: str, file: str = "config.yaml", hardware: Hardware | None = None) -> Workload:
    found = source.read(file, text.encode())
    assert found is not None
    context = Context(source.read, hardware, Origin("option", note="--hardware") if hardware else None)
    [workload] = native.read(found.documents[0], context)
    return workload


def stated(text: str) -> Hardware | None:
    workload = read(f"model: {{parameters: 7B}}\ndeployment: {text}\n")
    assert workload.problems == ()
    assert workload.serving is not None
    return workload.serving.hardware


def told(workload: Workload) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(problem.rule, problem.path) for problem in workload.problems]


class TestHardware:
    def test_an_accelerator_by_name(self) -> None:
        found = stated("{hardware: {accelerator: H100-80GB, count: 8}}")
        assert found is not None
        assert found.count == 8
        assert found.memory is not None
        assert 78 * GIB < found.memory < 80 * GIB
        assert found.dtypes is not None
        assert "fp8" in found.dtypes

    def test_a_memory_size_is_read_both_ways(self) -> None:
        assert stated("{hardware: {memory: 24GB}}") == Hardware(None, None, 24 * 10**9, 24 * GIB)

    def test_a_name_that_nobody_knows(self) -> None:
        workload = read("model: {parameters: 7B}\ndeployment: {hardware: {accelerator: H1000, count: 8}}\n")
        [problem] = workload.problems
        assert (problem.rule, problem.path) == ("REF002", ("deployment", "hardware", "accelerator"))
        assert "did you mean" in problem.help
        assert "memory: 80GB" in problem.help
        assert workload.serving is not None
        assert workload.serving.hardware == Hardware("H1000", 8)

    @pytest.mark.parametrize("order", [1, -1])
    def test_one_file_says_nothing_of_another(self, order: int) -> None:
        """true, 1 and 1.0 are equal to Python, and the same name stands on other lines and with other numbers."""
        counts = {"1": 1, "1.0": 1, "true": None, "8": 8, '"8"': 8}
        found = {
            count: read(f"{'# a' * at}\ndeployment: {{hardware: {{accelerator: H1000, count: {count}}}}}\n")
            for at, count in list(enumerate(counts))[::order]
        }
        for count, number in counts.items():
            serving = found[count].serving
            assert serving is not None
            assert serving.hardware == Hardware("H1000", number)
            assert ("CFG007" in {rule for rule, _ in told(found[count])}) == (number is None)

    def test_an_instance_that_nobody_knows(self) -> None:
        workload = read("model: {parameters: 7B}\ndeployment: {hardware: {instance: p99.giant}}\n")
        assert told(workload) == [("REF002", ("deployment", "hardware", "instance"))]

    def test_two_counts_that_differ(self) -> None:
        workload = read("model: {parameters: 7B}\ndeployment: {hardware: {accelerator: 'L4:4', count: 8}}\n")
        assert told(workload) == [("CFG007", ("deployment", "hardware", "count"))]

    @pytest.mark.parametrize("stated", ["{}", "{hardware: null}", "{context: 4096}"])
    def test_that_of_the_surroundings_is_taken_where_none_is_stated(self, stated: str) -> None:
        workload = read(f"model: {{parameters: 7B}}\ndeployment: {stated}\n", hardware=L4)
        assert workload.serving is not None
        assert workload.serving.hardware == L4
        assert workload.origins["deployment.hardware"] == Origin("option", note="--hardware")

    def test_a_stated_count_is_kept_with_it(self) -> None:
        workload = read(
            "model: {parameters: 7B}\ndeployment: {hardware: {count: 4}}\n",
            hardware=L4,
        )
        assert workload.serving is not None
        assert workload.serving.hardware == Hardware("L4", 4, 22 * GIB, 24 * GIB)

    def test_what_is_stated_wins(self) -> None:
        workload = read("model: {parameters: 7B}\ndeployment: {hardware: {memory: 80GiB}}\n", hardware=L4)
        assert workload.serving is not None
        assert workload.serving.hardware == Hardware(None, None, 80 * GIB, 80 * GIB)
