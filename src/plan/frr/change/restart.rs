//! What the restart of one daemon costs.

use super::bgp::families;
use super::cost::{ADJACENCY, Resets, Said, impacts, neighbors};
use super::side::Side;
use crate::plan::Impact;

/// All that a daemon holds falls when it is restarted: the sessions that bgpd has, the adjacencies of another.
pub(super) fn restart(side: &Side<'_>, daemon: &str, why: &str) -> Vec<Impact> {
    let why = format!("{daemon} restarts: {why}");
    if daemon != "bgpd" {
        return vec![Impact::Interrupts {
            interface: None,
            milliseconds: ADJACENCY,
            why,
        }];
    }
    let is_instance = |block: &&str| block.starts_with("router bgp ") && !block.contains(" / ");
    let instances = side.blocks().filter(is_instance);
    let all = instances.flat_map(|block| neighbors(side, &families(side, side, block), block));
    let is_up = |said: &Said<'_>| !said.values().any(|it| it.starts_with("shutdown"));
    let up = all.filter(|(_, said)| is_up(said)).map(|(name, _)| name);
    impacts(Resets::from([(why, up.collect())]))
}
