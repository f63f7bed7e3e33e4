//! The VRFs in the namespace: FRR and the kernel know each by its device.

use crate::config::code;
use crate::facts::nic::{Nic, NicFacts};
use crate::plan::{Action, Link, Notice, Place, Plan};
use crate::render::Vrf;
use crate::types::{KernelName, NetnsName, VrfName};
use std::collections::BTreeMap;

/// Each VRF has its device with its table, up, and there is no other.
///
/// The table of one that exists cannot be changed: it is made again, and imp-vpp puts the devices into it that were in the old one.
/// A device of another kind under the same name is left alone and reported.
pub fn vrfs(wanted: &BTreeMap<VrfName, Vrf>, namespace: &NetnsName, facts: &NicFacts) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut notices = Vec::new();
    let link = |name: &KernelName| Link {
        place: Place::Namespace(namespace.clone()),
        name: name.clone(),
    };
    let table_of = |nic: &Nic| {
        let mut all = wanted.iter();
        all.find_map(|(name, vrf)| (KernelName::from(name) == nic.name).then_some(vrf.table))
    };
    for nic in facts.namespace.iter().filter(|nic| nic.table.is_some()) {
        if table_of(nic) != nic.table {
            let link = link(&nic.name);
            plan.add(format!("VRF '{}'", nic.name), vec![Action::DeleteLink { link }]);
        }
    }
    for (name, vrf) in wanted {
        let device = KernelName::from(name);
        let found = facts.namespace.iter().find(|nic| nic.name == device);
        let (link, table) = (link(&device), vrf.table);
        let make = || {
            vec![Action::CreateVrf {
                link: link.clone(),
                table,
            }]
        };
        let mut actions = match found {
            Some(nic) if nic.table.is_none() => {
                let text = format!("VRF '{name}': {nic} is in the way of its device; remove or rename it");
                notices.push(Notice::new(code::E0861, text));
                continue;
            }
            Some(nic) if nic.table == Some(table) && nic.up => continue,
            Some(nic) if nic.table == Some(table) => Vec::new(),
            _ => make(),
        };
        actions.push(Action::SetUp { link });
        plan.add(format!("VRF '{name}'"), actions);
    }
    (plan, notices)
}
