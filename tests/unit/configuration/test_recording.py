"""``recording:`` and ``private:`` of ``project.yaml``, and what is wrong with them, field by field."""

import pytest

from omotenashi.model.campaigns import Recorder
from omotenashi.model.rules import EVERYONE, InSegment

from .folders import SMALL, compile_small, told

PROJECT = SMALL["project.yaml"]


def test_without_a_word_nobody_is_recorded_by_a_rule() -> None:
    assert compile_small().recorder is None


def test_an_empty_section_records_everybody_and_masks_all_that_is_entered() -> None:
    assert compile_small(project=f"{PROJECT}recording: {{}}\n").recorder == Recorder()


def test_everything_that_can_be_said_arrives() -> None:
    said = """recording:
  by: rule
  consent: record
  who: { segment: gold }
  pages: { exclude: ["/account*"] }
  share: 12.5%
  minimum_seconds: 10
  max_minutes: 30
  mask: { inputs: sensitive, text: [.name], block: ["#map"], unmask: [.search], query: [step] }
  canvas: true
  indicator: true
  keep_days: 7
  quota_megabytes: 500
"""
    recorder = compile_small(project=PROJECT + said).recorder
    assert recorder is not None
    assert recorder.pages != EVERYONE
    assert recorder == Recorder(
        consent="record",
        who=InSegment("gold"),  # type: ignore[arg-type]
        pages=recorder.pages,
        share=125,
        minimum_seconds=10,
        max_minutes=30,
        inputs="sensitive",
        text=(".name",),
        block=("#map",),
        unmask=(".search",),
        query=("step",),
        canvas=True,
        indicator=True,
        keep_days=7,
        quota_megabytes=500,
    )


def test_a_statistic_that_only_recording_needs_is_counted() -> None:
    said = "recording: { who: { event: buy, op: '>=', value: 3 } }\n"
    assert len(compile_small(project=PROJECT + said).statistics) == len(compile_small().statistics) + 1


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("{consent: records}", "recording.consent"),
        ("{who: {segment: golden}}", "recording.who"),
        ("{pages: {exclude: [account]}}", "recording.pages.exclude[0]"),
        ("{share: 12.55%}", "recording.share"),
        ("{max_minutes: 0}", "recording.max_minutes"),
        ("{mask: {text: ['.name{']}}", "recording.mask.text[0]"),
        ("{mask: {block: ['[open']}}", "recording.mask.block[0]"),
        ("{mask: {inputs: none}}", "recording.mask.inputs"),
        ("{keep: 7}", "recording"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(said: str, path: str) -> None:
    (problem,) = [line for line in told(project=f"{PROJECT}recording: {said}\n") if "recording" in line]
    assert f" {path}" in problem


def test_what_is_private_of_pages_arrives() -> None:
    project = compile_small(project=f"{PROJECT}private: {{query: [token, '*'], titles: true}}\n")
    assert (project.private_query, project.private_titles) == (("token", "*"), True)
