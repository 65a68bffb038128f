"""Numbers and words as text."""

from tuinn.text import fit_parts


def test_parts_that_have_no_room_are_left_out_whole() -> None:
    text = "test loss 0.6  accuracy 0.8  f1_score 0.9"
    assert fit_parts(text, len(text)) == text
    assert fit_parts(text, len(text) - 1) == "test loss 0.6  accuracy 0.8  …"
    assert fit_parts(text, 29) == "test loss 0.6  …"
    assert fit_parts(text, 5) == "test loss 0.6  …"
