"""A little of each kind of chaos; ``python -m tests.chaos`` has more of it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from . import disk, lines, orphans, schedules, slots, stage, writes, zombies

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="subreapers are Linux's"), pytest.mark.timeout(170)]


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with stage.server():
        yield


def test_whatever_is_killed_whenever_the_end_is_told_once_and_in_time() -> None:
    few = [(("run",), "beginning"), (("shepherd",), "launching"), (("worker",), "ending"), (("run", "worker"), "ended")]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda one: zombies.trial(*one), few))


def test_a_killed_server_changes_no_runs_fate() -> None:
    zombies.trial(("run", "server"), "working")


@pytest.mark.full
def test_a_run_of_which_nothing_is_left_that_could_tell_has_crashed_in_time() -> None:
    zombies.trial(("run", "shepherd", "worker"), "working")


def test_nothing_is_left_of_a_cancelled_run_and_its_hook_was_called_once() -> None:
    orphans.cancelled()


def test_nothing_is_left_of_a_killed_workers_run() -> None:
    orphans.worker_killed()


def test_every_line_of_killed_runs_is_there_once_and_in_order() -> None:
    lines.killed(5_000)
    lines.server_away(1)


@pytest.mark.full
def test_a_flood_is_cut_and_counted_and_takes_no_memory() -> None:
    _, memory = lines.flood(40)
    assert memory < 200


def test_killed_runs_give_their_slots_back() -> None:
    slots.killed(4)


@pytest.mark.full
def test_a_run_that_holds_its_interpreters_lock_for_longer_than_a_lease_is_none_that_is_lost() -> None:
    zombies.deaf(60)


def test_an_acknowledged_run_is_kept_and_made_once_though_the_server_is_killed() -> None:
    writes.killed(1)


def test_a_full_disk_is_told_and_costs_nothing_but_the_time_that_it_lasts() -> None:
    disk.filled(3)


def test_a_crowd_of_clients_meets_no_locked_database_and_a_second_server_is_refused() -> None:
    writes.crowd(3, clients=8)


def test_whatever_is_done_to_a_schedule_each_instant_has_one_run() -> None:
    schedules.redeployed(12)


def test_a_clock_that_jumps_doubles_and_loses_no_run() -> None:
    schedules.clock_jumped(20)
