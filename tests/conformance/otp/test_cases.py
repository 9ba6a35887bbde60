"""The list of OTP's cases is complete: each has a test of its name here."""

from __future__ import annotations

import ast
from pathlib import Path

NAMES = """
sup_start_normal sup_start_ignore_init sup_start_ignore_child
sup_start_ignore_temporary_child sup_start_ignore_temporary_child_start_child
sup_start_ignore_temporary_child_start_child_simple
sup_start_ignore_permanent_child_start_child_simple sup_start_error_return sup_start_fail
sup_start_child_returns_error sup_start_restart_child_returns_error
sup_start_child_returns_error_simple sup_start_map sup_start_map_simple
sup_start_map_faulty_specs sup_stop_infinity sup_stop_timeout sup_stop_timeout_dynamic
sup_stop_brutal_kill sup_stop_brutal_kill_dynamic sup_stop_race
sup_stop_non_shutdown_exit_dynamic child_adm child_adm_simple extra_return child_specs
child_specs_map sup_flags multiple_restarts one_for_one one_for_one_escalation one_for_all
one_for_all_escalation one_for_all_other_child_fails_restart rest_for_one
rest_for_one_escalation rest_for_one_other_child_fails_restart simple_one_for_one
simple_one_for_one_shutdown simple_one_for_one_extra simple_one_for_one_escalation
simple_one_for_one_corruption simple_one_for_one_restart_ignore
external_start_no_progress_log permanent_normal transient_normal temporary_normal
permanent_shutdown transient_shutdown temporary_shutdown faulty_application_shutdown
permanent_abnormal transient_abnormal temporary_abnormal temporary_bystander child_unlink
tree nonsignificant_temporary nonsignificant_transient significant_temporary
significant_transient significant_simple significant_bystander significant_escalation
significant_upgrade_never_any significant_upgrade_any_never significant_upgrade_never_all
significant_upgrade_all_never significant_upgrade_any_all significant_upgrade_all_any
significant_upgrade_child count_children count_children_supervisor count_restarting_children
do_not_save_start_parameters_for_temporary_children
do_not_save_child_specs_for_temporary_children
simple_one_for_one_scale_many_temporary_children simple_global_supervisor
hanging_restart_loop hanging_restart_loop_rest_for_one hanging_restart_loop_simple
code_change code_change_map code_change_simple code_change_simple_map order_of_children
scale_start_stop_many_children format_log_1 format_log_2 already_started_outside_supervisor
which_children which_children_simple_one_for_one
"""
CASES = NAMES.split()
LEFT_OUT = {"get_callback_module"}  # there is no callback module
KEY = {
    "sup_stop_race",
    "one_for_all_other_child_fails_restart",
    "rest_for_one_other_child_fails_restart",
    "tree",
    "simple_global_supervisor",
    "hanging_restart_loop",
    "hanging_restart_loop_rest_for_one",
    "hanging_restart_loop_simple",
    "order_of_children",
}
HERE = Path(__file__).parent
REAL = "test_real_processes.py"


def _tests(file: Path) -> dict[str, set[str]]:
    """The tests of a file by OTP's name, with their marks."""
    return {
        each.name.removeprefix("test_"): {ast.unparse(mark) for mark in each.decorator_list}
        for each in ast.parse(file.read_text()).body
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
    }


def test_each_case_of_otp_is_here_once() -> None:
    files = [file for file in HERE.glob("test_*.py") if file.name != REAL]
    found = [name for file in files for name in _tests(file)]
    assert len(CASES) == len(set(CASES)) == 92
    assert [name for name in CASES if found.count(name) != 1] == []
    assert not LEFT_OUT & set(found)


def test_the_key_cases_are_marked_and_tried_on_real_processes_too() -> None:
    files = [file for file in HERE.glob("test_*.py") if file.name != REAL]
    tests = {name: marks for file in files for name, marks in _tests(file).items()}
    assert {name for name, marks in tests.items() if "pytest.mark.key" in marks} == KEY
    assert set(_tests(HERE / REAL)) >= KEY
