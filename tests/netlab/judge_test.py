"""What judge.py promises, without a link: python3 -m unittest, in this folder."""

import json
import pathlib
import unittest

import judge

TABLE = json.loads((pathlib.Path(__file__).parent / "rows.json").read_text())
GOOD = {"idle_share": 0.5, "healthy_share_of_pictures": 1.0, "healthy_forced_key_frames_per_minute": 0, "healthy_pesq": 3.8}
ROW = {"name": "down-10", "bars": [["pesq", ">=", -0.2, "C"], ["longest_gap_ms", "<=", 800]]}
MOVING = {"name": "rate-500", "bars": [["fps", ">=", 18]]}


def unmet(figures, clean=3.8, is_ci=False, row=ROW):
    return [verdict.bar for verdict in judge.judge(row, GOOD | figures, clean, TABLE, is_ci) if not verdict.is_met]


class Judging(unittest.TestCase):
    def test_a_bar_is_met_on_its_very_value(self):
        self.assertEqual(unmet({"pesq": 3.6, "longest_gap_ms": 800}), [])

    def test_a_bar_is_missed_beyond_it(self):
        self.assertEqual(unmet({"pesq": 3.59, "longest_gap_ms": 801}), ["pesq ≥ 3.6 (C − 0.2)", "longest_gap_ms ≤ 800"])

    def test_ci_allows_less_pesq_longer_times_and_one_key_frame_and_nothing_else(self):
        self.assertEqual(unmet({"pesq": 3.3, "longest_gap_ms": 1200}, is_ci=True), [])
        self.assertEqual(len(unmet({"pesq": 3.29, "longest_gap_ms": 1201}, is_ci=True)), 2)
        self.assertEqual(unmet({"fps": 12}, is_ci=True, row=MOVING), [])
        self.assertEqual(unmet({"fps": 11.9}, is_ci=True, row=MOVING), ["fps ≥ 12"])
        self.assertEqual(unmet({"fps": 17.9}, row=MOVING), ["fps ≥ 18"])
        beside = {"pesq": 3.8, "longest_gap_ms": 0, "healthy_forced_key_frames_per_minute": 3.1}
        self.assertEqual(unmet(beside, is_ci=True), ["healthy_forced_key_frames_per_minute ≤ 3"])

    def test_what_was_not_found_is_missed(self):
        self.assertEqual(len(unmet({"pesq": None})), 2)
        self.assertEqual(unmet({"pesq": 4, "longest_gap_ms": 0}, clean=None), ["pesq ≥ ? (C − 0.2)", "healthy_pesq ≥ ? (C − 0.2)"])

    def test_a_bar_that_cannot_be_met_is_shown_and_fails_nothing(self):
        row = ROW | {"floors": {"pesq": "two sounds in three are lost"}}
        pesq, gap, *_ = judge.judge(row, GOOD | {"pesq": 3.0, "longest_gap_ms": 900}, 3.8, TABLE, False)
        self.assertEqual((pesq.is_met, pesq.fails, pesq.floor), (False, False, "two sounds in three are lost"))
        self.assertTrue(gap.fails)

    def test_floors_are_of_figures_that_have_bars(self):
        for row in TABLE["rows"]:
            self.assertLessEqual(set(row.get("floors", {})), {bar[0] for bar in row["bars"]}, row["name"])

    def test_an_error_is_a_missed_bar(self):
        (verdict,) = judge.judge(ROW, {"error": "no link\nat …"}, 3.8, TABLE, False)
        self.assertEqual((verdict.is_met, verdict.found), (False, "no link"))

    def test_the_healthy_one_is_judged_in_every_row(self):
        self.assertEqual(len(judge.bars_of(ROW, TABLE)), 5)
        self.assertEqual(len(judge.bars_of(ROW | {"publishes": True}, TABLE)), 4)

    def test_a_turn_is_void_when_the_machine_was_busy_or_in_ci_the_healthy_one_starved(self):
        self.assertIsNone(judge.void(GOOD, True))
        self.assertIn("busy", judge.void(GOOD | {"idle_share": 0.01}, False))
        starved = GOOD | {"healthy_share_of_pictures": 0.94}
        self.assertIn("94 %", judge.void(starved, True))
        self.assertIsNone(judge.void(starved, False))

    def test_one_row_in_four_may_be_void(self):
        self.assertFalse(judge.too_many_void(1, 5))
        self.assertTrue(judge.too_many_void(2, 5))
        self.assertFalse(judge.too_many_void(2, 8))

    def test_the_median_of_three_turns_counts(self):
        turns = [{"pesq": 3.0, "codec": "a"}, {"pesq": 3.9, "codec": "b"}, {"pesq": 3.5, "codec": "c"}]
        self.assertEqual(judge.median(turns), {"pesq": 3.5, "codec": "c"})

    def test_c_is_that_of_the_same_direction_where_there_is_one(self):
        rows = {"clean": {"pesq": 3.8}, "up-clean": {"pesq": 3.7}}
        self.assertEqual(judge.clean_of({}, rows), 3.8)
        self.assertEqual(judge.clean_of({"publishes": True}, rows), 3.7)
        self.assertEqual(judge.clean_of({"publishes": True}, {"clean": {"pesq": 3.8}}), 3.8)
        healthy = {"a": {"healthy_pesq": 4.1}, "b": {"healthy_pesq": 3.9}, "c": {"healthy_pesq": 4.2}, "d": {}}
        self.assertEqual(judge.clean_of({}, healthy), 4.1)
        self.assertIsNone(judge.clean_of({}, {"d": {}}))

    def test_without_sound_c_is_the_healthy_ones_and_sound_is_not_judged(self):
        self.assertEqual(judge.clean_of({}, {"clean": {"pesq": None, "healthy_pesq": 3.9}}), 3.9)
        self.assertEqual([bar[0] for bar in judge.without_sound(ROW)["bars"]], ["longest_gap_ms"])

    def test_every_row_has_bars_that_can_be_read(self):
        for row in TABLE["rows"]:
            for name, relation, value, *relative in row["bars"]:
                self.assertIn(relation, judge.SIGNS)
                self.assertIsInstance(value, (int, float))
                self.assertIn(relative, ([], ["C"]))


if __name__ == "__main__":
    unittest.main()
