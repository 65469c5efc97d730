"""Cloud machine types."""

from __future__ import annotations

import pytest

from planner.catalog import accelerators, instances


@pytest.mark.parametrize(
    "name", ["", "g5", "m5.large", "p5.49xlarge", "standard_", "ml.", 'p5.48xlarge"', "n1-standard-*"]
)
def test_names_of_no_machine_with_accelerators_find_none(name: str) -> None:
    assert instances.find(name) is None


@pytest.mark.parametrize(
    ("name", "accelerator", "count"),
    [
        pytest.param("p5.48xlarge", "h100-sxm", 8, id="AWS"),
        pytest.param("P4D.24XLARGE", "a100-40gb-sxm", 8, id="upper case"),
        pytest.param("ml.g5.12xlarge", "a10g", 4, id="SageMaker's prefix"),
        pytest.param("a2-ultragpu-4g", "a100-80gb-sxm", 4, id="GCP"),
        pytest.param("Standard_ND96isr_H100_v5", "h100-sxm", 8, id="Azure"),
        pytest.param("nc48ads_a100_v4", "a100-80gb-pcie", 2, id="Azure without its prefix"),
        pytest.param("BM.GPU.H200.8", "h200-sxm", 8, id="Oracle"),
        pytest.param("v3-8", "tpu-v3", 8, id="a TPU v3 chip is two devices"),
    ],
)
def test_machine_types_have_so_many_of_that_device(name: str, accelerator: str, count: int) -> None:
    found = instances.find(name)
    assert found is not None
    assert (found.accelerator, found.count, found.fraction) == (accelerator, count, None)


def test_a_slice_of_a_device_says_which_part() -> None:
    found = instances.find("Standard_NV6ads_A10_v5")
    assert found is not None
    assert found.fraction == pytest.approx(1 / 6)


def test_every_machine_has_a_device_of_the_catalogue_and_a_source() -> None:
    known = {row.id for row in accelerators.all()}
    rows = list(instances.all())
    assert len({row.id.lower() for row in rows}) == len(rows) > 200
    assert {row.accelerator for row in rows} <= known
    assert all(row.source and row.count > 0 for row in rows)


def test_near_misses_are_offered() -> None:
    assert "p5.48xlarge" in instances.close("p5.49xlarge")
