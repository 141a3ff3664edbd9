"""The machines that hunt for faults: which test of which binary each is, and how much of the time it gets."""

from dataclasses import dataclass, field

# What 60 minutes must come to, by kind.
TARGETS = {
    "differential executions": 300_000,
    "path operations": 1_000_000,
    "API sequences": 200_000,
    "mutated artifacts": 1_000_000,
}

EXECUTIONS, PATHS, SEQUENCES, ARTIFACTS = TARGETS


@dataclass(frozen=True)
class Machine:
    name: str  # as its campaign reports it
    binary: str  # a file in tests/
    test: str  # the whole name of the test
    kind: str = ""  # which target its executions count for, if any
    weight: float = 1.0  # its share of the time
    env: dict = field(default_factory=dict, hash=False)
    from_one: bool = False  # whether the first round begins with the first case, whatever the seed


MACHINES = [
    Machine("biased", "fuzz", "biased_modules_run_the_same_everywhere", EXECUTIONS, 3),
    Machine("smith", "fuzz", "smith_modules_run_the_same_everywhere", EXECUTIONS, 2),
    Machine("smith-gc", "fuzz", "smith_modules_with_objects_run_the_same_in_every_setup", EXECUTIONS, 2),
    Machine("objects", "fuzz", "objects_survive_collections_at_every_allocation", EXECUTIONS, 2),
    Machine("operators", "fuzz", "operators_do_what_the_model_does", "", 2),
    Machine("reuse", "fuzz", "reused_places_show_nothing_of_earlier_tenants", "", 2),
    Machine("threads", "fuzz", "threads_come_to_the_same_in_every_order", "", 1),
    Machine("artifacts", "fuzz", "artifacts_that_were_changed_are_refused", ARTIFACTS, 1),
    Machine("binary", "fuzz", "binaries_that_were_changed_are_refused_or_valid_to_the_reference", "", 1),
    Machine("text", "fuzz", "texts_that_were_changed_are_refused_or_valid_to_the_reference", "", 1),
    Machine("paths", "paths", "paths_and_descriptors_agree_with_the_model", PATHS, 2),
    Machine("paths-old-kernel", "paths", "paths_and_descriptors_agree_with_the_model", PATHS, 1, {"TENON_FUZZ_OLD_KERNEL": "1"}),
    Machine("paths-race", "paths", "two_guests_on_one_tree_stay_inside", PATHS, 0.5),
    Machine("paths-link", "paths", "a_link_that_appears_under_way_leads_nowhere", PATHS, 0.5),
    Machine("api", "api", "orders_of_calls", SEQUENCES, 3),
    Machine("faults", "faults", "every_call_of_the_system_may_fail", "", 2, from_one=True),
]


def by_name(name):
    found = [machine for machine in MACHINES if machine.name == name]
    if not found:
        raise KeyError(f"no machine {name}: there are {', '.join(m.name for m in MACHINES)}")
    return found[0]
