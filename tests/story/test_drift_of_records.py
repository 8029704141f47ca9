"""Records of task addresses when the service behind them goes: a stack of its own, apart from those of test_drift."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.telling import example, story


def test_a_record_whose_service_was_deleted_stays_until_there_are_new_addresses(tmp_path: Path) -> None:
    with story(tmp_path, example("static-dns")) as told:
        told.up()
        told.client("ecs").delete_service(cluster="demo", service="web", force=True)
        told.stage.clock.sleep(300)
        assert [(c["action"], c["key"]) for c in told.plan()["changes"]] == [("create", "service/web")]
        told.up("--prune")
        assert told.checked() == 0
