//! What is known of a router, as one value.

use super::finding::{Finding, Weight};
use crate::boot::record::Verdict;
use crate::boot::trial::classify::Class;
use crate::facts::incus::Bridge;
use crate::facts::status::Status;
use crate::facts::vitals::Vitals;
use crate::health::frr::{BgpPeers, IsisNeighbor, OspfNeighbor, RouteCount};
use crate::host::bus::UnitState;
use crate::plan::nic::Port;
use crate::step::apply::progress::Outcome;
use crate::types::{ImageName, InstanceName};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is known; `None` is what was not asked, or did not answer.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// What is not as it should be, the worst first.
    pub findings: Vec<Finding>,
    /// What `imp-config` found; `None` when it has not ended yet.
    pub verdict: Option<Status>,
    /// The generation that runs.
    pub generation: Option<Running>,
    /// The change that waits for its confirmation.
    pub confirm: Option<Waiting>,
    /// The last apply of this boot.
    pub apply: Option<Applied>,
    /// The image that runs.
    pub image: Option<Image>,
    /// Whether this boot is a good one; `None` while that is not decided.
    pub boot: Option<Verdict>,
    /// What the machine lacks, or holds that nobody understands; each line begins with its code.
    pub notices: Vec<String>,
    /// What a reload decided and did not carry out.
    pub pending: Vec<String>,
    /// The units of the router.
    pub units: Option<Vec<UnitState>>,
    /// The network devices.
    pub nics: Option<Vec<Port>>,
    /// The VPP instances that have files to run.
    pub vpp: Vec<Instance>,
    /// BGP's neighbours by address.
    pub bgp: Option<BgpPeers>,
    /// OSPF's neighbours.
    pub ospf: Option<Vec<OspfNeighbor>>,
    /// IS-IS's neighbours.
    pub isis: Option<Vec<IsisNeighbor>>,
    /// How many routes zebra has.
    pub routes: Option<Vec<RouteCount>>,
    /// The configured bridges of Incus.
    pub bridges: Option<BTreeMap<String, BridgeState>>,
    /// Where the machine is not what the configuration says, up to [`Drift::SHOWN`] of a kind.
    pub drift: Vec<Drift>,
    /// How many of these there are; `None` where nothing was compared.
    pub drift_count: Option<usize>,
    /// What did not answer, and why.
    pub unanswered: Vec<String>,
}

/// The generation that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Running {
    /// Its name.
    pub id: String,
    /// When it began to run, in seconds since 1970.
    pub since: Option<u64>,
    /// How many seconds ago that was, by the clock now.
    pub age_s: Option<u64>,
    /// The login of whoever applied it; none for a boot, or `systemctl reload`.
    pub author: Option<String>,
    /// What the author said about it.
    pub message: Option<String>,
}

/// A change that is taken back unless it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Waiting {
    /// The generation that runs again then.
    pub instead: String,
    /// Whether the router confirms by itself once what worked before works again.
    pub auto: bool,
    /// How many seconds are left.
    pub left_s: u64,
}

/// The last apply of this boot.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Applied {
    /// How it ended; `None` while it goes on, and when it was killed.
    pub outcome: Option<Outcome>,
    /// When it began, in seconds since 1970.
    pub began: u64,
    /// How many seconds it took.
    pub seconds: f64,
}

/// The image that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Image {
    /// Its name; `None` where the loader could not be read.
    pub name: Option<ImageName>,
    /// What kind of boot this is.
    pub class: Class,
}

/// A VPP instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Instance {
    /// Its name.
    pub name: InstanceName,
    /// Whether the process that runs has the commands it is to have.
    pub configured: bool,
    /// The process that was given commands last.
    pub process: Option<i32>,
    /// Why it does not have its commands.
    pub failed: Option<String>,
    /// What it says of itself.
    pub vitals: Option<Vitals>,
}

/// A bridge of Incus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BridgeState {
    /// Whether it is there.
    pub exists: bool,
    /// Whether it is joined to VPP.
    pub joined: bool,
    /// Whether DHCP and DNS are served on it.
    pub served: bool,
}

impl From<&Bridge> for BridgeState {
    fn from(bridge: &Bridge) -> Self {
        Self {
            exists: bridge.is_there(),
            joined: bridge.enslaved,
            served: !bridge.dnsmasq.is_empty(),
        }
    }
}

/// A place where the machine is not what the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Drift {
    /// What differs: `nic external`, `frr`, `vpp core`.
    pub about: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub observed: String,
    /// How much that matters.
    pub weight: Weight,
}

impl Drift {
    /// How many are shown of FRR, and of each VPP.
    pub const SHOWN: usize = 20;
}

impl Report {
    /// Whether something is not as it should be that an operator has to see to.
    pub fn is_wrong(&self) -> bool {
        self.findings.iter().any(|it| it.weight == Weight::Wrong)
    }

    /// What a reader wants to be told of when it changes: everything but times and counters.
    pub fn gist(&self) -> String {
        let units: Vec<_> = self
            .units
            .iter()
            .flatten()
            .map(|unit| (&unit.name, &unit.active))
            .collect();
        let nics: Vec<_> = self
            .nics
            .iter()
            .flatten()
            .map(|port| {
                (
                    &port.name,
                    port.pci,
                    port.place,
                    port.carrier,
                    port.speed,
                    &port.claim,
                )
            })
            .collect();
        let vpp: Vec<_> = self
            .vpp
            .iter()
            .map(|instance| {
                (
                    &instance.name,
                    instance.configured,
                    instance.process,
                    instance.vitals.as_ref().map(Vitals::gist),
                )
            })
            .collect();
        let peers: Vec<_> = self
            .bgp
            .iter()
            .flatten()
            .map(|(address, peer)| (address, &peer.state))
            .collect();
        format!(
            "{:?}",
            (
                &self.findings,
                &self.verdict,
                self.generation.as_ref().map(|running| &running.id),
                &self.image,
                &self.boot,
                units,
                nics,
                vpp,
                peers,
                &self.ospf,
                &self.isis,
                &self.bridges,
            )
        )
    }
}
