"""Who gets through when everybody leaves at once: a queue at the end of every piece of street.

Model (Lämmel, Grether and Nagel 2010, as in MATSim; agents, first in first out):

- a piece takes its free walking time at least;
- its end lets out ``specific flow × width`` people a second, one by one;
- it holds ``length × width × jam density`` people; who finds the next piece full waits in the
  piece before it, so queues grow backwards (spillback). Where several pieces lead into a full one,
  who waited longest goes first.

Everybody follows the best way of the empty network and nobody turns round. Between queues people
walk at free speed however dense the crowd, and open ground has no limit, so real evacuations are
slower: the result is a lower bound of congestion. Events are exact in time; there is no time step.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures_rules import measure_rules
from ilo_geo.hazards.evacuation.measures_rules import street_width_m
from ilo_geo.hazards.evacuation.queues import OUT
from ilo_geo.hazards.evacuation.queues import run
from ilo_geo.hazards.evacuation.retime import S_PER_MIN
from ilo_geo.hazards.evacuation.retime import EvacTree

STEPS = "steps"


@dataclass(frozen=True)
class QueueLimits:
    """What each arc lets out and holds; infinite where there is no limit.

    Attributes
    ----------
    flow_per_s
        People a second the end of the arc lets out.
    storage_inhab
        People the arc holds.
    """

    flow_per_s: Floats
    storage_inhab: Floats


@dataclass(frozen=True)
class Congestion:
    """One simulated evacuation; every agent is one person.

    Attributes
    ----------
    agent_person
        Position in `People` of each agent.
    left_s, arrived_s
        When each agent left the door's node and reached safe ground; infinite if not yet.
    curve
        One row a sample: ``minute, waiting_inhab, in_transit_inhab, arrived_inhab``, counted in
        the queues themselves and adding up to everybody at each row.
    queue_max_inhab, waited_s, passed_inhab
        Of the piece each node's next arc is: longest queue, seconds all people together waited
        and people let out.
    no_way_inhab
        People whose node has no way to safety; they wait in every row of the curve.
    """

    agent_person: Ints
    left_s: Floats
    arrived_s: Floats
    curve: pd.DataFrame
    queue_max_inhab: Ints
    waited_s: Floats
    passed_inhab: Ints
    no_way_inhab: int

    def late_inhab(self, arrival_s: float) -> int:
        """Return the people not on safe ground at ``arrival_s``, those without a way included."""
        return int((self.arrived_s > arrival_s).sum()) + self.no_way_inhab


def street_limits(graph: EvacGraph, streets: gpd.GeoDataFrame) -> QueueLimits:
    """Return the limits of each arc from the width of its street; open ground has none.

    A piece holds at least what its end lets out during its free time, so that a short piece does
    not throttle more than its width does.
    """
    rules = measure_rules().walking_queue
    width = street_width_m(streets)
    steps = streets["street_class"].to_numpy() == STEPS
    specific = np.where(
        steps, rules.steps_specific_flow_per_s_m.value, rules.specific_flow_per_s_m.value
    )
    link = np.asarray(graph.arc_link)
    on_street = link >= 0
    flow = np.full(len(link), np.inf)
    flow[on_street] = (specific * width)[link[on_street]]
    storage = np.full(len(link), np.inf)
    area_m2 = graph.arc_length_m[on_street] * width[link[on_street]]
    moving = np.ceil(flow[on_street] * graph.arc_s[on_street])
    storage[on_street] = np.maximum(np.floor(area_m2 * rules.jam_density_per_m2.value), moving)
    return QueueLimits(flow, np.maximum(storage, 1.0))


def whole_people(inhab: Floats) -> Ints:
    """Return whole numbers that follow ``inhab`` so closely that every running sum is within ½."""
    total = np.floor(np.cumsum(inhab) + 0.5).astype(np.int64)
    return np.diff(total, prepend=0)


def simulate(
    tree: EvacTree,
    people: People,
    limits: QueueLimits,
    *,
    horizon_s: float,
    sample_s: float = S_PER_MIN,
    spread_s: float = 0.0,
    seed: int = 0,
) -> Congestion:
    """Return what happens until ``horizon_s`` when everybody takes their best way at once.

    Parameters
    ----------
    tree
        The network and the way each node takes.
    people
        Groups; each becomes `whole_people` agents that set out after its delay.
    limits
        Outflow and storage of each arc.
    horizon_s, sample_s
        End of the simulation and distance of the rows of the curve.
    spread_s, seed
        People of a group set out evenly at random within this time after its delay.
    """
    node, agent_person, start_s, no_way = _agents(tree, people, spread_s, seed)
    n_nodes = len(tree.time_s)
    next_arc = tree.next_arc
    walks = next_arc >= 0
    own = np.where(walks, next_arc, 0)
    # piece i is the next arc of node i; piece n + i is the door of the people at node i
    onto = np.full(2 * n_nodes, OUT, dtype=np.int64)
    head = np.asarray(tree.graph.arc_to, np.int64)[own]
    onto[:n_nodes] = np.where(walks & walks[head], head, OUT)
    onto[n_nodes:] = np.where(walks, np.arange(n_nodes), OUT)
    free_s = np.zeros(2 * n_nodes)
    free_s[:n_nodes] = np.where(walks, np.asarray(tree.graph.arc_s, float)[own], 0.0)
    headway_s = np.zeros(2 * n_nodes)
    headway_s[:n_nodes] = np.where(walks, 1.0 / limits.flow_per_s[own], 0.0)
    storage = np.full(2 * n_nodes, np.inf)
    storage[:n_nodes] = np.where(walks, limits.storage_inhab[own], np.inf)
    samples_s = np.arange(0.0, horizon_s + sample_s / 2, sample_s)
    left_s, arrived_s, counts, queue_max, waited_s, passed = run(
        onto, free_s, headway_s, storage, n_nodes + node, start_s, samples_s
    )
    counts[:, 0] += no_way
    curve = pd.DataFrame(counts, columns=["waiting_inhab", "in_transit_inhab", "arrived_inhab"])
    curve.insert(0, "minute", samples_s / S_PER_MIN)
    return Congestion(
        agent_person=agent_person,
        left_s=left_s,
        arrived_s=arrived_s,
        curve=curve,
        queue_max_inhab=queue_max[:n_nodes],
        waited_s=waited_s[:n_nodes],
        passed_inhab=passed[:n_nodes],
        no_way_inhab=no_way,
    )


def _agents(
    tree: EvacTree, people: People, spread_s: float, seed: int
) -> tuple[Ints, Ints, Floats, int]:
    """Return node, group and start of each agent, by node and start, and who has no way."""
    count = whole_people(np.asarray(people.inhab, float))
    person = np.repeat(np.arange(len(count)), count)
    node = np.asarray(people.node, np.int64)[person]
    spread = np.random.default_rng(seed).random(len(person)) * spread_s
    start_s = np.asarray(people.delay_s, float)[person] + spread
    has_way = (node >= 0) & np.isfinite(tree.time_s[node]) & np.isfinite(start_s)
    node, person, start_s = node[has_way], person[has_way], start_s[has_way]
    order = np.lexsort((person, start_s, node))
    return node[order], person[order], start_s[order], int((~has_way).sum())
