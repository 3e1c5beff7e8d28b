"""submission_metadata.yml is read, and a damaged one is told in a line."""

from datetime import datetime, timezone

import pytest

from autograder.roster.gradescope import (
    GradescopeSubmission,
    MetadataError,
    Submitter,
    read_gradescope_metadata,
)

UTC = timezone.utc
METADATA = """---
submission_1001:
  :submitters:
  - :name: Jane Doe
    :sid: '0100'
    :email: jane@x.edu
  :created_at: 2023-09-21 19:00:00.318042000 Z
  :score: 8.5
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - name: "q1"
      output: "yes: ':submitters:'"
  :history:
  - :id: 990
    :created_at: 2023-09-20 12:00:00.000000000 -07:00
    :score: 3.0
submission_1002:
  :submitters:
  - :name: "O'Neil, Tim"
    :sid: 0123
    :email: tim@x.edu
  - :name: Bo
    :sid:
    :email: bo@x.edu
  :created_at: 2023-09-22 01:00:00 Z
  :history: []
submission_1003:
  :submitters: []
"""


def test_submitters_and_times_are_read():
    assert read_gradescope_metadata(METADATA) == {
        "submission_1001": GradescopeSubmission(
            (Submitter("Jane Doe", "0100", "jane@x.edu"),),
            datetime(2023, 9, 21, 19, tzinfo=UTC),
            (datetime(2023, 9, 20, 19, tzinfo=UTC),),
        ),
        "submission_1002": GradescopeSubmission(
            (Submitter("O'Neil, Tim", "0123", "tim@x.edu"), Submitter("Bo", "", "bo@x.edu")),
            datetime(2023, 9, 22, 1, tzinfo=UTC),
            (),
        ),
        "submission_1003": GradescopeSubmission((), None, ()),
    }


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "points: 3\n", "[" * 100_000, "a\0b", "<html>"])
def test_another_file_is_told_in_a_line(text):
    with pytest.raises(MetadataError, match="does not name the folders of submissions"):
        read_gradescope_metadata(text)


def test_output_of_student_code_changes_nothing():
    """Neither text that looks like other entries, nor levels so deep that a YAML reader crashes."""
    output = """  :results:
    output: |
      submission_1001:
        :submitters:
        - :name: Eve
    tests:
    - :name: Eve
      :created_at: 2020-01-01 00:00:00 Z
    deep: """
    text = METADATA.replace("  :history: []\n", f"{output}{'[' * 100_000}\n  :history: []\n")
    stated = ":created_at: 2020-01-01 00:00:00 Z\n"
    nested = "".join(f"{indent}{stated}" for indent in ("      - ", "      ", "        "))
    text = text.replace("    :score: 3.0\n", f"    :results:\n{nested}")
    assert "3.0" not in text
    assert "[[" in text
    assert read_gradescope_metadata(text) == read_gradescope_metadata(METADATA)


def test_both_ways_to_indent_a_list_are_read():
    text = METADATA.replace("\n  - :", "\n    - :").replace("\n    :", "\n      :")
    assert text != METADATA
    assert read_gradescope_metadata(text) == read_gradescope_metadata(METADATA)


def test_no_tag_makes_an_object():
    text = "submission_1:\n  :submitters:\n  - :name: !!python/object/apply:os.getcwd []\n"
    (one,) = read_gradescope_metadata(text).values()
    assert one.submitters == (Submitter("", "", ""),)
