//! What the checks of a boot expect of this router.

use crate::config::{Bgp, Bond, Check, Dataplane, Health, Management, Model, Neighbor, in_vrf};
use crate::plan::{Input, incus};
use crate::types::{IfName, InstanceName, NetnsName, Seconds};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the running generation lets the checks expect.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wanted {
    /// `[boot] health`: which checks, and how long they have together.
    pub health: Health,
    /// The namespace of the dataplane.
    pub namespace: NetnsName,
    /// `[management]`.
    pub management: Option<Management>,
    /// Whether there is a `[firewall]`.
    pub has_firewall: bool,
    /// The dataplane's NICs, those of bonds too, in the order of their names.
    pub nics: Vec<IfName>,
    /// How long the boot waits for them.
    pub nic_wait: Seconds,
    /// The members of each bond: it needs one of them.
    pub bonds: BTreeMap<IfName, Vec<IfName>>,
    /// The VPP instances, in the order of their names.
    pub instances: Vec<InstanceName>,
    /// `[bgp]`.
    pub bgp: Option<BgpWanted>,
    /// Whether there is OSPF for IPv4.
    pub has_ospf: bool,
    /// Whether there is OSPF for IPv6.
    pub has_ospf6: bool,
    /// Whether `[isis]` is written.
    pub has_isis: bool,
    /// `[incus]`.
    pub incus: incus::Wanted,
}

/// BGP's neighbours.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BgpWanted {
    /// By address, and VRF where they are in one, whether the configuration shuts them down.
    pub is_shut: BTreeMap<String, bool>,
    /// The longest time, in seconds, after which a neighbour that is cut off is missed: its hold time, less with BFD.
    pub longest_hold: u16,
}

impl Input for Wanted {
    const STEP: &'static str = "health";

    fn of(model: &Model) -> Self {
        Self {
            health: model.boot.health.clone(),
            namespace: model.dataplane.namespace.clone(),
            management: model.management.clone(),
            has_firewall: model.firewall.is_some(),
            nics: nics(model),
            nic_wait: model.dataplane.nic_wait,
            bonds: bonds(model),
            instances: model.instances.keys().cloned().collect(),
            bgp: BgpWanted::of(model),
            has_ospf: model.ospf.is_some(),
            has_ospf6: model.ospf6.is_some(),
            has_isis: model.isis.is_some(),
            incus: incus::Wanted::of(model),
        }
    }
}

impl Wanted {
    /// How long a neighbour of BGP may be cut off before it is missed.
    pub fn longest_hold(&self) -> Duration {
        let hold = self.bgp.as_ref().map_or(0, |bgp| bgp.longest_hold);
        Duration::from_secs(u64::from(hold))
    }

    /// How long a boot has to wait for NICs beyond what every configuration may take: VPP and FRR start behind them.
    pub fn long_nic_wait(&self) -> Duration {
        let usual = Dataplane::default().nic_wait;
        self.nic_wait.duration().saturating_sub(usual.duration())
    }

    /// Whether the operator requires a check, wants it, or (`None`) has it in neither list.
    pub(super) fn wish(&self, check: Check) -> Option<bool> {
        let health = &self.health;
        match (health.required.contains(&check), health.wanted.contains(&check)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

fn nics(model: &Model) -> Vec<IfName> {
    let mut nics: Vec<IfName> = model.nics().map(|(name, ..)| name.clone()).collect();
    nics.sort();
    nics
}

fn bonds(model: &Model) -> BTreeMap<IfName, Vec<IfName>> {
    let bonds = model.interfaces.iter();
    let bonds = bonds.filter_map(|(name, it)| Some((name, it.carrier.bond()?)));
    let members = |bond: &Bond| bond.members.iter().map(|member| member.name.clone()).collect();
    bonds.map(|(name, bond)| (name.clone(), members(bond))).collect()
}

impl BgpWanted {
    /// The neighbours of this configuration in all VRFs; `None` without BGP.
    pub fn of(model: &Model) -> Option<Self> {
        model.instances_of_bgp().next()?;
        let instances = model.routings().filter_map(|it| Some((it.vrf, it.bgp?)));
        let neighbors = instances.flat_map(|(vrf, bgp)| {
            let neighbors = bgp.neighbors.iter();
            neighbors.map(move |(name, neighbor)| (in_vrf(name, vrf), is_shut(bgp, neighbor)))
        });
        Some(Self {
            is_shut: neighbors.collect(),
            longest_hold: model
                .instances_of_bgp()
                .map(longest_hold)
                .max()
                .unwrap_or_default(),
        })
    }
}

/// FRR's hold time, in seconds.
const DEFAULT_HOLD: u16 = 180;

fn longest_hold(bgp: &Bgp) -> u16 {
    let all = bgp.timers.map_or(DEFAULT_HOLD, |(_, hold)| hold);
    let groups = bgp.peer_groups.values().map(|group| [Some(&group.policy), None]);
    let neighbors = bgp.neighbors.values();
    let neighbors = neighbors.map(|it| [Some(&it.policy), bgp.group_of(it).map(|group| &group.policy)]);
    let holds = neighbors.chain(groups).map(|policies| {
        let mut policies = policies.into_iter().flatten();
        match policies.clone().any(|policy| policy.bfd.is_some()) {
            true => 0,
            false => policies
                .find_map(|policy| policy.timers)
                .map_or(all, |(_, hold)| hold),
        }
    });
    holds.max().unwrap_or_default()
}

fn is_shut(bgp: &Bgp, neighbor: &Neighbor) -> bool {
    let group = bgp.group_of(neighbor);
    neighbor.policy.shutdown || group.is_some_and(|group| group.policy.shutdown)
}
