import ast
import re
from collections.abc import Iterator
from pathlib import Path

import trustedtruck.identifiers
from trustedtruck.identifiers.checked import Checked, Finding, _
from trustedtruck.identifiers.kinds import KINDS

PACKAGE = Path(trustedtruck.identifiers.__path__[0])


def test_a_finding_reads_as_a_sentence_with_its_values() -> None:
    finding = Finding("x_length", "It has 4 letters, not %(count)s.", {"count": 5})
    assert str(finding) == "It has 4 letters, not 5."


def test_a_finding_without_values_reads_as_its_text() -> None:
    assert str(Finding("x", "It is wrong.")) == "It is wrong."


def test_findings_can_be_gathered_in_a_set() -> None:
    assert len({Finding("x", "Wrong.", {"a": 1}), Finding("x", "Wrong.", {"a": 1})}) == 1


def test_marking_a_text_does_not_change_it() -> None:
    assert _("Some text.") == "Some text."


def test_errors_make_it_not_ok() -> None:
    assert not Checked("x", errors=(Finding("x", "Wrong."),)).ok


def test_warnings_leave_it_ok() -> None:
    assert Checked("x", warnings=(Finding("x", "Odd."),)).ok


def _findings() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                yield path.stem, node


def test_every_code_begins_with_its_module_and_is_given_once() -> None:
    seen: set[str] = set()
    for module, call in _findings():
        code = ast.literal_eval(call.args[0])
        assert re.fullmatch(rf"{module}_[a-z_]+", code)
        assert code not in seen
        seen.add(code)
    assert len(seen) > 40


def test_every_text_can_be_extracted_for_translation() -> None:
    """It stands whole inside `_()`, as a sentence, and names just the values that it is given."""
    for _module, call in _findings():
        marked = call.args[1]
        assert isinstance(marked, ast.Call)
        assert isinstance(marked.func, ast.Name)
        assert marked.func.id == "_"
        text = ast.literal_eval(marked.args[0])
        assert text.endswith(".")
        given = call.args[2].keys if isinstance(call.args[-1], ast.Dict) else []  # type: ignore[attr-defined]
        names = {ast.literal_eval(key) for key in given if key is not None}
        assert set(re.findall(r"%\((\w+)\)s", text)) == names
        assert text.count("%") == len(re.findall(r"%\((\w+)\)s", text))


def test_every_family_has_a_test_file() -> None:
    here = Path(__file__).parent
    assert {f"test_{kind}.py" for kind in KINDS} <= {path.name for path in here.glob("test_*.py")}


def test_every_code_is_named_in_a_test_of_its_family() -> None:
    here = Path(__file__).parent
    for module, call in _findings():
        code = ast.literal_eval(call.args[0])
        assert f'"{code}"' in (here / f"test_{module}.py").read_text(encoding="utf-8"), code
