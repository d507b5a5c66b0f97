"""What functions do, and all that they may call, as sets of names: what is kept of calls that are not followed."""

from dataclasses import dataclass, field

from perijove.notebook.scopes import FunctionNode
from perijove.notebook.things import Thing, Things


@dataclass(slots=True)
class Summary:
    """What some functions, and all that they may call, change, return, bind and set, by names of the module.

    Parameters and what is local stand together for all that a call was given: ``changes_given``, ``returns_given``.
    What is ``consumed`` changes where it is lazy, likewise what was given (``consumes_given``).
    ``passed`` are the names that a call is given, which whatever changes its arguments may change. What is bound, or
    changed by its name (``holders``), may come to hold what is ``held``, or was given (``holds_given``), and the
    functions that are ``made``.
    """

    changed: set[str] = field(default_factory=set)
    consumed: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    holders: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    generators: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    made: set[FunctionNode] = field(default_factory=set)
    changes_given: bool = False
    consumes_given: bool = False
    holds_given: bool = False
    returns_given: bool = False

    def add(self, other: "Summary") -> None:
        """Sum up another one, too."""
        self.changed |= other.changed
        self.consumed |= other.consumed
        self.passed |= other.passed
        self.held |= other.held
        self.returned |= other.returned
        self.bound |= other.bound
        self.generators |= other.generators
        self.settings |= other.settings
        self.made |= other.made
        self.changes_given |= other.changes_given
        self.consumes_given |= other.consumes_given
        self.holds_given |= other.holds_given
        self.returns_given |= other.returns_given


@dataclass(slots=True)
class Closure:
    """A function and all that it may call, summed up; and what was looked up for that, which must not have changed.

    ``names`` are the names' objects, ``functions`` how many functions each object held, ``methods`` how many classes
    defined each method.
    """

    sums: Summary = field(default_factory=Summary)
    members: set[FunctionNode] = field(default_factory=set)
    names: dict[str, Things] = field(default_factory=dict)
    functions: dict[Thing, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Closure") -> None:
        """Take in what is known of another one."""
        self.sums.add(other.sums)
        self.members |= other.members
        self.names |= other.names
        self.functions |= other.functions
        self.methods |= other.methods


Closures = dict[FunctionNode, Closure]
