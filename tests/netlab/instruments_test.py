"""The instruments of the lab without a link: what is known beforehand must come out."""

import unittest

import numpy as np

import materials
import pictures
import sound

FRAME = 50.0


def side(times, heights=None, **more):
    """What a page would have written down."""
    heights = heights or [720] * len(times)
    return {"began": 0, "ended": 30_000, "pictures": list(zip(times, heights)), "counters": [], **more}


class Pictures(unittest.TestCase):
    def setUp(self):
        self.even = np.arange(FRAME, 30_000, FRAME)

    def test_an_even_stream_has_no_gaps(self):
        figures = pictures.steady(self.even, 0, 30_000)
        self.assertEqual(figures, {"fps": 20.0, "gaps_per_minute": 0.0, "longest_gap_ms": 50})
        self.assertEqual(pictures.moving_after(self.even, 0, 30_000), 0)

    def test_a_hole_is_a_gap_and_a_stillness(self):
        holed = self.even[(self.even <= 1000) | (self.even >= 4000)]
        figures = pictures.steady(holed, 0, 30_000)
        self.assertEqual((figures["gaps_per_minute"], figures["longest_gap_ms"]), (2.0, 3000))
        self.assertEqual(pictures.moving_after(holed, 0, 30_000), 4000)

    def test_what_never_comes_is_one_long_gap(self):
        none = np.array([])
        self.assertEqual(pictures.steady(none, 10_000, 30_000)["longest_gap_ms"], 20_000)
        self.assertEqual(pictures.moving_after(none, 0, 30_000), 30_000)

    def test_a_dip_is_over_when_pictures_are_as_large_as_before(self):
        heights = [360 if 11_000 <= at < 24_000 else 720 for at in self.even]
        sounds = [{"at": at, "inbound-rtp/audio": {"concealedSamples": at * 4.8}} for at in (0, 10_000, 30_000)]
        found = pictures.dip(side(self.even, heights, counters=sounds), 10_000, 20_000)
        self.assertEqual(found["dip_full_size_after_ms"], 4000)
        self.assertEqual(found["dip_lost_speech_ms"], 2000)
        self.assertEqual(found["dip_moving_after_ms"], 0)

    def test_a_cell_moves_where_its_quarter_does(self):
        looks = [[9, 9, 9, 9 if number % 2 else 0] for number in range(len(self.even))]
        found = pictures.cell(side(self.even, looks=looks), 0, 30_000)
        self.assertEqual((round(found["cell_fps"]), found["cell_longest_gap_ms"]), (10, 100))


class Sound(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spoken = sound.sentences(materials.make()["speech"])
        cls.whole = np.concatenate(cls.spoken)

    def test_what_was_spoken_has_full_marks(self):
        found = sound.marks(self.spoken, self.whole[50_000:])
        self.assertEqual(found["sentences"], 2)
        self.assertGreater(found["pesq"], 4.5)
        self.assertGreater(found["stoi"], 0.99)

    def test_silence_has_the_worst(self):
        broken = self.whole.copy()
        broken[len(self.spoken[0]) :] = 0
        found = sound.marks(self.spoken[:2], broken[: 2 * len(self.spoken[0]) + 8000])
        self.assertLess(found["pesq"], 3)

    def test_holes_cost_marks(self):
        holed = self.whole.copy()
        rng = np.random.default_rng(7)
        for begin in range(0, len(holed), 320):
            if rng.random() < 0.1:
                holed[begin : begin + 320] = 0
        found = sound.marks(self.spoken, holed[50_000:])
        self.assertLess(found["pesq"], 2.5)

    def test_lag_is_found_to_five_milliseconds(self):
        late = np.concatenate([np.zeros(16 * 230), self.whole])
        found = sound.lag(self.whole, late, (1000, 1000))
        self.assertLessEqual(abs(found - 230), 5)
        self.assertLessEqual(abs(sound.lag(self.whole, late, (1000, 1100)) - 330), 5)


if __name__ == "__main__":
    unittest.main()
