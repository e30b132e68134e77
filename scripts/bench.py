"""Measures ilo-geo beside its peers on one machine, in one run, and prints a table.

Times are the best of several runs with warm kernels, unless the line says otherwise. The real city
needs ``../shared/real_city``; the planner's lines need a Chromium.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench_congestion import congestion
from bench_council import council_under_load
from bench_evacuation import evacuation_field
from bench_figures import Figure
from bench_figures import show
from bench_flood import flood_levels
from bench_green import baseline_city
from bench_green import real_city
from bench_hazards import hazards_of_the_city
from bench_import import import_of_a_cadastre
from bench_network import walking_distances
from bench_network import walking_network_of
from bench_ogc import pages_and_tiles
from bench_osm import city_out_of_a_country
from bench_planner import planner_in_the_browser
from bench_sheet import technical_sheets
from bench_siting import choice_of_sites
from bench_visibility import beside_viewshed
from bench_visibility import city_in_plan

PORTO_ALEGRE = Path(__file__).parents[2] / "shared" / "real_city" / "porto_alegre"


def main() -> None:
    """Run every benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="interpreter that has the peers which are no dependencies (pandana, scikit-image)",
    )
    peer_python = parser.parse_args().peer_python
    figures: list[Figure] = []
    if PORTO_ALEGRE.is_dir():
        network = walking_network_of(PORTO_ALEGRE / "poa_osm.pbf")
        figures += [*walking_distances(network, peer_python), *real_city(PORTO_ALEGRE)]
        figures += [*congestion(network), *city_out_of_a_country(PORTO_ALEGRE / "poa_osm.pbf")]
    else:
        print(f"{PORTO_ALEGRE} is absent: nothing measured on a real city")
    figures += [*choice_of_sites(peer_python), *city_in_plan(), *beside_viewshed(peer_python)]
    figures += import_of_a_cadastre()
    figures += [*flood_levels(), *evacuation_field(peer_python)]
    figures += [*baseline_city(), *hazards_of_the_city(), *planner_in_the_browser()]
    figures += [*technical_sheets(), *pages_and_tiles(), *council_under_load()]
    show(figures)


if __name__ == "__main__":
    main()
