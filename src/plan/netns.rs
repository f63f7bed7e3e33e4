//! The namespace of the dataplane.

use super::{Action, Input, Link, Place, Plan};
use crate::config::Model;
use crate::facts::netns::{NetnsFacts, Pin};
use crate::host::paths::{NETNS, NETNS_LINK};
use crate::types::{KernelName, NetnsName};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What `[dataplane]` asks of `imp-netns`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The namespace all forwarding happens in.
    pub namespace: NetnsName,
}

impl Input for Wanted {
    const STEP: &'static str = "netns";

    fn of(model: &Model) -> Self {
        Self {
            namespace: model.dataplane.namespace.clone(),
        }
    }
}

/// The namespace's sysctls, set before any device is in it. Without `keep_addr_on_down`, a link that goes down would lose
/// its IPv6 addresses and VPP's RA settings; router advertisements of neighbours must not become routes that VPP then
/// follows; asymmetric paths are normal on a router; and
/// without `promote_secondaries` the kernel removes with an address all others of its subnet, and VPP follows.
pub const SYSCTLS: [(&str, &str); 10] = [
    ("net/ipv6/conf/all/keep_addr_on_down", "1"),
    ("net/ipv6/conf/default/keep_addr_on_down", "1"),
    ("net/ipv6/conf/all/accept_ra", "0"),
    ("net/ipv6/conf/default/accept_ra", "0"),
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/arp_ignore", "1"),
    ("net/ipv4/conf/default/arp_ignore", "1"),
    ("net/ipv4/conf/all/promote_secondaries", "1"),
    ("net/ipv4/conf/default/promote_secondaries", "1"),
];

/// The namespace exists, is pinned where every process can see it, and has its sysctls set and lo up.
pub fn up(name: &NetnsName, facts: &NetnsFacts) -> Plan {
    let mut actions = Vec::new();
    if !facts.directory_shared {
        actions.push(Action::ShareMount {
            directory: NETNS.into(),
        });
    }
    if facts.pin == Pin::Placeholder {
        actions.push(Action::RemovePlaceholder { name: name.clone() });
    }
    if facts.pin != Pin::Pinned {
        actions.push(Action::CreateNetns { name: name.clone() });
    }
    let place = Place::Namespace(name.clone());
    for (key, value) in SYSCTLS {
        if facts.sysctls.get(key).is_none_or(|found| found != value) {
            actions.push(Action::SetSysctl {
                place: place.clone(),
                key: key.to_owned(),
                value: value.to_owned(),
            });
        }
    }
    if !facts.loopback_up {
        actions.push(Action::SetUp {
            link: Link {
                place,
                name: KernelName::loopback(),
            },
        });
    }
    if !facts.linked {
        actions.push(Action::Link {
            link: NETNS_LINK.into(),
            target: Path::new(NETNS).join(name.as_ref()),
        });
    }
    let mut plan = Plan::default();
    plan.add(format!("namespace '{name}'"), actions);
    plan
}

/// The name is removed. NICs still inside are moved to the host beforehand by [`super::nic::give_back`].
pub fn down(name: &NetnsName, facts: &NetnsFacts) -> Plan {
    let mut actions = match facts.pin {
        Pin::Absent => vec![],
        Pin::Placeholder => vec![Action::RemovePlaceholder { name: name.clone() }],
        Pin::Pinned => vec![Action::RemoveNetns { name: name.clone() }],
    };
    if facts.linked {
        actions.push(Action::RemoveFile {
            path: NETNS_LINK.into(),
        });
    }
    let mut plan = Plan::default();
    plan.add(format!("namespace '{name}'"), actions);
    plan
}
